#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an OCI registry answers, as one table run against ours and, where it is installed, against Debian's
docker-registry: so that the table tells what is true of registries, and ours is one. Then real clients.

    test-registry-conformance.py REGISTRY-SERVER SHELL-IMAGE
"""

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

import registry_manifest_checks  # noqa: F401: it adds to CHECKS
from registry_checks import CHECKS, same
from registry_client import ACCEPT, OCTETS, Registry, digest, push_image

class Report:
    def __init__(self):
        self.number = self.failed = 0

    def result(self, name, problem=None, skip=None):
        self.number += 1
        self.failed += problem is not None
        print("%s %d - %s%s" % ("not ok" if problem else "ok", self.number, name, " # SKIP " + skip if skip else ""))
        if problem:
            print("# " + problem.replace("\n", "\n# "))
        sys.stdout.flush()


def run_checks(report, registry, name):
    for function in CHECKS:
        try:
            function(registry)
            report.result("%s/%s" % (name, function.__name__))
        except Exception as error:  # a check that breaks has failed, whatever way
            report.result("%s/%s" % (name, function.__name__), "%s: %s" % (type(error).__name__, error))


def start_ours(program, folder):
    process = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def stop_ours(process):
    process.stdin.close()
    return process.wait(timeout=20)


def start_docker(program, folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = os.path.join(folder, "config.yml")
    with open(config, "w") as file:
        file.write("version: 0.1\nlog: {level: error}\nhttp: {addr: '127.0.0.1:%d'}\n"
                   "storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}, maintenance: {uploadpurging: "
                   "{enabled: false}}}\n" % (port, json.dumps(os.path.join(folder, "data"))))
    process = subprocess.Popen([program, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise SystemExit("docker-registry does not start")


def forward(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def start_plain_front(port):
    """Refuses TLS at once, which skopeo always tries first: plain HTTP servers wait for more instead, for ten seconds."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            client, _ = listener.accept()
            if client.recv(1, socket.MSG_PEEK) == b"\x16":
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", port))
            for pair in ((client, server), (server, client)):
                threading.Thread(target=forward, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def run_skopeo(report, port, image, folder):
    """Real clients: an image in, its like out, with the same digest."""
    port = start_plain_front(port)
    name = "skopeo/copy in and out"
    if shutil.which("skopeo") is None:
        report.result(name, skip="skopeo is not installed")
        return
    out = os.path.join(folder, "out")
    target = "docker://127.0.0.1:%d/environments/shell:1" % port
    policy = ["skopeo", "--insecure-policy", "--tmpdir", folder]
    steps = [policy + ["copy", "--dest-tls-verify=false", "oci-archive:" + image, target],
             policy + ["copy", "--src-tls-verify=false", target, "oci:" + out + ":1"],
             policy + ["copy", "--dest-tls-verify=false", "oci:" + out + ":1", target + "-again"],
             policy + ["inspect", "--tls-verify=false", target],
             policy + ["list-tags", "--tls-verify=false", target.rsplit(":", 1)[0]],
             policy + ["delete", "--tls-verify=false", target + "-again"]]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            report.result(name, " ".join(step) + "\n" + done.stderr)
            return
    with open(os.path.join(out, "index.json")) as file:
        copied = json.load(file)["manifests"][0]["digest"]
    with tarfile.open(image) as archive:
        original = json.load(archive.extractfile("index.json"))["manifests"][0]["digest"]
    report.result(name, None if copied == original else "%s became %s" % (original, copied))


def run_restart(report, program, folder):
    """What was pushed, and what was half pushed, is there for the next engine."""
    process, port = start_ours(program, folder)
    registry = Registry(port, True)
    data = os.urandom(5000)
    wanted = push_image(registry, "t/restart", "1")
    location = registry.ask("PATCH", registry.begin("t/restart"), data[:3000], OCTETS).headers["location"]
    process.kill()
    process.wait()
    process, port = start_ours(program, folder)
    registry = Registry(port, True)
    try:
        same(registry.get("/v2/t/restart/manifests/1", ACCEPT).headers["docker-content-digest"], wanted)
        same(registry.get(location).headers["range"], "0-2999")
        same(registry.put(location, data[3000:], digest(data)).status, 201)
        same(registry.get("/v2/t/restart/blobs/" + digest(data)).body, data)
        report.result("ours/restart")
    except (AssertionError, KeyError) as error:
        report.result("ours/restart", repr(error))
    stop_ours(process)


def run_memory(report, registry, process):
    """A blob of 200 MB goes to disk and back, not into memory."""
    size = 200 * 1024 * 1024
    piece = os.urandom(1024 * 1024)
    sha = hashlib.sha256()
    location = registry.begin("t/big")
    connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=60)
    connection.putrequest("PATCH", location)
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    for _ in range(200):
        connection.send(piece)
        sha.update(piece)
    status = connection.getresponse().status
    answer = registry.put(location, b"", "sha256:" + sha.hexdigest())
    with open("/proc/%d/status" % process.pid) as file:
        peak = int(next(line for line in file if line.startswith("VmHWM:")).split()[1])
    with open("/proc/%d/maps" % process.pid) as file:
        sanitized = "libasan" in file.read()  # it keeps what was freed
    problem = None
    if status != 202 or answer.status != 201:
        problem = "status %d, then %d" % (status, answer.status)
    elif peak > 64 * 1024 and not sanitized:
        problem = "the server took %d KiB" % peak
    report.result("ours/memory", problem)


def main():
    program, image = sys.argv[1:]
    report = Report()
    docker = shutil.which("docker-registry")
    with tempfile.TemporaryDirectory(prefix="chd-registry-") as folder:
        process, port = start_ours(program, os.path.join(folder, "ours"))
        registry = Registry(port, True)
        run_checks(report, registry, "ours")
        run_skopeo(report, port, image, folder)
        run_memory(report, registry, process)
        code = stop_ours(process)
        report.result("ours/ends", "status %d" % code if code else None)
        run_restart(report, program, os.path.join(folder, "restart"))
        if docker is None:
            report.result("docker-registry", skip="docker-registry is not installed")
        else:
            process, port = start_docker(docker, folder)
            run_checks(report, Registry(port, False), "docker-registry")
            process.kill()
            process.wait()
    print("1..%d" % report.number)
    return report.failed != 0


if __name__ == "__main__":
    sys.exit(main())
