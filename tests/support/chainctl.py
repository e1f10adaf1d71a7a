# SPDX-License-Identifier: GPL-3.0-or-later
"""chainctl and an engine in a private home, documents made by a few words, and a tap on the wire between the two."""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engine"))
from engine import Tap, UnixConnection, shared, skip_all  # noqa: E402,F401

SECONDS = 60
DATA = os.environ.get("CHD_DATA_DIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data")
SAMPLES = os.path.join(DATA, "samples")


class Done:
    """How a command ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        # Other characters that Python takes for line ends may stand in a line.
        return [json.loads(line) for line in self.out.rstrip("\n").split("\n") if line]

    def __str__(self):
        return f"code {self.code}\n{self.out[-4000:]}\n{self.err[-4000:]}"


class Home:
    """A home with chainctl in it. Leaving it ends the engine, and nothing may be left."""

    def __init__(self, chainctl):
        # Short: the path of a socket has its limit.
        self.folder = tempfile.mkdtemp(prefix="chd-cli-")
        self.chainctl = os.path.abspath(chainctl)
        self.socket = os.path.join(self.folder, "run", "engine.sock")
        self.environment = {**os.environ, "HOME": self.folder, "CHD_ENGINE_SOCKET": self.socket,
                            "CHD_ENGINE_DATA": os.path.join(self.folder, "engine"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "KUBECONFIG", "LANGUAGE"):
            self.environment.pop(name, None)
        for name in ("DATA", "CONFIG", "CACHE", "STATE"):
            self.environment[f"XDG_{name}_HOME"] = os.path.join(self.folder, name.lower())
        self.environment["XDG_RUNTIME_DIR"] = os.path.join(self.folder, "run")
        os.mkdir(self.environment["XDG_RUNTIME_DIR"], 0o700)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.run("engine", "stop")
        left = self.wait_until(lambda: not self.processes(), 10)
        processes = self.processes()
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        if kind is None and not left:
            raise SystemExit(f"processes are left: {processes}")

    def processes(self):
        """Those of this home: its socket stands in their environment, or its folder in their command line."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    text = file.read()
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    text += file.read()
            except OSError:
                continue
            if self.folder.encode() in text and int(pid) != os.getpid():
                found.append(int(pid))
        return found

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, what):
        """A file of the home: a document, text or bytes."""
        path = self.path(name)
        if isinstance(what, dict):
            what = json.dumps(what, ensure_ascii=False, indent=2)
        with open(path, "wb") as file:
            file.write(what if isinstance(what, bytes) else what.encode())
        return path

    def start(self, *arguments, **environment):
        return subprocess.Popen([self.chainctl, *arguments], env={**self.environment, **environment}, text=True,
                                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments, seconds=SECONDS, **environment):
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise SystemExit(f"chainctl {' '.join(arguments)} takes longer than {seconds} s\n{out[-2000:]}\n{err[-2000:]}")
        return Done(process.returncode, out, err)

    def json(self, *arguments, **environment):
        done = self.run(*arguments, "--output", "json", **environment)
        if done.code != 0:
            raise SystemExit(f"chainctl {' '.join(arguments)}: {done}")
        return done.json

    def ask(self, path, socket_path=None):
        """A GET on the engine's socket."""
        connection = UnixConnection(socket_path or self.socket)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def objects(self, plural, group="tekton.dev/v1"):
        prefix = "/api/v1" if group == "v1" else f"/apis/{group}"
        return self.ask(f"{prefix}/namespaces/default/{plural}")["items"]

    def everything(self):
        """What a creation makes: kind/name → (uid, resourceVersion)."""
        return {f"{kind}/{item['metadata']['name']}": (item["metadata"]["uid"], item["metadata"]["resourceVersion"])
                for kind, group in (("pipelines", "tekton.dev/v1"), ("tasks", "tekton.dev/v1"), ("configmaps", "v1"))
                for item in self.objects(kind, group)}

    @property
    def engine_pid(self):
        return self.json("engine", "status")["pid"]

    def need_sandbox(self):
        """Steps run under bubblewrap; where that is forbidden there is nothing to test."""
        self.run("list")
        problem = self.json("engine", "status").get("sandbox", {}).get("problem")
        if problem:
            self.__exit__(None)
            skip_all("no sandbox: " + problem.replace("\n", " "))

    def create(self, document, name="chain.chain.json"):
        """Creates a chain of which the test says only what matters."""
        done = self.run("create", self.write(name, document))
        if done.code != 0:
            raise SystemExit(f"create: {done}")
        return document["name"]

    def start_run(self, chain, *arguments):
        return self.json("run", chain, *arguments)["name"]

    def wait_run(self, run, seconds=SECONDS):
        """(exit code of the watch, the last state)"""
        done = self.run("status", run, "--watch", "--output", "json", seconds=seconds)
        if not done.out:
            raise SystemExit(f"status {run}: {done}")
        return done.code, Status(done.lines[-1])

    def run_to_end(self, chain, *arguments, seconds=SECONDS):
        return self.wait_run(self.start_run(chain, *arguments), seconds)

    def status(self, run):
        return Status(self.json("status", run))

    def logs(self, run, *arguments):
        """The lines of the steps, each as (node, part, text)."""
        done = self.run("logs", run, *arguments, "--output", "json")
        return [(line["node"], line["part"], line["text"]) for line in done.lines]

    @staticmethod
    def wait_until(condition, seconds=SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            result = condition()
            if result or time.monotonic() > deadline:
                return result
            time.sleep(0.02)

    def wait_approval(self, run, node=None):
        """The approval that the run asks for next."""
        def find():
            return [item for item in self.json("approvals")["items"]
                    if item["run"] == run and (node is None or item["node"] == node)]
        return self.wait_until(find)[0]


class Status:
    """The state of a run as "status --output json" has it."""

    def __init__(self, data):
        self.data = data
        self.name, self.state = data["name"], data["state"]
        self.nodes = {node["id"]: node for node in data["nodes"]}
        self.states = {name: node["state"] for name, node in self.nodes.items()}

    def results(self, node):
        return {name: value for part in self.nodes[node]["parts"] for name, value in part.get("results", {}).items()}


# Documents.

def script(identifier, text, params=(), results=()):
    return {"id": identifier, "title": identifier.capitalize(), "interpreter": "/bin/sh", "text": text,
            "params": [{"name": name, "type": "string"} for name in params],
            "results": [{"name": name, "type": "string"} for name in results]}


def node(identifier, script_id=None, *, unit="group", params=None, pipelines=(), **more):
    made = {"id": identifier, "title": f"Node {identifier}", "unit": unit}
    if pipelines:
        made["pipelines"] = list(pipelines)
    if script_id is not None:
        made["task"] = {"script": script_id, "environment": "shell", **({"params": params} if params else {}),
                        "retries": more.pop("retries", 0)}
        if "timeout" in more:
            made["task"]["timeout"] = more.pop("timeout")
    made.update(more)
    return made


def link(source, target, result=None, *values):
    made = {"from": source, "to": target}
    if result is not None:
        made["condition"] = {"result": result, "operator": "in", "values": list(values)}
    return made


def chain(name, scripts, nodes, links=(), **more):
    return {"format": "chain-designer/1", "name": name, "title": f"Chain {name}", "owner": "group",
            "organisation": {"title": "Group", "units": [
                {"id": "group", "title": "Group", "level": "group", "lead": "alice"},
                {"id": "finance", "title": "Finance", "level": "department", "parent": "group", "lead": "bob"}]},
            "scripts": list(scripts), "nodes": list(nodes), "links": list(links), **more}


def sample(name):
    return os.path.join(SAMPLES, name + ".chain.json")


# The wire.

class Wire:
    """Stands between chainctl and the engine and notes each request; `on_request(n, method, path)` may say "drop" (it
    never arrives) or "lose" (it arrives, the answer is lost)."""

    REQUEST = re.compile(rb"(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+) HTTP/1\.1\r\n")

    def __init__(self, path, upstream):
        self.path, self.upstream = path, upstream
        self.requests = []
        self.on_request = None
        self.lock = threading.Lock()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def note(self, data):
        verdict = None
        for match in self.REQUEST.finditer(data):
            method, path = match.group(1).decode(), match.group(2).decode()
            with self.lock:
                self.requests.append((method, path))
                if self.on_request is not None:
                    verdict = self.on_request(len(self.requests), method, path) or verdict
        return verdict

    def carry(self, client):
        engine = socket.socket(socket.AF_UNIX)
        state = {"lose": False}

        def back():
            with contextlib.suppress(OSError):
                while (data := engine.recv(65536)) and not state["lose"]:
                    client.sendall(data)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

        with contextlib.suppress(OSError):
            engine.connect(self.upstream)
            threading.Thread(target=back, daemon=True).start()
            while data := client.recv(65536):
                verdict = self.note(data)
                if verdict == "drop":
                    break
                state["lose"] = state["lose"] or verdict == "lose"
                engine.sendall(data)
        for end in (client, engine):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def is_write(method, path):
        """A review is a question that is asked by POST."""
        return method not in ("GET", "HEAD") and not path.endswith("reviews")

    def writes(self):
        return [request for request in self.requests if self.is_write(*request)]

    def close(self):
        self.server.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)


def cpu_seconds(pid):
    """User and system time of a process, children that it waited for not counted."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def peak_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))


def is_sanitized(pid):
    """The address sanitizer keeps freed memory for a while, some hundred megabytes of it."""
    with open(f"/proc/{pid}/maps") as file:
        return "libasan" in file.read()
