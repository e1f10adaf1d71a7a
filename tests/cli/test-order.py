#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs when: links, conditions, dependent and parallel work, before, after and on failure, approvals. Told by the
times of the lines that the steps write, and by the states of the nodes."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from chainctl import Home, Tap, chain, link, node, script  # noqa: E402

TWICE = "echo begin\nsleep 0.7\necho end\n"
SAY = script("say", "echo said \"$PARAM_TEXT\"\nprintf '%s' \"$PARAM_TEXT\" > \"$RESULT_ECHO\"\n", ["text"], ["echo"])


def shell(at, commands):
    return {"at": at, "interface": "shell", "params": {"commands": commands}}


class Spans:
    """When each part of each node has begun and ended, by its lines."""

    def __init__(self, home, run):
        self.times = {}
        for line in home.run("logs", run, "--output", "json").lines:
            if line["text"] in ("begin", "end"):
                self.times.setdefault((line["node"], line["part"].split(":")[0]), {})[line["text"]] = line["time"]

    def after(self, late, early):
        return self.times[late]["begin"] >= self.times[early]["end"]

    def together(self, a, b):
        return self.times[a]["begin"] < self.times[b]["end"] and self.times[b]["begin"] < self.times[a]["end"]


def test_order(tap, home):
    twice = script("twice", TWICE)
    commands = TWICE.replace("\n", "; ").rstrip("; ")
    work = [shell("work", commands)]
    home.create(chain("order", [twice], [
        node("a", "twice"), node("b", "twice"), node("c", "twice"),
        node("pipe-first", "twice", pipelines=work, execution={"mode": "dependent", "order": ["pipeline", "task"]}),
        node("task-first", "twice", pipelines=work, execution={"mode": "dependent", "order": ["task", "pipeline"]}),
        node("both", "twice", pipelines=work, execution={"mode": "parallel"}),
        node("around", "twice", pipelines=[shell("before", commands), shell("after", commands)])],
        [link("a", "c"), link("b", "c")]))
    run = home.start_run("order")
    code, status = home.wait_run(run)
    tap.equal((code, set(status.states.values())), (0, {"succeeded"}), "order: the run succeeds")
    spans = Spans(home, run)
    tap.check(spans.together(("a", "Task"), ("b", "Task")), "nodes without a link run at once", spans.times)
    tap.check(spans.after(("c", "Task"), ("a", "Task")) and spans.after(("c", "Task"), ("b", "Task")), "a join waits for both",
              spans.times)
    tap.check(spans.after(("pipe-first", "Task"), ("pipe-first", "Work")), "dependent: first the pipeline, then the task",
              spans.times)
    tap.check(spans.after(("task-first", "Work"), ("task-first", "Task")), "dependent: first the task, then the pipeline",
              spans.times)
    tap.check(spans.together(("both", "Work"), ("both", "Task")), "parallel: pipeline and task at once", spans.times)
    tap.check(spans.after(("around", "Task"), ("around", "Before")) and spans.after(("around", "After"), ("around", "Task")),
              "before, work, after", spans.times)


def test_conditions(tap, home):
    decide = script("decide", "printf '%s' \"$PARAM_TEXT\" > \"$RESULT_WAY\"\n", ["text"], ["way"])
    home.create(chain("branch", [decide, SAY], [
        node("decide", "decide", params={"text": "$(params.way)"}),
        node("left", "say", params={"text": "left"}), node("left-more", "say", params={"text": "more"}),
        node("right", "say", params={"text": "right"}), node("join", "say", params={"text": "joined"})],
        [link("decide", "left", "way", "left", "both"), link("decide", "right", "way", "right", "both"),
         link("left", "left-more"), link("left-more", "join"), link("right", "join")],
        params=[{"name": "way", "type": "string", "default": "left"}]))
    on, off = "succeeded", "skipped"
    for way, states in (("left", (on, on, off, on)), ("right", (off, off, on, on)), ("both", (on, on, on, on))):
        code, status = home.run_to_end("branch", "--param", f"way={way}")
        got = tuple(status.states[name] for name in ("left", "left-more", "right", "join"))
        tap.equal((code, got), (0, states), f"condition: {way}; what does not apply is skipped, the join goes on")


def test_values(tap, home):
    """What is typed arrives as it is: never as a part of a script."""
    home.create(chain("values", [SAY], [node("one", "say", params={"text": "$(params.text)"}),
                                        node("two", "say", params={"text": "$(nodes.one.results.echo)"})],
                      [link("one", "two")], params=[{"name": "text", "type": "string", "default": ""}]))
    for value in ("", "plain", "中文 é \U0001f600", "$(touch /tmp/x) `id` $HOME ${PATH} \"q\" 'q' \\ ; && |", "a\nb\tc", "x" * 3000,
                  "--help", "$(params.text)"):
        code, status = home.run_to_end("values", "--param", f"text={value}")
        tap.equal((code, status.results("one").get("echo"), status.results("two").get("echo")), (0, value, value),
                  f"a value arrives verbatim: {json.dumps(value[:40])}")


def test_failure(tap, home):
    fail = script("fail", "echo before the end\nexit 7\n")
    home.create(chain("failure", [fail, SAY], [
        node("bad", "fail", pipelines=[shell("on-failure", "echo cleaning")]),
        node("good", "say", params={"text": "x"}, pipelines=[shell("on-failure", "echo cleaning")]),
        node("next", "say", params={"text": "y"}),
        node("half", "say", params={"text": "z"}, pipelines=[shell("work", "exit 3")], execution={"mode": "parallel"})],
        [link("bad", "next")]))
    run = home.start_run("failure")
    code, status = home.wait_run(run)
    tap.equal((code, status.state, status.states), (1, "failed", {"bad": "failed", "good": "succeeded", "next": "skipped", "half": "failed"}),
              "failure: a node fails when one of its parts does; the others go on to their end")
    lines = [line[:1] + line[2:] for line in home.logs(run)]
    tap.check(("bad", "cleaning") in lines and ("good", "cleaning") not in lines, "on failure runs where it failed", lines)
    tap.check(("bad", "before the end") in lines and "7" in status.nodes["bad"]["note"], "what it wrote and its exit code are told",
              status.nodes["bad"])
    tries = script("tries", "echo try\n[ -e \"$HOME/never\" ]\n")
    home.create(chain("again", [tries, SAY], [node("a", "tries", retries=2), node("b", "say", params={"text": "x"})],
                      [link("a", "b")]))
    code, status = home.run_to_end("again")
    tap.equal((code, status.states["a"], status.nodes["a"]["parts"][0]["attempt"]), (1, "failed", 3), "failure: tried three times")


def test_approvals(tap, home):
    ask = {"at": "before", "interface": "approval", "params": {"approvers": ["bob"], "description": "Go on?"}}
    home.create(chain("ask", [SAY], [node("a", "say", params={"text": "a"}, pipelines=[ask], unit="finance"),
                                     node("b", "say", params={"text": "b"})], [link("a", "b")]))
    run = home.start_run("ask")
    item = home.wait_approval(run)
    tap.check(item["node"] == "a" and item["pending"] == ["bob"] and "Go on?" in item["description"] and item["chain"] == "ask",
              "approval: listed", item)
    text = home.run("approvals").out
    tap.check(item["name"] in text and "bob" in text, "approval: listed in text", text)
    tap.equal(home.status(run).states, {"a": "awaiting-approval", "b": "waiting"}, "approval: the node waits for a person")
    answer = home.json("reject", item["name"], "--message", "No budget “now”", "--as", "bob")
    tap.equal((answer["name"], answer["run"]), (item["name"], run), "approval: reject")
    code, status = home.wait_run(run)
    tap.equal((code, status.state, status.states), (1, "rejected", {"a": "rejected", "b": "skipped"}),
              "approval: rejected is not failed")
    tap.check("No budget “now”" in status.nodes["a"]["note"], "approval: with the reason", status.nodes["a"])
    text = home.run("status", run).out
    tap.check("Rejected" in text and "Failed" not in text, "approval: in words too", text)
    again = home.run("approve", item["name"], "--as", "bob")
    tap.check(again.code == 1 and again.err, "approval: answered once only", again)
    run = home.start_run("ask")
    done = home.run("approve", home.wait_approval(run)["name"], "-m", "fine", "--as", "bob")
    tap.check(done.code == 0 and done.out.endswith("was approved.\n"), "approval: approve", done)
    tap.equal(home.wait_run(run)[0], 0, "approval: the run goes on")
    run = home.start_run("ask")
    item = home.wait_approval(run)
    home.json("cancel", run)
    tap.equal(home.wait_run(run)[1].state, "cancelled", "approval: a run that waits can be stopped")
    tap.equal([a for a in home.json("approvals")["items"] if a["run"] == run], [], "approval: then nobody is asked")


def main():
    tap = Tap()
    with Home(sys.argv[1]) as home:
        home.need_sandbox()
        test_order(tap, home)
        test_conditions(tap, home)
        test_values(tap, home)
        test_failure(tap, home)
        test_approvals(tap, home)
    tap.end()


main()
