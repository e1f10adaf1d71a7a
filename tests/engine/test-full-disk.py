#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's data on a small disk that fills up: writes are refused with a reason, reads go on, deleting makes room."""

import os
import subprocess
import sys
import tempfile

from engine import Engine, Tap, skip_all

MAPS = "/api/v1/namespaces/default/configmaps"
MEBIBYTES = 24
BIG = "x" * 900000
WRAPPER = """#!/bin/sh
exec unshare --user --map-root-user --mount sh -c 'mkdir -p "$2" && mount -t tmpfs -o size={size}m tmpfs "$2" && exec "$0" "$@"' \\
  {program} "$@"
"""


def fill(engine, name, status=201):
    return engine.request("POST", MAPS, {"metadata": {"name": name}, "data": {"x": BIG}})


def main():
    if subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                      capture_output=True, check=False).returncode != 0:
        skip_all("no small disk can be made here")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        wrapper = os.path.join(folder, "engine")
        with open(wrapper, "w", encoding="ascii") as file:
            file.write(WRAPPER.format(size=MEBIBYTES, program=sys.argv[1]))
        os.chmod(wrapper, 0o755)
        with Engine(wrapper) as engine:
            made = []
            while len(made) < 100:
                answer = fill(engine, f"big{len(made)}")
                if answer.status != 201:
                    break
                made.append(f"big{len(made)}")
            tap.equal((answer.status, answer.json["reason"]), (507, "DiskFull"), "a full disk is said so")
            tap.check(len(made) > 3, "after something was stored", made)
            names = [item["metadata"]["name"] for item in engine.request("GET", MAPS).json["items"]]
            tap.equal(sorted(names), sorted(made), "what was acknowledged is there")
            tap.equal(fill(engine, "another").status, 507, "it stays full")
            small = engine.request("PATCH", f"{MAPS}/{made[0]}", {"metadata": {"labels": {"a": "b"}}},
                                   Content_Type="application/merge-patch+json")
            tap.check(small.status == 200, "what is there may still change", small.data[:200])
            statuses = [engine.request("DELETE", f"{MAPS}/{name}").status for name in made]
            tap.equal(set(statuses), {200}, "and can be deleted")
            answer = fill(engine, "again")
            tap.equal(answer.status, 201, "which makes room")
            tap.equal(engine.request("GET", f"{MAPS}/again").status, 200, "for new ones")
    tap.end()


main()
