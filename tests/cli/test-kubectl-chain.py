#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What chainctl has created and run, seen by a real kubectl through the kubeconfig that chainctl prints; and chainctl
itself through that kubeconfig, as it would speak to a cluster."""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from chainctl import Home, Tap, sample, skip_all  # noqa: E402


def rows(table):
    return [re.split(r" {2,}|\t", line.strip()) for line in table.splitlines()]


def test_kubectl(tap, home, config, run):
    def kubectl(line, seconds=60):
        done = subprocess.run(["kubectl", "--kubeconfig", config, *line.split()], capture_output=True, text=True,
                              env=home.environment, timeout=seconds)
        return done.stdout if done.returncode == 0 else done.stderr

    pipelines = rows(kubectl("get pipelines"))
    tap.check(pipelines[0] == ["NAME", "AGE"] and "supplier-payment" in [row[0] for row in pipelines], "get pipelines", pipelines)
    tasks = rows(kubectl("get tasks"))
    tap.equal((tasks[0], len(tasks)), (["NAME", "AGE"], 12), "get tasks")
    runs = rows(kubectl("get pipelineruns"))
    tap.check(runs[0][:3] == ["NAME", "SUCCEEDED", "REASON"] and runs[1][:2] == [run, "Unknown"], "get pipelineruns", runs)
    task_runs = rows(kubectl("get taskruns"))
    tap.check(task_runs[0][:3] == ["NAME", "SUCCEEDED", "REASON"] and [f"{run}-receive-task", "True", "Succeeded"] == task_runs[1][:3]
              or any(row[:2] == [f"{run}-receive-task", "True"] for row in task_runs), "get taskruns", task_runs)
    approvals = rows(kubectl("get approvaltasks"))
    tap.check(approvals[0] == ["NAME", "AGE"] and len(approvals) == 2 and approvals[1][0].startswith("supplier-payment-run-"), "get approvaltasks", approvals)
    text = kubectl(f"describe pipelinerun {run}")
    tap.check("Name:" in text and "supplier-payment" in text and "Child References" in text, "describe pipelinerun", text[-500:])
    text = kubectl("describe task supplier-payment-receive")
    tap.check("chain-designer.example.org/chain=supplier-payment" in text, "describe task", text[-500:])
    pods = rows(kubectl("get pods"))
    pod = f"{run}-receive-task-pod"
    tap.check(pod in [row[0] for row in pods], "get pods", pods)
    tap.check("net 40840.34" in kubectl(f"logs {pod}"), "logs of a run's pod")
    tap.check("net 40840.34" in kubectl(f"logs {pod} -c step-run --timestamps"), "logs of a step")
    tap.equal(len(rows(kubectl("get pipelines,tasks,configmaps -l chain-designer.example.org/chain=supplier-payment -o name"))), 18,
              "get by label finds all that was created")


def test_chainctl(tap, home, config, run):
    """As with a cluster: TLS, a token, discovery."""
    remote = ["--kubeconfig", config, "--context", "chain-engine"]
    tap.check("supplier-payment" in home.run(*remote, "list").out, "chainctl through the kubeconfig: list")
    watch = home.start(*remote, "status", run, "--watch")
    for lead in ("carol", "bob", "ming", "alice"):
        name = home.wait_until(lambda: [a["name"] for a in home.json(*remote, "approvals")["items"]
                                        if a["run"] == run and a["pending"] == [lead]])
        done = home.run(*remote, "approve", name[0] if name else "?", "--as", lead)
        tap.check(done.code == 0, f"chainctl through the kubeconfig: approve as {lead}", done)
    out, err = watch.communicate(timeout=60)
    tap.check(watch.returncode == 0 and out.rstrip().endswith("Succeeded"), "chainctl through the kubeconfig: watch", out + err)
    done = home.run(*remote, "logs", run, "report")
    tap.check(done.code == 0 and "47628.00" in done.out, "chainctl through the kubeconfig: logs", done)
    created = home.run(*remote, "create", sample("loan-approval"), "--output", "json")
    tap.check(created.code == 0 and created.json["created"], "chainctl through the kubeconfig: create", created)


def main():
    if shutil.which("kubectl") is None:
        skip_all("kubectl is not installed")
    tap = Tap()
    with Home(sys.argv[1]) as home:
        home.need_sandbox()
        home.json("create", sample("supplier-payment"))
        run = home.start_run("supplier-payment")
        home.wait_approval(run)
        config = home.write("config.yaml", home.run("engine", "kubeconfig").out)
        test_kubectl(tap, home, config, run)
        test_chainctl(tap, home, config, run)
    tap.end()


main()
