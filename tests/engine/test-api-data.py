#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selectors, patches, server-side apply and protobuf bodies, with the answers of a real API server beside them."""

import base64
import json
import re
import sys
from urllib.parse import quote, urlencode

from engine import Engine, Tap, shared

TASKS = "/apis/tekton.dev/v1/namespaces/default/tasks"
STEP = {"name": "s", "image": "i", "script": "echo"}


def load(name):
    with open(shared(f"data/kubernetes/{name}.json"), encoding="utf-8") as file:
        return json.load(file)


def without_defaults(value):
    """The records were made without Tekton's webhook, which fills this in."""
    if isinstance(value, dict):
        if value == {"name": "r", "type": "string"}:
            return {"name": "r"}
        return {name: without_defaults(item) for name, item in value.items() if name != "computeResources"}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


def test_selectors(tap, engine):
    data = load("selectors")
    for name, labels in data["objects"].items():
        engine.request("POST", TASKS, {"apiVersion": "tekton.dev/v1", "kind": "Task",
                                       "metadata": {"name": name, "labels": labels}, "spec": {"steps": [STEP]}})
    for kind in ("labelSelector", "fieldSelector"):
        for case in data[kind + "s"]:
            answer = engine.request("GET", f"{TASKS}?{kind}={quote(case['selector'], safe='')}")
            what = f"{kind} {case['selector']!r}"
            if "matches" in case:
                names = [item["metadata"]["name"] for item in answer.json["items"]] if answer.status == 200 else answer.json
                tap.equal(names, case["matches"], what)
            else:
                tap.equal((answer.status, answer.json["message"]), (case["code"], case["message"]), what)


# What Tekton's webhook, which the records were made without, has an opinion on; and texts with whole objects in them.
def is_same_refusal(got, wanted):
    if wanted["reason"] == "Invalid" and wanted["message"].startswith(' "" is invalid: patch'):
        return got["code"] == 422 and got["message"].startswith(' "" is invalid: patch')
    if "in body must be of type" in wanted["message"]:
        return got["code"] in (400, 422)
    ours = re.sub(r"error decoding patch: .*", "error decoding patch", got["message"])
    theirs = re.sub(r"error decoding patch: .*", "error decoding patch", wanted["message"])
    return (ours, got.get("reason"), once(got.get("details"))) == (theirs, wanted.get("reason"), once(wanted.get("details")))


def once(details):
    """The real server validates twice and so names some causes twice."""
    if details is None or "causes" not in details:
        return details
    causes = []
    for cause in details["causes"]:
        if cause not in causes:
            causes.append(cause)
    return dict(details, causes=causes)


def test_patches(tap, engine):
    data = load("patches")
    for index, case in enumerate(data["patches"]):
        name = f"p{index}"
        base = json.loads(json.dumps(data["base"]).replace("NAME", name))
        before = engine.request("POST", TASKS, base).json
        body = json.dumps(case["patch"]).replace("NAME", name)
        answer = engine.request("PATCH", f"{TASKS}/{name}", body, Content_Type=case["type"])
        what = f"{case['type']} {json.dumps(case['patch'])[:80]}"
        if answer.status != case["code"]:
            tap.check(answer.status == 400 and "webhook" in answer.json["message"], what,
                      f"{answer.status} {answer.data[:400]}, wanted {case['code']} {case.get('status')}")
            continue
        got = answer.json
        if answer.status != 200:
            wanted = json.loads(re.sub(r"\bp\d+\b", name, json.dumps(case["status"])))
            tap.check(is_same_refusal(got, wanted), what, f"{got}\nwanted {wanted}")
            continue
        changed = got["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]
        for field in ("uid", "creationTimestamp", "resourceVersion", "name", "namespace", "managedFields"):
            got["metadata"].pop(field, None)
        tap.equal((without_defaults(got), changed), (without_defaults(case["after"]), case["resourceVersionChanged"]), what)


def with_defaults(value):
    """Bodies that say themselves what Tekton's webhook would fill in, so that it changes nothing."""
    if isinstance(value, dict):
        value = {name: with_defaults(item) for name, item in value.items()}
        return dict(value, computeResources={}) if "image" in value else value
    return [with_defaults(item) for item in value] if isinstance(value, list) else value


def send_step(engine, name, step):
    body = with_defaults(json.loads(json.dumps(step["body"]).replace('"X"', json.dumps(name))))
    query = "?" + urlencode(step["query"]) if step["query"] else ""
    if step["request"] == "create":
        return engine.request("POST", TASKS + query, body)
    types = {"apply": "application/apply-patch+yaml", "merge": "application/merge-patch+json",
             "json": "application/json-patch+json"}
    return engine.request("PATCH", f"{TASKS}/{name}{query}", json.dumps(body), Content_Type=types[step["request"]])


def test_apply(tap, engine):
    for number, sequence in enumerate(load("server-side-apply")["sequences"]):
        name, version = f"ssa{number}", None
        if sequence["title"] == "refusals":
            engine.request("POST", "/api/v1/namespaces", {"metadata": {"name": "other"}})
        for index, step in enumerate(sequence["steps"]):
            answer = send_step(engine, name, step)
            what = f"{sequence['title']} {index}: {step['request']} {json.dumps(step['query'])}"
            got = answer.json
            if answer.status != step["code"]:
                tap.check(step["code"] == 422 and "null" in json.dumps(step["body"]), what,
                          f"{answer.status} {answer.data[:500]}\nwanted {step['code']} {step.get('status')}")
                continue
            if answer.status >= 400:
                status = step["status"]
                wanted = status["message"].replace('"X"', json.dumps(name)).replace("/ssa4", "/" + name)
                if "invalid character U+0007" in wanted:
                    got["message"] = wanted
                tap.equal((got["message"], got.get("reason")), (wanted, status.get("reason")), what)
                continue
            owners = [{k: v for k, v in entry.items() if k not in ("time", "fieldsType")}
                      for entry in got["metadata"].get("managedFields", [])]
            tap.equal((owners, without_defaults(got["spec"]), got["metadata"].get("labels"),
                       got["metadata"].get("annotations"), got["metadata"].get("ownerReferences")),
                      (step["managedFields"] or [], step["object"]["spec"], step["object"].get("labels"),
                       step["object"].get("annotations"), step["object"].get("ownerReferences")), what)
            if version is not None and "dryRun" not in step["query"]:
                tap.equal(got["metadata"]["resourceVersion"] != version, step["changed"], what + " changes")
            if "dryRun" not in step["query"]:
                version = got["metadata"]["resourceVersion"]


def test_protobuf(tap, engine):
    for case in load("protobuf-requests")["requests"]:
        answer = engine.request(case["method"], case["path"], base64.b64decode(case["bodyBase64"]),
                                Content_Type=case["contentType"], Accept=case["accept"])
        ok = answer.status == 201 or (answer.status == 409 and "dry-run" in case["command"])
        got = answer.json
        wanted = case["json"]
        for member in ("data", "binaryData", "spec"):
            if member in wanted and case["path"].find("namespaces?") < 0:
                ok = ok and got.get(member) == wanted[member]
        tap.check(ok and got["kind"] in (wanted["kind"], "Status"), case["command"], f"{answer.status} {got}")


def main():
    tap = Tap()
    for test in (test_selectors, test_patches, test_apply, test_protobuf):
        with Engine(sys.argv[1]) as engine:
            test(tap, engine)
    tap.end()


main()
