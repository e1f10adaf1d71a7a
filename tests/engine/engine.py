# SPDX-License-Identifier: GPL-3.0-or-later
"""A chain-engine process of its own, and requests to it over its socket. For the tests beside this file."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SECONDS = 20


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=SECONDS)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.data = response.read()
        self.type = response.headers.get("Content-Type", "")

    @property
    def json(self):
        return json.loads(self.data)


class Engine:
    def __init__(self, program, *options):
        self.program = program
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="chd-engine-")
        self.data = os.path.join(self.folder, "data")
        self.socket = os.path.join(self.folder, "run", "engine.sock")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, "--data", self.data, "--socket", self.socket, "--idle-seconds", "0",
                                         *self.options])
        deadline = time.monotonic() + SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the engine does not start")
            time.sleep(0.01)

    def answers(self):
        try:
            return self.request("GET", "/readyz").status == 200
        except OSError:
            return False

    def command(self, *arguments):
        return subprocess.run([self.program, "--data", self.data, "--socket", self.socket, *arguments],
                              capture_output=True, text=True, timeout=SECONDS)

    def request(self, method, path, body=None, **headers):
        """Keyword arguments are headers, '_' standing for '-'."""
        connection = UnixConnection(self.socket)
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            if body is not None and not isinstance(body, (str, bytes)):
                body = json.dumps(body)
                fields.setdefault("Content-Type", "application/json")
            if isinstance(body, str):
                body = body.encode()
            connection.request(method, path, body, fields)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def watch(self, path):
        """Opens a watch; iterate over it for the events."""
        connection = UnixConnection(self.socket)
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        return Watch(connection, response)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise SystemExit("the engine does not end")
        status = self.process.returncode
        shutil.rmtree(self.folder, ignore_errors=True)
        if status not in (0, -signal.SIGKILL):
            raise SystemExit(f"the engine ended with {status}")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.end()


class Watch:
    def __init__(self, connection, response):
        self.connection = connection
        self.response = response

    def __iter__(self):
        return self

    def __next__(self):
        line = self.response.readline()
        if not line:
            raise StopIteration
        return json.loads(line)

    def take(self, n):
        return [next(self) for _ in range(n)]

    def close(self):
        self.connection.close()


class Tap:
    """Results in the Test Anything Protocol."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def check(self, ok, what, details=""):
        self.n += 1
        if not ok:
            self.failed += 1
            for line in str(details).splitlines():
                print("#", line)
        print("ok" if ok else "not ok", self.n, "-", what, flush=True)
        return ok

    def equal(self, got, wanted, what):
        return self.check(got == wanted, what, f"got    {got!r}\nwanted {wanted!r}")

    def end(self):
        print(f"1..{self.n}")
        sys.exit(1 if self.failed else 0)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def shared(relative):
    path = os.path.join(os.environ.get("CHD_SHARED_DIR", ""), relative)
    if not os.path.exists(path):
        skip_all("the shared data is not there")
    return path
