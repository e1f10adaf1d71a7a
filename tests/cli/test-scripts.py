#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that go wrong: each ends its node with a sentence that says why, the others go on, nothing is lost, and neither
memory nor disk fills."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from chainctl import Home, Tap, chain, is_sanitized, link, node, peak_kib, script  # noqa: E402

GIGABYTE = 1000 * 1000 * 1000

# node → (text, state, a word of the note, more of the node, results)
CASES = {
    "fails": ("echo told before\necho why >&2\nexit 7\n", "failed", "7", {}, ()),
    "killed": ("echo told before\nkill -9 $$\n", "failed", "kill", {}, ()),
    "signal": ("kill -SEGV $$\n", "failed", "", {}, ()),
    "late": ("echo told before\nsleep 300 & sleep 300\n", "timed-out", "", {"timeout": "1s"}, ()),
    "binary": ("head -c 100000 /dev/urandom\nprintf '\\033[31mred\\033[0m\\000end\\n'\n", "succeeded", None, {}, ()),
    "no-line-end": ("head -c 3000000 /dev/zero | tr '\\0' x\n", "succeeded", None, {}, ()),
    "no-result": ("true\n", "succeeded", None, {}, ("missing",)),
    "big-result": ("head -c 100000 /dev/zero | tr '\\0' x > \"$RESULT_BIG\"\n", "failed", "", {}, ("big",)),
    "good": ("echo good\n", "succeeded", None, {}, ()),
}


def test_cases(tap, home):
    scripts = [script(name, case[0], results=case[4]) for name, case in CASES.items()]
    scripts.append({**script("foreign", "print(1)\n"), "interpreter": "/usr/bin/no-python"})
    nodes = [node(name, name, **case[3]) for name, case in CASES.items()]
    use = script("use", "echo used\n", ["text"])
    nodes += [node("foreign", "foreign"), node("uses", "use", params={"text": "$(nodes.no-result.results.missing)"})]
    # "Depends on" nothing else, so that nothing is cut off by a failure elsewhere before it has begun.
    home.create(chain("wrong", scripts + [use], nodes, [link("no-result", "uses")]))
    before = time.monotonic()
    run = home.start_run("wrong")
    code, status = home.wait_run(run)
    tap.check(code == 1 and status.state == "failed" and status.data.get("note"), "the run fails, and says why", status.data.get("note"))
    tap.check(time.monotonic() - before < 30, "in good time", time.monotonic() - before)
    for name, (_, state, word, _, _) in CASES.items():
        found = status.nodes[name]
        tap.check(found["state"] == state and (word is None or found.get("note") and word.lower() in found["note"].lower()),
                  f"{name}: {state}", found)
        print(f"# {name}: {found.get('note', '')}")
    found = status.nodes["foreign"]
    tap.check(found["state"] == "failed" and "no-python" in str(found), "foreign: the interpreter that is missing is named", found)
    print(f"# foreign: {found.get('note', '')}")
    tap.check(status.states["uses"] in ("failed", "skipped"), "uses: a result that nobody wrote is not made up", status.nodes["uses"])
    for name in ("fails", "killed", "late"):
        tap.check("told before" in [text for _, _, text in home.logs(run, name)], f"{name}: what it wrote is kept")
    lines = home.logs(run, "binary")
    text = "".join(text for _, _, text in lines)
    tap.check("red" in text and "\x1b" not in text and "\0" not in text, "binary: the log is harmless", repr(text[-200:]))
    done = home.run("logs", run)
    tap.check(done.code == 0 and "\x1b" not in done.out and "good\n" in done.out, "the whole log is harmless")
    length = sum(len(text) for _, _, text in home.logs(run, "no-line-end"))
    tap.check(length > 0, "no-line-end: told", length)


def test_flood(tap, home):
    """A gigabyte: kept up to a limit, and nobody else has to wait."""
    home.create(chain("flood", [script("flood", f"yes | head -c {GIGABYTE}\necho the end >&2\n"), script("say", "echo said\n")],
                      [node("flood", "flood"), node("say", "say")]))
    run = home.start_run("flood")
    slowest = 0
    while not home.status(run).data["done"]:
        before = time.monotonic()
        home.json("list")
        slowest = max(slowest, time.monotonic() - before)
        time.sleep(0.1)
    status = home.status(run)
    tap.equal(status.states, {"flood": "succeeded", "say": "succeeded"}, "flood: the step ends")
    tap.check(slowest < 5, "flood: the engine answers in the meantime", slowest)
    pid = home.engine_pid
    peak = peak_kib(pid)
    tap.check(peak < (700_000 if is_sanitized(pid) else 100_000), "flood: the engine's memory is bounded", f"{peak} KiB")
    disk = sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(home.path("engine")) for name in names)
    tap.check(disk < 200_000_000, "flood: the log has a limit", disk)
    done = home.run("logs", run, "flood")
    tap.check(done.code == 0 and 1000 < len(done.out) < 200_000_000, "flood: what was kept is shown", len(done.out))
    tap.check(done.out.endswith("The log ends here: the step wrote more than is kept.\n"), "flood: that something is missing is told",
              done.out[-500:])
    print(f"# engine {peak} KiB, disk {disk} bytes, log {len(done.out)} bytes, slowest answer {slowest:.2f} s")


def main():
    tap = Tap()
    with Home(sys.argv[1]) as home:
        home.need_sandbox()
        test_cases(tap, home)
        test_flood(tap, home)
    tap.end()


main()
