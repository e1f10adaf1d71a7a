#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of chainctl as its user would type it: text, JSON, exit codes, wrong calls."""

import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from chainctl import Home, Tap, chain, link, node, sample, script  # noqa: E402

TWO = chain("two", [script("say", "echo said $PARAM_TEXT\nprintf '%s' \"$PARAM_TEXT\" > \"$RESULT_ECHO\"\n", ["text"], ["echo"])],
            [node("first", "say", params={"text": "$(params.word)"}),
             node("second", "say", params={"text": "$(nodes.first.results.echo) again"})],
            [link("first", "second")],
            params=[{"name": "word", "type": "string", "default": "hello"}])


def test_usage(tap, home):
    help_ = home.run("--help")
    tap.check(help_.code == 0 and help_.err == "", "--help is data", help_)
    for name in ("validate compile layout export create delete list open run runs status logs cancel approvals approve "
                 "reject environments push-environment engine").split():
        done = home.run(name, "--help")
        tap.check(done.code == 0 and done.out.startswith(f"Usage: chainctl {name}") and "--output" in done.out
                  and f"\n  {name} " in help_.out, f"{name} --help", done)
    for call in ([], ["bogus"], ["--bogus"], ["validate"], ["list", "more"], ["list", "--output", "xml"], ["run"],
                 ["status"], ["export", sample("supplier-payment")], ["engine"], ["engine", "dance"],
                 ["export", sample("supplier-payment"), "-o", "x.gif"], ["list", "--namespace", "A b"],
                 ["--connection", "a", "--context", "b", "list"], ["create", "a", "b"]):
        done = home.run(*call)
        tap.check(done.code == 2 and done.out == "" and done.err.endswith("\n"), f"wrong: {' '.join(call)}", done)
    tap.check(home.run("--version").out.startswith("chainctl "), "--version")
    tap.check(not os.path.exists(home.socket), "none of this starts an engine")


def test_documents(tap, home):
    two = home.write("two.chain.json", TWO)
    before = open(two, "rb").read()
    done = home.run("validate", two, sample("supplier-payment"))
    tap.check(done.code == 0 and done.out.count(": valid\n") == 2 and done.err == "", "validate", done)
    broken = home.write("broken.chain.json", chain("broken", [], [node("a", "nothing"), node("b", "nothing")],
                                                    [link("a", "b"), link("b", "a")]))
    done = home.run("validate", two, broken)
    tap.check(done.code == 1 and f"{broken}: error: " in done.out, "validate tells problems", done)
    data = home.run("validate", two, broken, "--output", "json")
    items = data.json["items"]
    tap.check(data.code == 1 and [item["valid"] for item in items] == [True, False]
              and all(problem["severity"] and problem["code"] and problem["message"] for problem in items[1]["problems"]),
              "validate --output json", data)
    done = home.run("compile", two)
    tap.check(done.code == 0 and "kind: Pipeline" in done.out and "name: two-first" in done.out, "compile", done)
    data = home.json("compile", two)
    tap.equal(sorted((item["kind"], item["metadata"]["name"]) for item in data["items"]),
              [("ConfigMap", "two-design"), ("Pipeline", "two"), ("Task", "two-first"), ("Task", "two-second")],
              "compile --output json")
    tap.equal(home.run("compile", broken).code, 1, "compile refuses what is broken")
    done = home.run("layout", two)
    tap.check(done.code == 0 and "position" in json.loads(done.out)["nodes"][0] and open(two, "rb").read() == before,
              "layout prints", done)
    done = home.run("layout", two, "-i")
    tap.check(done.code == 0 and done.out == "" and "position" in json.load(open(two))["nodes"][0], "layout -i", done)
    for form, magic in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        path = home.path("picture." + form)
        done = home.run("export", two, "-o", path)
        tap.check(done.code == 0 and open(path, "rb").read().startswith(magic), f"export {form}", done)
    done = home.run("export", two, "-o", home.path("no", "folder", "x.svg"))
    tap.check(done.code == 1 and "x.svg" in done.err, "export to nowhere", done)
    tap.check(not os.path.exists(home.socket), "none of this starts an engine")


def test_creation(tap, home):
    two = home.write("two.chain.json", TWO)
    tap.equal(home.json("list"), {"items": []}, "list of nothing")
    tap.equal(home.json("runs"), {"items": []}, "runs of nothing")
    tap.equal(home.json("approvals"), {"items": []}, "approvals of nothing")
    for call in (["run", "two"], ["run", two], ["open", "two"], ["delete", "two"], ["status", "two-run-aaaaa"],
                 ["logs", "two-run-aaaaa"], ["cancel", "two-run-aaaaa"], ["approve", "nothing"], ["reject", "nothing"],
                 ["push-environment", "nothing"], ["status", "../two"], ["status", "two", "--watch"]):
        done = home.run(*call)
        tap.check(done.code == 1 and done.out == "" and len(done.err.splitlines()) in (1, 2), f"not there: {' '.join(call)}",
                  done)
    plan = home.json("create", two, "--dry-run")
    tap.check(plan["created"] is False and {t["action"] for t in plan["targets"]} == {"upload", "create"}
              and home.json("list")["items"] == [], "create --dry-run", plan)
    environments = home.json("environments")["items"]
    tap.equal([(item["id"], item["state"]) for item in environments], [("shell", "uploadable")], "environments")
    done = home.run("push-environment", "shell")
    tap.check(done.code == 0 and "@sha256:" in done.out, "push-environment", done)
    tap.equal(home.json("environments", two)["items"][0]["state"], "present", "environments after the upload")
    done = home.run("create", two)
    tap.check(done.code == 0 and "“two” is created" in done.out, "create", done)
    tap.equal({t["action"] for t in home.json("create", two)["targets"]}, {"keep"}, "create again")
    item = home.json("list")["items"][0]
    tap.check((item["name"], item["title"]) == ("two", "Chain two") and item["created"].endswith("Z"), "list", item)
    tap.check("two" in home.run("list").out, "list in text")
    opened = home.run("open", "two")
    tap.check(opened.code == 0 and json.loads(opened.out) == TWO, "open gives the document back", opened)


def test_runs(tap, home):
    started = home.json("run", "two", "--param", "word=hi")
    tap.check(started["name"].startswith("two-run-") and started["chain"] == "two", "run", started)
    run = started["name"]
    watched = home.run("status", run, "--watch", "--output", "json")
    last = watched.lines[-1]
    tap.check(watched.code == 0 and (last["name"], last["state"]) == (run, "succeeded") and last["done"] is True
              and [n["state"] for n in last["nodes"]] == ["succeeded"] * 2, "status --watch", watched)
    done = home.run("status", run)
    tap.check(done.code == 0 and "Node first" in done.out and "echo=hi again" in done.out, "status shows results", done)
    done = home.run("status", run, "--watch")
    tap.check(done.code == 0 and done.out.endswith(f"{run}: Succeeded\n"), "watching a finished run ends", done)
    tap.equal(home.logs(run), [("first", "Task", "said hi"), ("second", "Task", "said hi again")], "logs")
    tap.equal(home.logs(run, "second", "--follow"), [("second", "Task", "said hi again")], "logs of a node")
    done = home.run("logs", run)
    tap.equal(done.out, "== Node first › Task › run\nsaid hi\n== Node second › Task › run\nsaid hi again\n", "logs in text")
    done = home.run("logs", run, "third")
    tap.check(done.code == 1 and "third" in done.err, "logs of a node that is not there", done)
    done = home.run("run", home.write("two.chain.json", TWO), "--watch")
    tap.check(done.code == 0 and "said" not in done.out and done.out.rstrip().endswith("Succeeded"), "run FILE --watch", done)
    listed = home.json("runs", "two")["items"]
    tap.check(len(listed) == 2 and {item["state"] for item in listed} == {"succeeded"} and run in [i["name"] for i in listed],
              "runs", listed)
    tap.equal(home.json("runs", "another")["items"], [], "runs of another chain")
    for call, code, word in ((["run", "two", "--param", "word"], 2, "NAME=VALUE"), (["run", "two", "--param", "no=1"], 1, "no"),
                             (["cancel", run], 1, "ended")):
        done = home.run(*call)
        tap.check(done.code == code and word in done.err and done.out == "", f"refused: {' '.join(call)}", done)
    path = home.path("run.svg")
    done = home.run("export", home.path("two.chain.json"), "--run", run, "-o", path)
    tap.check(done.code == 0 and os.path.getsize(path) > 0, "export --run", done)
    return run


def test_deleted(tap, home, run):
    done = home.run("delete", "two")
    tap.check(done.code == 0 and home.json("list")["items"] == [], "delete", done)
    status = home.status(run)
    tap.equal((status.state, status.states), ("succeeded", {"first": "succeeded", "second": "succeeded"}),
              "status of a run whose chain was deleted")
    tap.equal([line[2] for line in home.logs(run)], ["said hi", "said hi again"], "its logs")
    tap.check(home.json("delete", "two", "--with-runs")["deleted"] > 0 and home.json("runs")["items"] == [],
              "delete --with-runs")
    tap.equal(home.run("status", run).code, 1, "now it is gone")


def test_cancel(tap, home):
    home.create(chain("slow", [script("wait", "echo begun\nsleep 300\n")], [node("a", "wait"), node("b", "wait")],
                      [link("a", "b")]))
    run = home.start_run("slow")
    home.wait_until(lambda: home.logs(run))
    watch, follow = home.start("status", run, "--watch"), home.start("logs", run, "--follow")
    interrupted = home.start("status", run, "--watch")
    line = interrupted.stdout.readline()
    interrupted.send_signal(signal.SIGINT)
    _, err = interrupted.communicate(timeout=10)
    tap.check(interrupted.returncode == 1 and "goes on" in err and line, "Ctrl-C leaves the run alone", err)
    tap.equal(home.status(run).states, {"a": "processing", "b": "waiting"}, "states while it runs")
    pipe = subprocess.run(f"'{home.chainctl}' logs {run} --follow | head -n 1", shell=True, env=home.environment, timeout=20,
                          capture_output=True, text=True)
    tap.check("Node a" in pipe.stdout, "a reader that has enough ends the writer", pipe)
    full = subprocess.run(f"'{home.chainctl}' status {run} > /dev/full", shell=True, env=home.environment, timeout=20,
                          capture_output=True, text=True)
    tap.check(full.returncode == 1 and "written" in full.stderr, "a full disk is told", full)
    tap.equal(home.json("cancel", run), {"name": run}, "cancel")
    out, err = watch.communicate(timeout=20)
    tap.check(watch.returncode == 1 and out.rstrip().endswith("Stopped"), "a cancelled run is not done", out + err)
    out, err = follow.communicate(timeout=20)
    tap.check(follow.returncode == 0 and "begun" in out, "following ends with the run", out + err)
    tap.equal(home.status(run).states, {"a": "cancelled", "b": "cancelled"}, "states in the end")


def test_engine_dies(tap, home):
    """Who watches starts the engine again, and sees the run to its end."""
    home.create(chain("lives", [script("wait", "echo begun\nsleep 2\necho ended\n")], [node("a", "wait"), node("b", "wait")],
                      [link("a", "b")]))
    run = home.start_run("lives")
    home.wait_until(lambda: home.logs(run))
    pid = home.engine_pid
    watch, follow = home.start("status", run, "--watch"), home.start("logs", run, "--follow")
    watch.stdout.readline()
    os.kill(pid, signal.SIGKILL)
    out, err = watch.communicate(timeout=60)
    tap.check(watch.returncode == 0 and out.rstrip().endswith("Succeeded") and "trying again" in err and "answers again" in err,
              "the engine dies while a run is watched", f"{watch.returncode}\n{out}\n{err}")
    out, err = follow.communicate(timeout=60)
    tap.check(follow.returncode == 0 and out.count("ended") == 2 and out.count("begun") == 2, "and while its log is followed", out + err)
    tap.check(home.engine_pid not in (0, pid), "another engine has taken over")


def test_engine(tap, home):
    status = home.json("engine", "status")
    tap.check(status["state"] == "running" and status["pid"] > 0 and status["socket"] == home.socket, "engine status", status)
    tap.check(str(status["pid"]) in home.run("engine", "status").out, "engine status in text")
    done = home.run("engine", "kubeconfig")
    tap.check(done.code == 0 and "current-context" in done.out, "engine kubeconfig", done)
    tap.equal(home.run("engine", "start").code, 0, "engine start when it runs")
    tap.equal(home.engine_pid, status["pid"], "is the same engine")
    tap.equal(home.run("engine", "stop").code, 0, "engine stop")
    status = home.json("engine", "status")
    tap.equal((status["state"], status["pid"], status["socket"]), ("stopped", 0, home.socket), "engine status when stopped")
    tap.equal(home.run("engine", "stop").code, 0, "engine stop when stopped")
    many = [home.start("list") for _ in range(6)]
    for process in many:
        process.communicate(timeout=30)
    tap.equal([process.returncode for process in many], [0] * 6, "six at once start one engine")
    engines = home.wait_until(lambda: len(home.processes()) == 1)
    tap.check(engines, "one engine stays", home.processes())


def main():
    tap = Tap()
    with Home(sys.argv[1]) as home:
        test_usage(tap, home)
        test_documents(tap, home)
        home.need_sandbox()
        test_creation(tap, home)
        run = test_runs(tap, home)
        test_deleted(tap, home, run)
        test_cancel(tap, home)
        test_engine_dies(tap, home)
        test_engine(tap, home)
    tap.end()


main()
