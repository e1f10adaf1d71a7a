#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating is exactly once: chainctl is killed at each of its requests, two create at once, names collide, somebody else
has changed an object. In the end the engine has what the document says, nothing twice, nothing overwritten."""

import json
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from chainctl import Home, Tap, UnixConnection, Wire, chain, link, node, sample, script  # noqa: E402

SAY = script("say", "echo said\n")
THREE = chain("three", [SAY], [
    node("a", "say"), node("b", "say", pipelines=[{"at": "before", "interface": "wait", "params": {"duration": "1s"}}]),
    node("c", "say")], [link("a", "b"), link("b", "c")])
OBJECTS = {"configmaps/three-design", "pipelines/three", "pipelines/three-b-before", "tasks/three-a", "tasks/three-b",
           "tasks/three-c"}


class WiredHome(Home):
    """chainctl speaks through a wire that can be cut."""

    def __enter__(self):
        super().__enter__()
        self.run("engine", "start")
        self.wire = Wire(self.path("wire"), self.socket)
        return self

    def __exit__(self, *exception):
        self.wire.close()
        super().__exit__(*exception)

    def create_wired(self, path):
        del self.wire.requests[:]
        return self.start("create", path, "--output", "json", CHD_ENGINE_SOCKET=self.wire.path)

    def finish(self, process):
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


def count_writes(tap, chainctl):
    with WiredHome(chainctl) as home:
        path = home.write("three.chain.json", THREE)
        code, out, err = home.finish(home.create_wired(path))
        tap.check(code == 0 and set(home.everything()) == OBJECTS, "nothing fails: what is made", out + err)
        writes = home.wire.writes()
        before = home.everything()
        code, out, err = home.finish(home.create_wired(path))
        tap.check(code == 0 and {t["action"] for t in json.loads(out)["targets"]} == {"keep"}, "again: nothing to do", out + err)
        tap.equal(home.wire.writes(), [], "again: nothing is written, no blob is sent")
        tap.equal(home.everything(), before, "again: every object as it was")
        return writes


def test_kill(tap, chainctl, n, verdict, request):
    """At the n-th write, which never arrives ("drop") or whose answer is lost ("lose")."""
    with WiredHome(chainctl) as home:
        path = home.write("three.chain.json", THREE)
        killed = []

        def cut(_, method, at):
            if not home.wire.is_write(method, at):
                return None
            if len(home.wire.writes()) != n:
                return "drop" if killed else None
            process.send_signal(signal.SIGKILL)
            killed.append(True)
            return verdict

        home.wire.on_request = cut
        process = home.create_wired(path)
        code, _, _ = home.finish(process)
        # What is on its way to the engine arrives before the next begins, as far as a test can tell.
        time.sleep(0.05)
        before = home.everything()
        home.wire.on_request = None
        again, out, err = home.finish(home.create_wired(path))
        after = home.everything()
        lost = [name for name in before if before[name][0] != after.get(name, (None,))[0]]
        name = f"killed at write {n} ({request[0]} {request[1].split('?')[0].rsplit('/', 1)[-1][:24]}, {verdict})"
        ok = code == -signal.SIGKILL and again == 0 and set(after) == OBJECTS and not lost
        home.finish(home.create_wired(path))
        tap.check(ok and home.wire.writes() == [] and home.everything() == after, name,
                  f"{code} {again} {set(after) ^ OBJECTS} {lost} {home.wire.writes()}\n{out}{err}")


def test_random_kills(tap, chainctl):
    """The large sample, at any time; as often as it takes."""
    seed = int(os.environ.get("CHD_TEST_SEED", "7"))
    chance = random.Random(seed)
    with WiredHome(chainctl) as home:
        path = sample("supplier-payment")
        seen = {}
        for attempt in range(30):
            process = home.create_wired(path)
            try:
                process.wait(chance.uniform(0.005, 0.12) * (1 + attempt / 5))
            except TimeoutError:
                pass
            except Exception:  # subprocess.TimeoutExpired
                process.kill()
            code, _, _ = home.finish(process)
            now = home.everything()
            moved = [name for name in seen if now.get(name, (None,))[0] != seen[name]]
            if moved:
                break
            seen = {name: uid for name, (uid, _) in now.items()}
            if code == 0:
                break
        tap.check(not moved, f"seed {seed}: what a killed one has made stays", moved)
        code, out, err = home.finish(home.create_wired(path))
        tap.check(code == 0 and len(home.everything()) == 18, f"seed {seed}: in the end all is there after {attempt + 1} attempts", out + err)


def test_interrupt(tap, chainctl):
    with WiredHome(chainctl) as home:
        path = home.write("three.chain.json", THREE)
        told = []

        def interrupt(_, method, __):
            if method == "PATCH" and not told:
                told.append(True)
                process.send_signal(signal.SIGINT)

        home.wire.on_request = interrupt
        process = home.create_wired(path)
        code, out, err = home.finish(process)
        tap.check(code == 1 and "Interrupted." in err, "Ctrl-C: ends, and says so", f"{code}\n{out}{err}")
        home.wire.on_request = None
        code, out, err = home.finish(home.create_wired(path))
        tap.check(code == 0 and set(home.everything()) == OBJECTS, "Ctrl-C: then it is resumed", out + err)


def test_lost_answers(tap, chainctl, writes):
    """The answer of each write is lost once, and the program goes on."""
    with WiredHome(chainctl) as home:
        path = home.write("three.chain.json", THREE)
        lost = set()

        def lose(_, method, at):
            if method in ("PATCH", "POST", "PUT", "DELETE") and "/v2/" not in at and at not in lost:
                lost.add(at)
                return "lose"
            return None

        home.wire.on_request = lose
        code, out, err = home.finish(home.create_wired(path))
        made = home.everything()
        home.wire.on_request = None
        again, out2, err2 = home.finish(home.create_wired(path))
        after = home.everything()
        tap.check(lost and again == 0 and set(after) == OBJECTS and all(after[name][0] == uid for name, (uid, _) in made.items()),
                  f"the answers of {len(lost)} writes are lost: nothing is made twice", f"{code} {again}\n{out}{err}\n{out2}{err2}")


def test_two_at_once(tap, home):
    path = home.write("three.chain.json", THREE)
    both = [home.start("create", path) for _ in range(3)]
    ends = [process.communicate(timeout=60) for process in both]
    tap.check(all(process.returncode == 0 for process in both), "three create the same at once", ends)
    tap.equal(set(home.everything()), OBJECTS, "and it is there once")
    tap.equal({t["action"] for t in home.json("create", path)["targets"]}, {"keep"}, "as the document says")


def send(home, method, path, body, kind="application/json"):
    connection = UnixConnection(home.socket)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_collision(tap, home):
    """Target names of two chains can be the same: pay + a-b, pay-a + b."""
    home.create(chain("pay", [SAY], [node("a-b", "say"), node("c", "say")]))
    before = home.everything()
    other = home.write("other.chain.json", chain("pay-a", [script("say", "echo other\n")], [node("b", "say"), node("c", "say")]))
    done = home.run("create", other, "--output", "json")
    states = {t["name"]: t["state"] for t in done.json["targets"]} if done.out else {}
    tap.check(done.code == 1 and states.get("pay-a-b") == "conflict" and "“pay”" in done.err, "colliding names: a conflict", done)
    now = home.everything()
    tap.equal({name: now.get(name) for name in before}, before, "colliding names: nothing of the other chain is touched")
    done = home.run("delete", "pay-a")
    tap.equal({name: home.everything().get(name) for name in before}, before, "deleting the one leaves the other")
    done = home.run("create", home.write("design.chain.json", chain("foreign", [SAY], [node("a", "say"), node("b", "say")])), "--dry-run")
    tap.check(done.code == 0, "a plan", done)
    send(home, "POST", "/apis/tekton.dev/v1/namespaces/default/tasks",
         {"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "foreign-a"},
          "spec": {"steps": [{"name": "x", "image": "mine", "script": "echo mine"}]}})
    before = home.everything()["tasks/foreign-a"]
    done = home.run("create", home.path("design.chain.json"))
    tap.check(done.code == 1 and "someone else" in done.err and home.everything()["tasks/foreign-a"] == before,
              "an object of somebody else is left alone", done)
    done = home.run("create", home.path("design.chain.json"), "--dry-run")
    tap.check("someone else" in done.out + done.err, "the plan tells it", done)


def test_changed_elsewhere(tap, home):
    path = home.write("three.chain.json", THREE)
    home.json("create", path)
    status, answer = send(home, "PATCH", "/apis/tekton.dev/v1/namespaces/default/tasks/three-a?fieldManager=engineer",
                          [{"op": "replace", "path": "/spec/steps/0/script", "value": "echo by hand\n"}], "application/json-patch+json")
    tap.equal(status, 200, "changed elsewhere: an engineer edits a task")
    before = home.everything()
    done = home.run("create", path, "--output", "json")
    states = {t["name"]: t["state"] for t in done.json["targets"]} if done.out else {}
    tap.check(done.code == 1 and states.get("three-a") == "conflict" and home.everything()["tasks/three-a"] == before["tasks/three-a"],
              "changed elsewhere: a conflict, not overwritten", done)


def test_update(tap, home):
    """What the document no longer has goes; what is the same stays."""
    home.run("delete", "three")
    home.json("create", home.write("three.chain.json", THREE))
    before = home.everything()
    changed = {**THREE, "nodes": [THREE["nodes"][0], node("d", "say")], "links": [link("a", "d")]}
    plan = home.json("create", home.write("changed.chain.json", changed), "--dry-run")
    actions = {t["name"]: t["action"] for t in plan["targets"]}
    # Each object tells of which state of the document it is.
    tap.equal((actions["three-a"], actions["three-d"], actions["three-b"], actions["three-c"], actions["three"]),
              ("update", "create", "delete", "delete", "update"), "update: the plan")
    home.json("create", home.path("changed.chain.json"))
    after = home.everything()
    names = {name for name in after if name.split("/")[1].startswith("three")}
    tap.equal((names, after["tasks/three-a"][0]),
              ({"configmaps/three-design", "pipelines/three", "tasks/three-a", "tasks/three-d"}, before["tasks/three-a"][0]),
              "update: new, changed and gone")


def main():
    tap = Tap()
    chainctl = sys.argv[1]
    writes = count_writes(tap, chainctl)
    for n, request in enumerate(writes, 1):
        for verdict in ("drop", "lose"):
            test_kill(tap, chainctl, n, verdict, request)
    test_random_kills(tap, chainctl)
    test_interrupt(tap, chainctl)
    test_lost_answers(tap, chainctl, writes)
    with Home(chainctl) as home:
        test_two_at_once(tap, home)
        test_collision(tap, home)
        test_changed_elsewhere(tap, home)
        test_update(tap, home)
    tap.end()


main()
