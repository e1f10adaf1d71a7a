#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills chain-engine (-9) while a client gives it work: at moments after its start, and, where strace is there, in the
middle of a system call of its own. Whatever it has acknowledged must be there afterwards and come to its end; a step
that was recorded as finished must have run once.

    test-kill.py CHAIN-ENGINE SHELL-IMAGE
"""

import collections
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

MOMENTS = 30  # kills after a while
CALLS = 20  # kills in a system call
INJECTED = ["pwrite64", "fdatasync", "clone3", "openat", "unlink", "mkdir"]
IMAGE = "registry.example.org/environments/shell:1"
STARTING = 20  # seconds


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.socket = os.path.join(folder, "engine.sock")
        self.data = os.path.join(folder, "data")
        self.process = None

    def start(self, prefix=()):
        command = [self.program, "--data", self.data, "--socket", self.socket, "--idle-seconds", "0"]
        self.process = subprocess.Popen([*prefix, *command], stderr=subprocess.DEVNULL)

    def wait_until_ready(self):
        until = time.monotonic() + STARTING
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.ask("GET", "/version")[0] == 200:
                    return True
            except OSError:
                time.sleep(0.01)
        return False

    def ask(self, method, path, body=None, type="application/json"):
        connection = Connection(self.socket)
        headers = {} if body is None else {"Content-Type": type}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.status, response.headers, response.read()
        connection.close()
        return answer

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def push_image(engine, archive):
    with tarfile.open(archive) as tar:
        blobs = [tar.extractfile(member).read() for member in tar if member.name.startswith("blobs/") and member.isfile()]
    manifest = None
    for blob in blobs:
        if b'"layers":[' in blob[:4096]:
            manifest = blob
            continue
        digest = "sha256:" + hashlib.sha256(blob).hexdigest()
        status, headers, _ = engine.ask("POST", "/v2/environments/shell/blobs/uploads/", b"")
        assert status == 202, status
        location = headers["Location"]
        if location.startswith("http"):
            location = "/" + location.split("/", 3)[3]
        location += ("&" if "?" in location else "?") + "digest=" + digest
        status, _, text = engine.ask("PUT", location, blob, "application/octet-stream")
        assert status == 201, (status, text)
    status, _, text = engine.ask("PUT", "/v2/environments/shell/manifests/1", manifest,
                                 "application/vnd.oci.image.manifest.v1+json")
    assert status == 201, (status, text)


def make_task(name, after):
    script = ("#!/bin/sh\necho %s-began >> $(workspaces.w.path)/lines\nprintf %s > $(results.r.path)\n"
              "echo %s-ended >> $(workspaces.w.path)/lines\n" % (name, name, name))
    return {"name": name, "runAfter": after, "workspaces": [{"name": "w"}], "taskSpec": {
        "workspaces": [{"name": "w"}], "results": [{"name": "r"}],
        "steps": [{"name": "main", "image": IMAGE, "script": script}]}}


def make_run(name):
    tasks = [make_task("a", []), make_task("b", ["a"]), make_task("c", ["a"]), make_task("d", ["b", "c"])]
    return {"apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": {"name": name}, "spec": {
        "workspaces": [{"name": "w", "volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}],
        "pipelineSpec": {"workspaces": [{"name": "w"}], "tasks": tasks,
                         "results": [{"name": "r", "value": "$(tasks.d.results.r)"}]}}}


RUNS = "/apis/tekton.dev/v1/namespaces/default/pipelineruns"


def give_work(engine, prefix, acknowledged, count):
    """Creates runs until the engine is gone; remembers what it has said yes to."""
    for number in range(count):
        name = "%s-%d" % (prefix, number)
        try:
            status, _, body = engine.ask("POST", RUNS, json.dumps(make_run(name)).encode())
        except (OSError, http.client.HTTPException):
            return
        if status == 201:
            acknowledged[name] = json.loads(body)["metadata"]["uid"]


def condition(run):
    return next((c for c in run.get("status", {}).get("conditions", []) if c["type"] == "Succeeded"), {})


def judge_run(engine, name, run, strict):
    """Lenient where the supervisors of steps may have been killed too: a step is lost then, and said to be, but none
    runs twice."""
    path = os.path.join(engine.data, "workspaces", run["metadata"]["uid"], "w", "lines")
    lines = collections.Counter()
    if os.path.exists(path):
        with open(path) as file:
            lines.update(file.read().split())
    assert all(count == 1 for count in lines.values()), (name, lines)
    if not strict and condition(run)["reason"] == "Failed":
        return
    assert condition(run)["reason"] == "Succeeded", (name, condition(run))
    assert run["status"]["results"] == [{"name": "r", "value": "d"}], (name, run["status"])
    assert len(lines) == 8, (name, lines)


def judge(engine, acknowledged, strict):
    engine.start()
    assert engine.wait_until_ready(), "the engine does not start again"
    until = time.monotonic() + 90
    while True:
        status, _, body = engine.ask("GET", RUNS)
        assert status == 200, status
        runs = {run["metadata"]["name"]: run for run in json.loads(body)["items"]}
        if all(condition(run).get("status") in ("True", "False") for run in runs.values()):
            break
        assert time.monotonic() < until, "a run does not end: " + ", ".join(
            name for name, run in runs.items() if condition(run).get("status") not in ("True", "False"))
        time.sleep(0.05)
    for name, uid in acknowledged.items():
        assert name in runs, "the acknowledged run %s is lost" % name
        assert runs[name]["metadata"]["uid"] == uid, "%s is another object now" % name
    for name, run in runs.items():
        judge_run(engine, name, run, strict)
    output = subprocess.run([engine.program, "--data", engine.data, "--socket", engine.socket, "check"],
                            capture_output=True, text=True)
    assert output.returncode == 0, output.stdout + output.stderr
    return len(runs)


def kill_at_moments(engine, random_, acknowledged):
    for number in range(MOMENTS):
        engine.start()
        if engine.wait_until_ready():
            delay = random_.uniform(0, 0.25)
            until = time.monotonic() + delay
            give_work(engine, "m%d" % number, acknowledged, random_.randint(0, 3))
            time.sleep(max(0, until - time.monotonic()))
        engine.kill()


def kill_in_calls(engine, random_, acknowledged):
    for number in range(CALLS):
        call = INJECTED[number % len(INJECTED)]
        when = random_.randint(1, 12 if call == "clone3" else 60)
        engine.start(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                      "inject=%s:signal=KILL:when=%d" % (call, when)])
        if engine.wait_until_ready():
            give_work(engine, "c%d" % number, acknowledged, 3)
        until = time.monotonic() + 1
        while time.monotonic() < until and engine.process.poll() is None:
            time.sleep(0.01)
        if engine.process.poll() is None:
            kill_traced(engine)  # the call did not come as often as that
        engine.process.wait(timeout=60)  # until the last step that the tracer holds has ended


def kill_traced(engine):
    """The engine itself: the tracer's only child."""
    tracer = engine.process.pid
    try:
        with open("/proc/%d/task/%d/children" % (tracer, tracer)) as file:
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGKILL)
    except OSError:
        pass  # it ended by itself meanwhile


def main():
    program, archive = sys.argv[1:3]
    seed = int(os.environ.get("CHD_TEST_SEED", random.randrange(1 << 30)))
    random_ = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="chd-kill-")
    engine = Engine(program, folder)
    acknowledged = {}
    print("1..1\n# seed %d" % seed)
    try:
        engine.start()
        assert engine.wait_until_ready(), "the engine does not start"
        status = json.loads(subprocess.run([program, "--data", engine.data, "--socket", engine.socket, "--output", "json",
                                            "status"], capture_output=True, text=True).stdout)
        if status["sandbox"]["backend"] != "bubblewrap":
            print("ok 1 - what was acknowledged outlives the engine # SKIP no sandbox")
            return 0
        push_image(engine, archive)
        engine.kill()
        kill_at_moments(engine, random_, acknowledged)
        runs = judge(engine, acknowledged, True)
        engine.kill()
        if shutil.which("strace"):
            kill_in_calls(engine, random_, acknowledged)
            runs = judge(engine, acknowledged, False)
        print("# %d runs, %d of them acknowledged" % (runs, len(acknowledged)))
        print("ok 1 - what was acknowledged outlives the engine")
        return 0
    except AssertionError as error:
        print("not ok 1 - what was acknowledged outlives the engine\n# %s" % str(error).replace("\n", "\n# "))
        return 1
    finally:
        if engine.process is not None and engine.process.poll() is None:
            engine.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
