#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real kubectl against the engine, over TLS."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

from engine import Engine, Tap, skip_all

TASK = """apiVersion: tekton.dev/v1
kind: Task
metadata: {name: greet, labels: {team: a}}
spec:
  description: hello
  params: [{name: who, type: string, default: world}]
  steps: [{name: say, image: host, script: "#!/bin/sh\\necho hello $(params.who)"}]
"""
RUN = """apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: morning}
spec:
  pipelineSpec:
    tasks: [{name: greet, taskRef: {name: greet}, params: [{name: who, value: you}]}]
"""


class Kubectl:
    def __init__(self, engine):
        self.folder = engine.folder
        self.environment = dict(os.environ, HOME=engine.folder, KUBECONFIG=os.path.join(engine.folder, "kubeconfig"))
        kubeconfig = engine.command("kubeconfig")
        with open(self.environment["KUBECONFIG"], "w", encoding="ascii") as file:
            file.write(kubeconfig.stdout)

    def __call__(self, line, stdin=None):
        run = subprocess.run(["kubectl", *line.split()], input=stdin, capture_output=True, text=True, timeout=60,
                             env=self.environment, cwd=self.folder)
        self.error = run.stderr
        self.status = run.returncode
        return run.stdout

    def start(self, line):
        return subprocess.Popen(["kubectl", *line.split()], stdout=subprocess.PIPE, text=True, env=self.environment,
                                cwd=self.folder)


def test_objects(tap, kubectl):
    tap.check(kubectl("create -f -", TASK) == "task.tekton.dev/greet created\n", "create", kubectl.error)
    kubectl("create -f -", TASK)
    tap.check("AlreadyExists" in kubectl.error, "create again", kubectl.error)
    table = kubectl("get tasks")
    tap.check(re.fullmatch(r"NAME +AGE\ngreet +\d+s\n", table), "get prints a table", table)
    tap.equal(kubectl("get task greet -o jsonpath={.spec.description}"), "hello", "get prints a field")
    tap.equal(kubectl("get tasks -l team=a -o name"), "task.tekton.dev/greet\n", "get by label")
    tap.equal(kubectl("get tasks -l team=b -o name"), "", "get by another label")
    described = kubectl("describe task greet")
    tap.check("Description:  hello" in described and "Events:" in described, "describe", described + kubectl.error)
    kubectl("apply -f -", TASK.replace("hello\n", "good morning\n"))
    tap.equal(kubectl("get task greet -o jsonpath={.spec.description}"), "good morning", "apply")
    kubectl("apply --server-side -f -", TASK.replace("hello\n", "good evening\n"))
    tap.check("conflict" in kubectl.error and kubectl.status == 1, "apply on the server's side sees the conflict", kubectl.error)
    kubectl("apply --server-side --force-conflicts -f -", TASK.replace("hello\n", "good evening\n"))
    tap.equal(kubectl("get task greet -o jsonpath={.spec.description}"), "good evening", "and is forced")
    difference = kubectl("diff -f -", TASK)
    tap.check("-  description: good evening\n+  description: hello" in difference and kubectl.status == 1, "diff", difference)
    kubectl('patch task greet --type=merge -p {"spec":{"description":"x"}}')
    kubectl('patch task greet --type=json -p [{"op":"add","path":"/spec/displayName","value":"y"}]')
    tap.equal(kubectl("get task greet -o jsonpath={.spec.description}{.spec.displayName}"), "xy", "patch")
    kubectl("label task greet team=b --overwrite")
    kubectl("annotate task greet note=c")
    tap.equal(kubectl("get task greet -o jsonpath={.metadata.labels.team}{.metadata.annotations.note}"), "bc",
              "label and annotate")
    kubectl("replace -f -", TASK)
    tap.equal(kubectl("get task greet -o jsonpath={.spec.description}"), "hello", "replace")
    kubectl("apply -f -", TASK.replace("description", "descripton"))
    tap.check('unknown field "spec.descripton"' in kubectl.error, "validation", kubectl.error)
    kubectl("create -f -", TASK.replace("greet", "Greet"))
    tap.check("RFC 1123" in kubectl.error, "a bad name", kubectl.error)
    tap.check("steps" in kubectl("explain task.spec.steps"), "explain", kubectl.error)
    tap.equal(kubectl("create -f - --dry-run=server -o name", TASK.replace("greet", "dry")), "task.tekton.dev/dry\n", "dry run")


def test_core(tap, kubectl):
    tap.equal(kubectl("create namespace dept"), "namespace/dept created\n", "create namespace")
    tap.equal(kubectl("create configmap c -n dept --from-literal=a=1"), "configmap/c created\n", "create configmap")
    tap.equal(kubectl("create serviceaccount finance -n dept"), "serviceaccount/finance created\n", "create serviceaccount")
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: dept}\ndata: {a: '1'}\n"
    tap.equal(kubectl("apply -f -", body), "configmap/d created\n", "apply makes")
    tap.equal(kubectl("apply -f -", body), "configmap/d unchanged\n", "apply changes nothing")
    tap.equal(kubectl("apply -f -", body.replace("'1'", "'2'")), "configmap/d configured\n", "apply changes")
    tap.equal(kubectl('patch configmap d -n dept -p {"data":{"b":"3"}}'), "configmap/d patched\n", "a strategic patch")
    tap.equal(json.loads(kubectl("get configmap d -n dept -o jsonpath={.data}")), {"a": "2", "b": "3"}, "of a built-in kind")
    tap.check("DATA" in kubectl("get configmaps -A"), "get in all namespaces")
    tap.equal(kubectl("delete namespace dept"), 'namespace "dept" deleted\n', "delete namespace")
    names = kubectl("api-resources -o name").split()
    tap.check({"tasks.tekton.dev", "pipelineruns.tekton.dev", "customruns.tekton.dev", "configmaps",
               "approvaltasks.openshift-pipelines.org"} <= set(names), "api-resources", names)
    tap.check("alice" in kubectl("auth whoami --as alice"), "auth whoami", kubectl.error)
    tap.equal(kubectl("auth can-i create pipelineruns.tekton.dev"), "yes\n", "auth can-i")
    tap.check("Server Version" in kubectl("version"), "version", kubectl.error)


def test_run(tap, kubectl):
    watch = kubectl.start("get pipelineruns -w --output-watch-events")
    kubectl("create -f -", RUN)
    kubectl("wait pipelinerun/morning --for=condition=Succeeded --timeout=30s")
    tap.check(kubectl.status == 0, "wait", kubectl.error)
    watch.terminate()
    events = watch.communicate()[0].split("\n")
    tap.check(any(event.split()[:2] == ["ADDED", "morning"] for event in events) and any(event.split()[:2] == ["MODIFIED", "morning"] for event in events),
              "get -w", events)
    table = kubectl("get pr,tr")
    tap.check(re.search(r"pipelinerun.tekton.dev/morning +True +Succeeded +\d+s +\d+s", table), "a finished run", table)
    pod = kubectl("get pods -o name").strip()
    tap.equal(kubectl(f"logs {pod}"), "hello you\n", "logs")
    tap.check(kubectl(f"logs -f --timestamps --tail=1 {pod}").endswith("Z hello you\n"), "logs with options", kubectl.error)
    kubectl("logs nothing")
    tap.check("NotFound" in kubectl.error, "logs of nothing", kubectl.error)
    tap.equal(kubectl("delete pipelinerun morning"), 'pipelinerun.tekton.dev "morning" deleted\n', "delete")
    deadline = time.monotonic() + 15
    while kubectl("get tr,po -o name") and time.monotonic() < deadline:
        time.sleep(0.05)
    tap.equal(kubectl("get tr,po -o name"), "", "and what it owned goes too")
    tap.equal(kubectl("delete tasks --all"), 'task.tekton.dev "greet" deleted\n', "delete all")


def main():
    if shutil.which("kubectl") is None:
        skip_all("kubectl is not installed")
    tap = Tap()
    with Engine(sys.argv[1], "--allow-unsandboxed") as engine:
        kubectl = Kubectl(engine)
        for test in (test_objects, test_core, test_run):
            test(tap, kubectl)
    tap.end()


main()
