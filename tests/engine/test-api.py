#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's API on its socket: verbs, watches, deletions, namespaces, logs, the door, ending and coming back."""

import base64
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time

from engine import Engine, Tap, UnixConnection

CORE = "/api/v1/namespaces/default"
TEKTON = "/apis/tekton.dev/v1/namespaces/default"
MAPS = f"{CORE}/configmaps"
TASKS = f"{TEKTON}/tasks"


def config_map(name, labels=None, **data):
    metadata = {"name": name}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def task(name, description="d"):
    return {"apiVersion": "tekton.dev/v1", "kind": "Task", "metadata": {"name": name},
            "spec": {"description": description, "steps": [{"name": "s", "image": "i", "script": "true"}]}}


def make(kind, group, name):
    spec = {
        "Task": task("x")["spec"],
        "Pipeline": {"tasks": [{"name": "a", "taskRef": {"name": "t"}}]},
        "TaskRun": {"taskRef": {"name": "absent"}},
        "PipelineRun": {"pipelineRef": {"name": "absent"}, "status": "PipelineRunPending"},
        "CustomRun": {"customRef": {"apiVersion": "example.org/v1", "kind": "Nobody"}},
        "ApprovalTask": {"approvers": [{"name": "alice", "type": "User", "input": "pending"}], "numberOfApprovalsRequired": 1},
    }[kind]
    return {"apiVersion": group, "kind": kind, "metadata": {"name": name}, "spec": spec}


def test_every_type(tap, engine):
    """create, get, list, put, patch, delete on all of them."""
    types = [("Task", "tekton.dev/v1", "tasks"), ("Pipeline", "tekton.dev/v1", "pipelines"),
             ("TaskRun", "tekton.dev/v1", "taskruns"), ("PipelineRun", "tekton.dev/v1", "pipelineruns"),
             ("CustomRun", "tekton.dev/v1beta1", "customruns"),
             ("ApprovalTask", "openshift-pipelines.org/v1alpha1", "approvaltasks")]
    for kind, group, plural in types:
        path = f"/apis/{group}/namespaces/default/{plural}"
        made = engine.request("POST", path, make(kind, group, "one"))
        if not tap.equal(made.status, 201, f"{kind} is created"):
            print("#", made.data)
            continue
        tap.equal(made.json["metadata"]["generation"], 1, f"{kind} has a generation")
        change = kind != "ApprovalTask"  # its gate lets approvers answer, and nothing else; see test_approval
        for _ in range(5 if change else 0):
            got = engine.request("GET", f"{path}/one").json
            got["metadata"]["labels"] = {"put": "1"}
            put = engine.request("PUT", f"{path}/one", got)
            if put.status != 409:
                break
        if change:
            tap.equal((put.status, put.json["metadata"].get("labels", {}).get("put")), (200, "1"), f"{kind} is put")
            patched = engine.request("PATCH", f"{path}/one", {"metadata": {"annotations": {"a": "b"}}},
                                     Content_Type="application/merge-patch+json")
            tap.equal((patched.status, patched.json["metadata"]["annotations"].get("a")), (200, "b"), f"{kind} is patched")
        listed = engine.request("GET", path).json
        tap.equal((listed["kind"], [item["metadata"]["name"] for item in listed["items"]]), (kind + "List", ["one"]),
                  f"{kind} is listed")
        tap.equal(engine.request("GET", f"{path}/one/status").status, 200, f"{kind} has a status path")
        gone = engine.request("DELETE", f"{path}/one")
        tap.equal((gone.status, gone.json["status"]), (200, "Success"), f"{kind} is deleted")
        tap.equal(engine.request("GET", f"{path}/one").status, 404, f"{kind} is gone")


def test_names(tap, engine):
    names = set()
    for _ in range(3):
        made = engine.request("POST", MAPS, {"metadata": {"generateName": "x" * 70 + "-"}})
        names.add(made.json["metadata"]["name"])
    tap.check(len(names) == 3 and all(re.fullmatch("x{58}[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names),
              "names are made", names)
    dry = engine.request("POST", MAPS + "?dryRun=All", config_map("dry"))
    tap.equal((dry.status, "uid" in dry.json["metadata"], "resourceVersion" in dry.json["metadata"]), (201, True, False),
              "a dry run answers")
    tap.equal(engine.request("GET", MAPS + "/dry").status, 404, "a dry run stores nothing")
    tap.equal(engine.request("POST", MAPS + "?dryRun=Some", config_map("dry")).status, 422, "a strange dry run")
    tap.equal(engine.request("POST", MAPS, config_map("x", a=1)).json["reason"], "BadRequest", "a number as data")
    tap.equal(engine.request("POST", MAPS, config_map("x", **{"a/b": "1"})).json["reason"], "Invalid", "a bad key")
    big = engine.request("POST", MAPS, config_map("x", a="x" * 1048577))
    tap.equal((big.status, big.json["details"]["causes"][0]["reason"]), (422, "FieldValueTooLong"), "too much data")


def test_conflicts(tap, engine):
    first = engine.request("POST", TASKS, task("c")).json
    same = engine.request("PUT", f"{TASKS}/c", first).json
    tap.equal(same["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"], "no change, no version")
    first["spec"]["description"] = "new"
    tap.equal(engine.request("PUT", f"{TASKS}/c", first).json["metadata"]["generation"], 2, "a change of the spec")
    answer = engine.request("PUT", f"{TASKS}/c", first)
    tap.equal((answer.status, answer.json["reason"]), (409, "Conflict"), "an old version")
    first["metadata"]["resourceVersion"] = ""
    tap.equal(engine.request("PUT", f"{TASKS}/c", first).status, 422, "no version")
    answer = engine.request("DELETE", f"{TASKS}/c", {"preconditions": {"uid": "x"}})
    tap.equal((answer.status, answer.json["details"]["kind"]), (409, "Task"), "another uid")
    status = {"status": {"x": 1}, "spec": {"description": "ignored"}}
    answer = engine.request("PATCH", f"{TASKS}/c/status", status, Content_Type="application/merge-patch+json")
    tap.equal((answer.json["status"], answer.json["spec"]["description"]), ({"x": 1}, "new"), "the status path")
    answer = engine.request("PATCH", f"{TASKS}/c", {"status": {"x": 2}}, Content_Type="application/merge-patch+json")
    tap.equal(answer.json["status"], {"x": 1}, "the main path leaves the status alone")

    # Many at once: exactly one of those that read the same version wins.
    body = engine.request("GET", f"{TASKS}/c").json
    results = []

    def put(text):
        results.append(engine.request("PUT", f"{TASKS}/c", dict(body, spec=dict(body["spec"], description=text))).status)

    threads = [threading.Thread(target=put, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.equal(sorted(results), [200] + [409] * 7, "eight writers")


def test_finalizers(tap, engine):
    body = config_map("f")
    body["metadata"]["finalizers"] = ["example.org/x"]
    engine.request("POST", MAPS, body)
    held = engine.request("DELETE", f"{MAPS}/f").json
    tap.check(held["kind"] == "ConfigMap" and "deletionTimestamp" in held["metadata"], "a finalizer holds", held)
    tap.equal(engine.request("DELETE", f"{MAPS}/f").status, 200, "deleting again is harmless")
    freed = engine.request("PATCH", f"{MAPS}/f", {"metadata": {"finalizers": None}},
                           Content_Type="application/merge-patch+json")
    tap.equal(freed.status, 200, "the finalizer goes")
    tap.equal(engine.request("GET", f"{MAPS}/f").status, 404, "and the object with it")
    owner = engine.request("POST", MAPS, config_map("owner")).json
    child = config_map("child")
    child["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner",
                                             "uid": owner["metadata"]["uid"]}]
    engine.request("POST", MAPS, child)
    engine.request("DELETE", f"{MAPS}/owner", {"propagationPolicy": "Orphan"})
    orphan = engine.request("GET", f"{MAPS}/child")
    tap.check(orphan.status == 200 and "ownerReferences" not in orphan.json["metadata"], "an orphan stays", orphan.data)


def test_namespaces(tap, engine):
    made = engine.request("POST", "/api/v1/namespaces", {"metadata": {"name": "dept"}}).json
    tap.equal((made["status"]["phase"], made["metadata"]["labels"], made["spec"]["finalizers"]),
              ("Active", {"kubernetes.io/metadata.name": "dept"}, ["kubernetes"]), "a namespace")
    engine.request("POST", "/api/v1/namespaces/dept/configmaps", config_map("inside"))
    tap.equal(engine.request("POST", "/api/v1/namespaces/none/configmaps", config_map("x")).status, 404, "no namespace")
    tap.equal(engine.request("GET", "/api/v1/namespaces/none/configmaps").json["items"], [], "an empty list")
    tap.equal(engine.request("POST", "/api/v1/namespaces", {"metadata": {"name": "A"}}).status, 422, "a bad name")
    gone = engine.request("DELETE", "/api/v1/namespaces/dept")
    tap.equal((gone.status, gone.json["status"]["phase"]), (200, "Terminating"), "it is deleted")
    tap.equal(engine.request("GET", "/api/v1/namespaces/dept/configmaps/inside").status, 404, "with its content")
    tap.equal(engine.request("DELETE", "/api/v1/namespaces/default").status, 403, "not the default one")


def kinds(events):
    return [(event["type"], event["object"]["metadata"].get("name")) for event in events]


def test_watch(tap, engine):
    engine.request("POST", MAPS, config_map("w1", {"a": "1"}))
    start = engine.request("GET", MAPS).json["metadata"]["resourceVersion"]
    everything = engine.watch(f"{MAPS}?watch=true&resourceVersion={start}")
    chosen = engine.watch(f"{MAPS}?watch=true&resourceVersion={start}&labelSelector=a%3D1")
    merge = {"Content_Type": "application/merge-patch+json"}
    engine.request("POST", MAPS, config_map("w2"))
    engine.request("PATCH", f"{MAPS}/w1", {"metadata": {"labels": {"a": "2"}}}, **merge)
    engine.request("PATCH", f"{MAPS}/w1", {"metadata": {"labels": {"a": "1"}}}, **merge)
    engine.request("DELETE", f"{MAPS}/w1")
    tap.equal(kinds(everything.take(4)), [("ADDED", "w2"), ("MODIFIED", "w1"), ("MODIFIED", "w1"), ("DELETED", "w1")],
              "a watch tells all")
    events = chosen.take(3)
    tap.equal(kinds(events), [("DELETED", "w1"), ("ADDED", "w1"), ("DELETED", "w1")], "a selection is left and entered")
    tap.equal(events[0]["object"]["metadata"]["labels"], {"a": "1"}, "what left is told as it was")
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    tap.equal(versions, sorted(set(versions)), "with versions that grow")
    everything.close()
    chosen.close()
    again = engine.watch(f"{MAPS}?watch=true&resourceVersion={start}&timeoutSeconds=1&allowWatchBookmarks=true")
    events = list(again)
    tap.equal(kinds(events)[:4], [("ADDED", "w2"), ("MODIFIED", "w1"), ("MODIFIED", "w1"), ("DELETED", "w1")],
              "a watch starts at a version")
    tap.equal((len(events), events[-1]["type"]), (5, "BOOKMARK"), "and ends in time, with a bookmark")
    initial = engine.watch(f"{MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                           "&allowWatchBookmarks=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dw2")
    events = list(initial)
    tap.equal(kinds(events)[0], ("ADDED", "w2"), "a streaming list")
    tap.equal(events[1]["object"]["metadata"]["annotations"], {"k8s.io/initial-events-end": "true"}, "says where it ends")
    table = engine.request("GET", f"{MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dw2",
                           Accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    event = json.loads(table.data.split(b"\n")[0])
    tap.equal((event["object"]["kind"], event["object"]["rows"][0]["cells"][0]), ("Table", "w2"), "a watch in tables")
    tap.equal(engine.request("GET", f"{MAPS}?watch=true&sendInitialEvents=true").status, 422, "without the match")
    tap.equal(engine.request("GET", f"{MAPS}?watch=true&resourceVersion=x").status, 500, "a version that is none")
    future = engine.request("GET", f"{MAPS}?watch=true&resourceVersion=999999&timeoutSeconds=1")
    tap.equal((future.status, future.data), (200, b""), "a version in the future is silent")


def test_window(tap, engine):
    """Who comes back too late is told so; who reads slowly misses nothing or is told so."""
    engine.request("POST", MAPS, config_map("big", x="0"))
    first = engine.request("GET", f"{MAPS}/big").json["metadata"]["resourceVersion"]
    slow = UnixConnection(engine.socket)
    slow.request("GET", f"{MAPS}?watch=true&resourceVersion={first}")
    big = "x" * 900000
    for i in range(40):
        engine.request("PATCH", f"{MAPS}/big", {"data": {"x": big + str(i)}}, Content_Type="application/merge-patch+json")
    late = engine.request("GET", f"{MAPS}?watch=true&resourceVersion={first}&timeoutSeconds=1")
    event = json.loads(late.data)
    tap.equal((late.status, event["type"], event["object"]["code"]), (200, "ERROR", 410), "too late is 410")
    with open(f"/proc/{engine.process.pid}/status", encoding="ascii") as file:
        memory = int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) // 1024
    tap.check(memory < 400, "a slow reader costs no memory", f"{memory} MiB")
    response = slow.getresponse()
    seen = []
    for line in response:
        event = json.loads(line)
        seen.append(event["type"])
        if event["type"] == "ERROR" or event["object"]["data"]["x"].endswith("x39"):
            break
    tap.check(seen[-1] == "ERROR" or seen == ["MODIFIED"] * 40, "and is told what it missed", seen)
    slow.close()


def busy(engine):
    return json.loads(engine.command("status", "--output", "json").stdout)


def test_many_watches(tap, engine):
    start = engine.request("GET", MAPS).json["metadata"]["resourceVersion"]
    watches = [engine.watch(f"{MAPS}?watch=true&resourceVersion={start}") for _ in range(50)]
    for i in range(20):
        engine.request("POST", MAPS, config_map(f"m{i}"))
    wanted = [("ADDED", f"m{i}") for i in range(20)]
    tap.check(all(kinds(watch.take(20)) == wanted for watch in watches), "fifty watches see the same, in order")
    for watch in watches:
        watch.close()
    before = len(os.listdir(f"/proc/{engine.process.pid}/fd"))
    deadline = time.monotonic() + 10
    while len(os.listdir(f"/proc/{engine.process.pid}/fd")) > 40 and time.monotonic() < deadline:
        time.sleep(0.05)
    tap.check(len(os.listdir(f"/proc/{engine.process.pid}/fd")) <= 40, "and are gone when their clients are", before)


def test_collections(tap, engine):
    for i in range(7):
        engine.request("POST", MAPS, config_map(f"p{i}", {"n": str(i % 2)}))
    names, token, pages = [], "", 0
    while True:
        page = engine.request("GET", f"{MAPS}?limit=3&labelSelector=n&continue={token}").json
        names += [item["metadata"]["name"] for item in page["items"]]
        pages += 1
        token = page["metadata"].get("continue", "")
        if not token:
            break
    tap.equal((names, pages), ([f"p{i}" for i in range(7)], 3), "pages")
    page = engine.request("GET", f"{MAPS}?limit=2&labelSelector=n").json
    engine.request("POST", MAPS, config_map("later"))
    answer = engine.request("GET", f"{MAPS}?limit=2&labelSelector=n&continue={page['metadata']['continue']}")
    tap.equal((answer.status, answer.json["reason"]), (410, "Expired"), "a token after a change")
    answer = engine.request("GET", f"{MAPS}?limit=9&labelSelector=n&continue={answer.json['metadata']['continue']}")
    tap.equal([item["metadata"]["name"] for item in answer.json["items"]], [f"p{i}" for i in range(2, 7)], "going on")
    answer = engine.request("DELETE", f"{MAPS}?labelSelector=n%3D1")
    tap.equal([item["metadata"]["name"] for item in answer.json["items"]], ["p1", "p3", "p5"], "some are deleted")
    tap.equal(len(engine.request("GET", f"{MAPS}?labelSelector=n").json["items"]), 4, "the others stay")


def test_discovery(tap, engine):
    form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    answer = engine.request("GET", "/apis", Accept=form + ",application/json")
    tap.equal(answer.type, form, "aggregated discovery says its form")
    verbs = {resource["resource"]: set(resource["verbs"]) for item in answer.json["items"]
             for version in item["versions"] for resource in version["resources"]}
    plain = {}
    for group in engine.request("GET", "/apis").json["groups"]:
        for version in group["versions"]:
            for resource in engine.request("GET", "/apis/" + version["groupVersion"]).json["resources"]:
                if "/" not in resource["name"]:
                    plain[resource["name"]] = set(resource["verbs"])
    tap.equal(plain, verbs, "both forms say the same")
    tag = answer.headers["ETag"]
    tap.equal(engine.request("GET", "/apis", Accept=form, If_None_Match=tag).status, 304, "and it can be cached")
    index = engine.request("GET", "/openapi/v3").json["paths"]
    for entry in index.values():
        document = engine.request("GET", entry["serverRelativeURL"]).json
        for path, item in document["paths"].items():
            names = [parameter["name"] for parameter in item["patch"]["parameters"]]
            tap.check("fieldValidation" in names, f"OpenAPI of {path}")
    tap.equal(engine.request("GET", "/openapi/v2").status, 404, "no OpenAPI v2")
    tap.equal(engine.request("GET", "/apis/nobody.example").data, b"404 page not found\n", "an unknown group")
    review = {"spec": {"resourceAttributes": {"group": "tekton.dev", "resource": "pipelineruns", "verb": "create"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    tap.equal(engine.request("POST", path, review).json["status"]["allowed"], True, "a review")
    review["spec"]["resourceAttributes"]["resource"] = "deployments"
    tap.equal(engine.request("POST", path, review).json["status"]["allowed"], False, "of what is not there")
    who = engine.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, Impersonate_User="alice",
                         Impersonate_Group="leads").json["status"]["userInfo"]
    tap.equal(who, {"username": "alice", "groups": ["leads", "system:authenticated"]}, "another user")


def test_approval(tap, engine):
    path = "/apis/openshift-pipelines.org/v1alpha1/namespaces/default/approvaltasks"
    engine.request("POST", path, make("ApprovalTask", "openshift-pipelines.org/v1alpha1", "gate"))
    body = engine.request("GET", path + "/gate").json
    body["spec"]["approvers"][0]["input"] = "approve"
    refused = engine.request("PUT", path + "/gate", body, Impersonate_User="mallory")
    tap.equal(refused.status, 400, "a stranger cannot approve")
    tap.equal(engine.request("PUT", path + "/gate", body, Impersonate_User="alice").status, 200, "the approver can")


def raw(path, data, end=False):
    """What the engine answers to bytes that no client library would send."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        try:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = b""
        try:
            while b"\r\n\r\n" not in answer:
                piece = connection.recv(65536)
                if not piece:
                    break
                answer += piece
        except ConnectionResetError:
            pass
    return int(answer.split()[1]) if answer.startswith(b"HTTP/") else None


def test_door(tap, engine):
    tap.equal(engine.request("GET", "/version", Host="evil.test").status, 403, "another host")
    tap.equal(engine.request("GET", "/version", Host="localhost.evil.test").status, 403, "a host that begins like ours")
    tap.equal(engine.request("GET", "/version", Host="127.0.0.1:8080").status, 200, "our own host")
    tap.equal(engine.request("GET", "/version", Origin="http://127.0.0.1").status, 403, "any origin")
    tap.equal(raw(engine.socket, b"GET /version HTTP/1.0\r\n\r\n") in (400, 403), True, "no host")
    tap.equal(raw(engine.socket, b"GET /version HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n") in (400, 403), True,
              "two hosts")
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        tap.equal(engine.request("POST", MAPS, b"{}", Content_Type=media).status, 415, media)
    tap.equal(engine.request("POST", MAPS, b"<x/>", Content_Type="application/xml").status, 415, "XML")
    huge = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    path = MAPS.encode()
    tap.equal(engine.request("POST", MAPS, b'{"a":"' + b"x" * 3145728 + b'"}', Content_Type="application/json").status, 413,
              "more than 3 MiB")
    tap.check(raw(engine.socket, huge % (path, 10 ** 15) + b"x" * 1000, True) in (413, 400, None), "a length beyond all bounds")
    chunked = (b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
               % path) + (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 5 + b"0\r\n\r\n"
    tap.equal(raw(engine.socket, chunked), 413, "more than 3 MiB in chunks")
    for what, body in {
        "deep JSON": b"[" * 100000 + b"]" * 100000,
        "a deep object": b'{"a":' * 200 + b"1" + b"}" * 200,
        "a NUL in a name": b'{"metadata":{"name":"good\\u0000evil"}}',
        "a raw NUL": b'{"metadata":{"name":"a\x00b"}}',
        "a lone surrogate": b'{"metadata":{"name":"\\ud800"}}',
        "no UTF-8": b'{"metadata":{"name":"\xff"}}',
        "a number of thirty digits": b'{"metadata":{"generation":123456789012345678901234567890}}',
        "an endless number": b'{"x":1e999}',
        "single quotes": b"{'a':1}",
        "two documents": b"{}{}",
        "nothing": b"",
        "a list": b"[]",
        "null": b"null",
        "metadata that is a list": b'{"metadata":[]}',
        "labels that are a text": b'{"metadata":{"name":"x","labels":"x"}}',
        "an owner that is a number": b'{"metadata":{"name":"x","ownerReferences":[1]}}',
        "a finalizer that is an object": b'{"metadata":{"name":"x","finalizers":[{}]}}',
    }.items():
        for address in (MAPS, TASKS):
            answer = engine.request("POST", address, body, Content_Type="application/json")
            tap.check(answer.status in (400, 422), f"{what} to {address[-10:]}", f"{answer.status} {answer.data[:200]}")
    copies = [{"op": "copy", "from": "", "path": f"/spec/a{i}"} for i in range(40)]
    engine.request("POST", TASKS, task("bomb"))
    answer = engine.request("PATCH", f"{TASKS}/bomb", copies, Content_Type="application/json-patch+json")
    tap.equal(answer.status, 422, "a patch that doubles itself")
    nested = [{"op": "copy", "from": "/data", "path": "/data/x"}] * 300
    engine.request("POST", MAPS, config_map("bomb", a="1"))
    answer = engine.request("PATCH", f"{MAPS}/bomb", nested, Content_Type="application/json-patch+json")
    tap.check(answer.status in (400, 422), "a patch that nests itself", answer.data[:200])
    tap.equal(engine.request("GET", "/readyz").status, 200, "and the engine still answers")
    idle = []
    for _ in range(300):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(engine.socket)
        connection.sendall(b"GET /ver")
        idle.append(connection)
    tap.equal(engine.request("GET", "/version").status, 200, "with three hundred that say nothing")
    for connection in idle:
        connection.close()
    mode = os.stat(engine.socket).st_mode & 0o777, os.stat(engine.data).st_mode & 0o777
    tap.equal(mode, (0o600, 0o700), "modes")


def test_tls(tap, engine):
    kubeconfig = engine.command("kubeconfig").stdout
    tap.equal(engine.command("kubeconfig").stdout, kubeconfig, "the same port again")
    port = int(re.search(r"https://127\.0\.0\.1:(\d+)", kubeconfig)[1])
    token = re.search(r"token: (\S+)", kubeconfig)[1]
    authority = base64.b64decode(re.search(r"certificate-authority-data: (\S+)", kubeconfig)[1]).decode()
    context = ssl.create_default_context(cadata=authority)

    def ask(path, **headers):
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        status = connection.getresponse().status
        connection.close()
        return status

    tap.equal(ask("/api", Authorization=f"Bearer {token}"), 200, "the token opens")
    tap.equal(ask("/api"), 401, "none does not")
    tap.equal(ask("/api", Authorization="Bearer " + "0" * 64), 401, "another does not")
    tap.equal(ask("/api", Authorization=f"Bearer {token}x"), 401, "a longer one does not")
    tap.equal(ask("/api", Authorization=f"Bearer {token[:-1]}"), 401, "a shorter one does not")
    tap.equal(ask("/v2/"), 401, "nor to the images")
    tap.equal(ask("/api", Authorization=f"Bearer {token}", Origin="https://127.0.0.1"), 403, "nor from a web page")
    tap.equal(ask("/chain-engine/stop", Authorization=f"Bearer {token}"), 404, "the engine's own commands are not here")
    tap.equal((len(token), oct(os.stat(os.path.join(engine.data, "tls", "token")).st_mode & 0o777)), (64, "0o600"),
              "the token")
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        tap.check(connection.getsockname()[0] == "127.0.0.1", "only on loopback")


LOG = ("2026-01-01T00:00:0{0}.000000000Z stdout F line {0}\n")


def test_logs(tap, engine):
    run = {"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "metadata": {"name": "talk"}, "spec": {"taskSpec": {"steps": [
        {"name": "one", "image": "host", "script": "#!/bin/sh\nfor i in 1 2 3; do echo line $i; sleep 0.3; done\nprintf end"},
        {"name": "two", "image": "host", "script": "#!/bin/sh\necho second"}]}}}
    engine.request("POST", f"{TEKTON}/taskruns", run)
    deadline = time.monotonic() + 15
    while True:
        pod = engine.request("GET", f"{CORE}/pods/talk-pod")
        if pod.status == 200 and engine.request("GET", f"{CORE}/pods/talk-pod/log?container=step-one").status == 200:
            break
        if time.monotonic() > deadline:
            tap.check(False, "the step starts", pod.data)
            return
        time.sleep(0.05)
    followed = engine.request("GET", f"{CORE}/pods/talk-pod/log?container=step-one&follow=true")
    tap.equal((followed.data, followed.type), (b"line 1\nline 2\nline 3\nend\n", "text/plain"), "a log is followed to its end")
    log = f"{CORE}/pods/talk-pod/log?container=step-one"
    tap.equal(engine.request("GET", log + "&tailLines=2").data, b"line 3\nend\n", "its tail")
    tap.equal(engine.request("GET", log + "&tailLines=0").data, b"", "no tail")
    tap.equal(engine.request("GET", log + "&limitBytes=9").data, b"line 1\nli", "a few bytes")
    stamped = engine.request("GET", log + "&timestamps=true&tailLines=2").data.decode()
    tap.check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 3\n\S+Z end\n", stamped), "with times", stamped)
    tap.equal(engine.request("GET", log + "&sinceTime=2099-01-01T00:00:00Z").data, b"", "nothing since then")
    tap.equal(engine.request("GET", log + "&sinceTime=2001-01-01T00:00:00Z").data, followed.data, "all since then")
    tap.equal(engine.request("GET", log + "&sinceSeconds=0").status, 422, "no seconds")
    names = engine.request("GET", f"{CORE}/pods/talk-pod/log").json["message"]
    tap.check("choose one of: [" in names and "step-one step-two]" in names, "which container?", names)
    tap.equal(engine.request("GET", f"{CORE}/pods/talk-pod/log?container=x").json["message"],
              "container x is not valid for pod talk-pod", "none of that name")
    tap.equal(engine.request("GET", f"{CORE}/pods/none/log").status, 404, "no pod")
    tap.equal(engine.request("GET", log, Accept="text/html").status, 200, "whatever is accepted")
    # A log in parts, longer than a block, written by hand over the step's.
    path = os.path.join(engine.data, "logs", "default", "talk-pod", "step-one.log")
    with open(path, "w", encoding="utf-8") as file:
        for i in range(5000):
            file.write(f"2026-01-01T00:00:00.{i:09}Z stdout P part {i} \n")
            file.write(f"2026-01-01T00:00:01.{i:09}Z stdout F rest {i}\n")
    lines = engine.request("GET", log).data.decode().split("\n")
    tap.equal((len(lines), lines[0], lines[4999]), (5001, "part 0 rest 0", "part 4999 rest 4999"), "parts are joined")
    tap.equal(engine.request("GET", log + "&tailLines=3000").data.decode().split("\n")[0], "part 2000 rest 2000",
              "and counted as lines")
    tap.equal(engine.request("GET", log + "&tailLines=9999").data.decode().split("\n")[0], "part 0 rest 0", "all of them")
    tap.equal(engine.request("POST", f"{CORE}/pods", {}).status, 405, "pods are only read")


def test_life(tap, engine):
    engine.request("POST", MAPS, config_map("kept"))
    before = engine.request("GET", f"{MAPS}/kept").json
    start = engine.request("GET", MAPS).json["metadata"]["resourceVersion"]
    engine.request("POST", MAPS, config_map("after"))
    second = subprocess.run([engine.program, "--data", engine.data, "--socket", engine.socket + "2"], capture_output=True,
                            text=True, timeout=20)
    tap.check(second.returncode == 1 and "Another engine" in second.stderr, "one engine a folder", second.stderr)
    status = busy(engine)
    tap.equal((status["pid"], status["state"], status["socket"]), (engine.process.pid, "running", engine.socket), "status")
    tap.check("backend" in status["sandbox"], "which sandbox", status)
    tap.equal(engine.command("check").returncode, 0, "nothing is stuck")
    engine.kill()
    tap.equal(busy(engine)["state"], "stopped", "it was killed")
    engine.start()
    tap.equal(engine.request("GET", f"{MAPS}/kept").json, before, "and everything is there")
    events = engine.watch(f"{MAPS}?watch=true&resourceVersion={start}&timeoutSeconds=5").take(1)
    tap.equal(kinds(events), [("ADDED", "after")], "a watch goes on where it was")
    tap.equal(engine.command("stop").returncode, 0, "it is told to end")
    tap.equal((engine.process.wait(10), os.path.exists(engine.socket)), (0, False), "and does")
    tap.equal(engine.command("stop").returncode, 0, "telling it again is harmless")
    tap.equal(subprocess.run([engine.program, "dance"], capture_output=True, check=False).returncode, 2, "an unknown command")
    engine.process = subprocess.Popen([engine.program, "--data", engine.data, "--socket", engine.socket, "--idle-seconds", "3"])
    while not engine.answers():
        time.sleep(0.01)
    watch = engine.watch(f"{MAPS}?watch=true")
    watch.take(1)
    half = UnixConnection(engine.socket)
    half.putrequest("POST", MAPS)
    half.putheader("Content-Type", "application/json")
    half.putheader("Content-Length", "100")
    half.endheaders(b"{")
    time.sleep(3.5)
    tap.equal(engine.process.poll(), None, "who watches keeps it")
    watch.close()
    half.close()
    tap.equal(engine.process.wait(15), 0, "it ends when there is nothing to do")
    with open(os.path.join(engine.data, "engine.db"), "r+b") as file:
        file.seek(0)
        file.write(b"no database any more")
    broken = subprocess.run([engine.program, "--data", engine.data, "--socket", engine.socket], capture_output=True, text=True,
                            timeout=20)
    tap.check(broken.returncode == 1 and "damaged" in broken.stderr, "a damaged database is said so", broken.stderr)


def main():
    tap = Tap()
    tests = [test_every_type, test_names, test_conflicts, test_finalizers, test_namespaces, test_watch, test_window,
             test_many_watches, test_collections, test_discovery, test_approval, test_door, test_tls, test_logs, test_life]
    wanted = sys.argv[2:]
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        with Engine(sys.argv[1], "--allow-unsandboxed") as engine:
            test(tap, engine)
    tap.end()


main()
