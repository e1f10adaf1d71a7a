#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of the shipped interfaces, run with what the shipped environment has: busybox and nothing else."""

import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

try:
    import yaml
except ImportError:
    print("1..0 # SKIP PyYAML is not installed")
    sys.exit(0)

INTERFACES = pathlib.Path(os.environ["CHD_DATA_DIR"]) / "interfaces"


class Server(http.server.BaseHTTPRequestHandler):
    seen = []

    def answer(self, code, body):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        Server.seen.append(("GET", self.path, self.headers.get("X-Test"), b""))
        self.answer(404 if self.path == "/missing" else 200, b"hello")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Server.seen.append(("POST", self.path, self.headers.get("Content-Type"), body))
        self.answer(200, b"x" * 5000)

    def log_message(self, *arguments):
        pass


class Runner:
    def __init__(self, busybox, folder):
        self.busybox = busybox
        self.folder = pathlib.Path(folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        subprocess.run([busybox, "--install", "-s", str(self.bin)], check=True)

    def run(self, interface, **params):
        """Runs the interface's only step; params left out have their default. Returns exit code, output, results."""
        spec = yaml.safe_load((INTERFACES / f"{interface}.yaml").read_text())["spec"]
        values = {p["name"]: params.get(p["name"], p.get("default")) for p in spec["params"]}
        task = spec["tasks"][0]["taskSpec"]
        step = task["steps"][0]
        files = {r["name"]: self.folder / f"result-{r['name']}" for r in task.get("results", [])}
        for path in files.values():
            path.unlink(missing_ok=True)
        env = {"PATH": str(self.bin), "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        for entry in step.get("env", []):
            word = entry["value"][2:-1].split(".")
            env[entry["name"]] = str(files[word[1]]) if word[0] == "results" else values[word[1]]
        arguments = [v for a in step.get("args", []) for v in values[a[len("$(params."):-len("[*])")]]]
        script = self.folder / "script"
        script.write_text(step["script"])
        done = subprocess.run([self.busybox, "sh", str(script), *arguments], env=env, capture_output=True, timeout=60)
        results = {name: path.read_text() for name, path in files.items() if path.exists()}
        return done.returncode, (done.stdout + done.stderr).decode(), results


def test_data_check(runner, url):
    for value, how, threshold, verdict in (("5", "at-most", "5", "ok"), ("5.01", "at-most", "5", "violated"),
                                           ("10", "at-least", "9", "ok"), ("-1", "below", "0", "ok"),
                                           ("10", "above", "9.5", "ok"), ("1.0", "equal", "1", "ok")):
        code, _, results = runner.run("data-check", value=value, comparison=how, threshold=threshold)
        assert results == {"verdict": verdict}, (value, how, threshold, results)
        assert code == (0 if verdict == "ok" else 1)
    assert runner.run("data-check", value="2", threshold="1", otherwise="report")[0] == 0
    for bad in ("", "12,5", "1e9; rm -rf /", "$(id)", "1\n2"):
        code, output, results = runner.run("data-check", value=bad, threshold="1")
        assert code == 2 and "no number" in output and not results, (bad, code, output)


def test_wait(runner, url):
    assert runner.run("wait", duration="0s")[0] == 0
    assert runner.run("wait", duration="0h0m1s")[0] == 0
    for bad in ("", "1", "soon", "1s; id", "1s\nid"):
        assert runner.run("wait", duration=bad)[0] == 2, bad


def test_shell(runner, url):
    code, output, results = runner.run("shell", commands='echo "$1"; echo "$2"', arguments=["a b", "$(id)"])
    assert (code, output, results) == (0, "a b\n$(id)\n", {"output": "a b\n$(id)"}), (code, output, results)
    assert runner.run("shell", commands="false\necho never")[0] == 1
    assert runner.run("shell", commands="exit 7")[0] == 7
    code, _, results = runner.run("shell", commands="yes | head -n 5000")
    assert code == 0 and len(results["output"]) <= 2000


def test_notification(runner, url):
    Server.seen.clear()
    code, output, _ = runner.run("notification", message='said "no"\tand\\\n– 再见')
    assert code == 0 and "再见" in output and not Server.seen
    code, _, _ = runner.run("notification", message='said "no"\tand\\\n– 再见', channel="webhook", url=url + "/hook",
                            mustArrive="true")
    assert code == 0 and Server.seen[0][:2] == ("POST", "/hook")
    assert json.loads(Server.seen[0][3]) == {"text": 'said "no"\tand\\\n– 再见'}, Server.seen[0]
    for address in ("http://127.0.0.1:1/", "file:///etc/passwd", ""):
        assert runner.run("notification", message="x", channel="webhook", url=address)[0] == 0
        assert runner.run("notification", message="x", channel="webhook", url=address, mustArrive="true")[0] == 1


def test_http_call(runner, url):
    Server.seen.clear()
    code, output, results = runner.run("http-call", url=url + "/a", headers=["X-Test: one two"])
    assert code == 0 and results == {"status": "200", "body": "hello"}, (output, results)
    assert Server.seen == [("GET", "/a", "one two", b"")], Server.seen
    code, _, results = runner.run("http-call", url=url, method="POST", body='{"a": "b c"}')
    assert code == 0 and len(results["body"]) == 2000
    assert Server.seen[1] == ("POST", "/", "application/json", b'{"a": "b c"}'), Server.seen[1]
    code, output, results = runner.run("http-call", url=url + "/missing")
    assert code != 0 and results["status"] == "404", (output, results)
    assert runner.run("http-call", url="file:///etc/passwd")[0] == 2
    assert runner.run("http-call", url="http://127.0.0.1:1/")[0] != 0


def main():
    busybox = shutil.which("busybox")
    tests = [test_data_check, test_wait, test_shell, test_notification, test_http_call]
    if busybox is None:
        print("1..0 # SKIP busybox is not installed")
        return 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(Runner(busybox, folder), f"http://127.0.0.1:{server.server_port}")
                print(f"ok {number} {test.__name__}")
            except AssertionError as error:
                failed += 1
                print(f"not ok {number} {test.__name__}\n# {str(error)[:1000]!r}")
    server.shutdown()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
