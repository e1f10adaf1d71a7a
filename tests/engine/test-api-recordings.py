#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays what a real API server was asked, and compares the answers: status, reason, message, details, shape."""

import json
import re
import sys
import urllib.parse

from engine import Engine, Tap, shared

NAMESPACE = "wireapi"
# What this engine does not serve, or answers otherwise on purpose; each with its reason.
SKIPPED = [
    (r"/tekton.dev/v1beta1/namespaces", "the older version of the same objects"),
    (r"rbac\.authorization", "there are no roles"),
    (r"resourceVersionMatch=Exact", "answered only while nothing changed"),
]
VOLATILE = {"uid", "resourceVersion", "creationTimestamp", "time", "managedFields", "deletionTimestamp", "remainingItemCount",
            "startTime", "completionTime", "lastTransitionTime"}


class Replay:
    def __init__(self, engine):
        self.engine = engine
        self.known = {}

    def translate(self, value):
        """Puts our uids, versions and tokens where theirs are."""
        if isinstance(value, dict):
            return {name: self.translate(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.translate(item) for item in value]
        return self.known.get(value, value) if isinstance(value, str) else value

    def translate_path(self, path):
        address, _, query = path.partition("?")
        address = "/".join(self.known.get(part, part) for part in address.split("/"))
        if not query:
            return address
        pairs = []
        for pair in query.split("&"):
            name, equals, value = pair.partition("=")
            known = self.known.get(urllib.parse.unquote(value)) if name in ("resourceVersion", "continue") else None
            pairs.append(name + equals + (urllib.parse.quote(known, safe="") if known else value))
        return address + "?" + "&".join(pairs)

    def learn(self, theirs, ours):
        if isinstance(theirs, dict) and isinstance(ours, dict):
            made = ("name",) if "generateName" in theirs else ()
            for name in ("uid", "resourceVersion", "continue", *made):
                if theirs.get(name) and ours.get(name):
                    self.known[theirs[name]] = ours[name]
            for name in theirs.keys() & ours.keys():
                self.learn(theirs[name], ours[name])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for a, b in zip(theirs, ours):
                self.learn(a, b)

    def send(self, request):
        headers = {name: value for name, value in request["headers"].items()
                   if name.lower() in ("accept", "content-type", "impersonate-user")}
        body = expand(request.get("body"))
        if isinstance(body, str):
            body = body if body else b""
        elif body is not None:
            body = json.dumps(self.translate(body))
        return self.engine.request(request["method"], self.translate_path(request["path"]), body, **headers)


def expand(value):
    """Very long values were shortened in the records."""
    if isinstance(value, dict):
        return {name: expand(item) for name, item in value.items()}
    if isinstance(value, list):
        return [expand(item) for item in value]
    match = re.fullmatch(r"(.)\*(\d+)", value) if isinstance(value, str) else None
    return match[1] * int(match[2]) if match else value


def plain(value):
    """Without what differs from run to run."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name not in VOLATILE}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        value = re.sub(r"\b(budget-run-)[a-z0-9]{5}\b", r"\1NAME", value)
        value = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID", value)
        value = re.sub(r"(resource version: )\d+( \(|, current: )\d+", r"\1N\2N", value)
    return value


def fields(value):
    """Who owns what; what controllers write has a test of its own."""
    return [{name: entry.get(name) for name in ("manager", "operation", "fieldsV1")}
            for entry in value.get("metadata", {}).get("managedFields", []) if entry.get("manager") != "controller"]


def compare(theirs, answer, alive=False):
    """What differs, in words. With @alive, controllers work on the object meanwhile: its status is their affair."""
    wanted = theirs["body"]
    problems = []
    if answer.status != theirs["status"]:
        return [f"status {answer.status}, wanted {theirs['status']}: {answer.data[:300]!r}"]
    if theirs["headers"].get("Warning") != answer.headers.get("Warning"):
        problems.append(f"warning {answer.headers.get('Warning')}, wanted {theirs['headers'].get('Warning')}")
    if theirs["headers"]["Content-Type"] == "application/yaml":
        return problems if answer.type == "application/yaml" else [answer.type]
    if not isinstance(wanted, dict):
        if isinstance(wanted, str) and answer.data.decode() != wanted:
            problems.append(f"text {answer.data[:300]!r}, wanted {wanted[:300]!r}")
        return problems
    got = answer.json
    if wanted.get("kind") == "Status":
        # Our parser has its own words for what is no JSON.
        if re.search(r"json parse error|error decoding patch: invalid|invalid continue token|duplicate field", wanted.get("message", "")):
            wanted = dict(wanted, message=got["message"])
        for name in ("status", "reason", "message", "details", "code"):
            if plain(got.get(name)) != plain(wanted.get(name)):
                problems.append(f"{name} {got.get(name)!r}, wanted {wanted.get(name)!r}")
    elif wanted.get("kind") == "Table":
        for name in ("name", "type", "format", "priority"):
            a = [column[name] for column in got["columnDefinitions"]]
            b = [column[name] for column in wanted["columnDefinitions"]]
            if a != b:
                problems.append(f"columns' {name} {a}, wanted {b}")
        pods = "Restarts" in [column["name"] for column in wanted["columnDefinitions"]]
        if not pods and [len(row["cells"]) for row in got["rows"]] != [len(row["cells"]) for row in wanted["rows"]]:
            problems.append("rows differ")
    elif "items" in wanted:
        a = [item["metadata"]["name"] for item in got["items"]]
        b = [item["metadata"]["name"] for item in wanted["items"]]
        if a != b or got["kind"] != wanted["kind"]:
            problems.append(f"{got['kind']} of {a}, wanted {wanted['kind']} of {b}")
    else:
        if alive:
            for value in (got, wanted := dict(wanted, metadata=dict(wanted["metadata"]))):
                value.pop("status", None)
                value["metadata"].pop("labels", None)
        if plain(got) != plain(wanted):
            problems.append(f"{json.dumps(plain(got))}\nwanted {json.dumps(plain(wanted))}")
        if fields(got) != fields(wanted):
            problems.append(f"managers {json.dumps(fields(got))}\nwanted {json.dumps(fields(wanted))}")
    return problems


def replay(tap, program, name, skip=(), prepare=(), alive=False):
    with open(shared(f"data/recordings/api/{name}.json"), encoding="utf-8") as file:
        recording = json.load(file)
    with Engine(program) as engine:
        engine.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        for path, body in prepare:
            engine.request("POST", path, body)
        run = Replay(engine)
        for index, exchange in enumerate(recording["exchanges"]):
            request = exchange["request"]
            what = f"{name} {index}: {request['method']} {request['path'][:90]} {exchange.get('note') or ''}"
            if index in skip or any(re.search(pattern, request["path"]) for pattern, _ in SKIPPED):
                continue
            answer = run.send(request)
            problems = compare(exchange["response"], answer, alive)
            if isinstance(exchange["response"]["body"], dict) and answer.type.startswith("application/json"):
                run.learn(exchange["response"]["body"], answer.json)
            tap.check(not problems, what, "\n".join(problems))


def main():
    tap = Tap()
    program = sys.argv[1]
    tasks = f"/apis/tekton.dev/v1/namespaces/{NAMESPACE}/tasks"
    # 1: the record of this answer was changed later; 17: an object without any manager, which nobody relies on
    replay(tap, program, "crud-task", skip=[1])
    replay(tap, program, "crud-pipeline")
    replay(tap, program, "errors-http", skip=[17])
    replay(tap, program, "errors-validation")
    replay(tap, program, "server-side-apply")
    replay(tap, program, "list-paging-selectors", prepare=[
        (tasks, {"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": f"t{i}", "labels": {"n": str(i % 2)}},
                 "spec": {"steps": [{"image": "i"}]}}) for i in range(7)])
    # 14: a run on its way, which is the controllers' affair
    replay(tap, program, "crud-runs", skip=[14], alive=True)
    pipeline = {"apiVersion": "tekton.dev/v1", "kind": "Pipeline", "metadata": {"name": "budget"},
                "spec": {"tasks": [{"name": "a", "taskRef": {"name": "settle"}}]}}
    replay(tap, program, "table", prepare=[
        (tasks, {"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": "settle"},
                 "spec": {"steps": [{"image": "i"}]}}),
        (tasks.replace("tasks", "pipelines"), pipeline),
        (tasks.replace("tasks", "pipelines"), dict(pipeline, metadata={"name": "tab"})),
        (tasks.replace("tasks", "pipelineruns"), {
            "apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": {"name": "tab-run"},
            "spec": {"pipelineRef": {"name": "budget"}, "status": "PipelineRunPending"}})])
    tap.end()


main()
