#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job on the samples, from the file to the end of the run: in English, in Chinese, and the one that fails."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from chainctl import Home, Tap, sample  # noqa: E402

LEADS = ["carol", "bob", "ming", "alice"]


def approve_all(tap, home, run):
    asked = []
    for lead in LEADS:
        item = home.wait_until(lambda: [a for a in home.json("approvals")["items"]
                                        if a["run"] == run and a["pending"] == [lead]])
        if not item:
            break
        asked.append(item[0]["pending"][0])
        home.json("approve", item[0]["name"], "--message", "yes", "--as", lead)
    return asked


def test_payment(tap, home, name, net, vat):
    created = home.json("create", sample(name))
    tap.check(created["created"] and {t["state"] for t in created["targets"]} == {"created"}, f"{name}: create", created)
    chain = created["chain"]
    run = home.start_run(chain)
    waiting = home.wait_until(lambda: (s := home.status(run)).state == "awaiting-approval" and s)
    tap.check(waiting and waiting.states["fast-release"] == "skipped" and waiting.states["pay"] == "waiting",
              f"{name}: waits for people", waiting and waiting.data)
    stranger = home.run("approve", home.wait_approval(run)["name"], "--as", "george")
    tap.check(stranger.code == 1 and home.status(run).state == "awaiting-approval", f"{name}: a stranger is refused", stranger)
    tap.equal(approve_all(tap, home, run), LEADS, f"{name}: the leads are asked upward, one after the other")
    code, status = home.wait_run(run)
    tap.equal((code, status.state), (0, "succeeded"), f"{name}: the run succeeds")
    wanted = dict.fromkeys(status.states, "succeeded")
    wanted["fast-release"] = "skipped"
    tap.equal(status.states, wanted, f"{name}: states of the nodes, the other branch skipped")
    tap.equal({**status.results("receive"), **status.results("discount")},
              {"net": net, "vat": vat, "verdict": "ok", "discount": "972.00", "payable": "47628.00"},
              f"{name}: results")
    report = "\n".join(text for _, _, text in home.logs(run, "report"))
    tap.check(all(value in report for value in (status.results("pay")["booking"], status.results("archive")["file"], "PO-7712",
                                                "972.00", "47628.00", "64")), f"{name}: results reach the report", report)
    tap.equal(home.json("approvals")["items"], [], f"{name}: nothing waits any more")
    code, status = home.run_to_end(chain, "--param", "amount=1190", "--param", "orders-so-far=40")
    tap.equal((code, status.states["fast-release"], status.states["board-release"], status.states["pay"]),
              (0, "succeeded", "skipped", "succeeded"), f"{name}: a small amount takes the other branch")


def test_failing(tap, home):
    home.json("create", sample("supplier-payment-failing"))
    run = home.start_run("supplier-payment-failing")
    code, status = home.wait_run(run)
    tap.equal((code, status.state, status.states), (1, "failed", {"receive": "succeeded", "pay": "failed", "archive": "skipped"}),
              "failing: a failed run is exit code 1, what follows is skipped")
    tap.check("Pay" in status.data["note"] or "pay" in status.data["note"], "failing: says which node", status.data["note"])
    parts = {part["part"]: part["state"] for part in status.nodes["pay"]["parts"]}
    tap.equal(parts, {"task": "failed", "on-failure": "succeeded"}, "failing: on-failure ran")
    lines = home.logs(run, "pay")
    tap.check(any("The bank refuses DE88" in text for _, _, text in lines)
              and any("failed: call Northwind Paper" in text for _, _, text in lines), "failing: both have spoken", lines)
    done = home.run("run", "supplier-payment-failing", "--param", "iban=DE89 3704 0044 0532 0130 00", "--watch")
    tap.check(done.code == 0 and done.out.rstrip().endswith("Succeeded"), "failing: with the right account it succeeds", done)
    code, status = home.run_to_end("supplier-payment-failing", "--param", "iban=DE89 3704 0044 0532 0130 00")
    tap.equal([part["state"] for part in status.nodes["pay"]["parts"]], ["succeeded", "skipped"], "failing: then on-failure does not run")


def test_others(tap, home):
    for name in ("loan-approval", "month-end-close", "supplier-onboarding"):
        done = home.run("create", sample(name))
        tap.check(done.code == 0, f"{name}: create", done)
    names = sorted(item["name"] for item in home.json("list")["items"])
    tap.equal(len(names), 6, "all samples live beside each other")


def main():
    tap = Tap()
    with Home(sys.argv[1]) as home:
        home.need_sandbox()
        test_payment(tap, home, "supplier-payment", "40840.34", "7759.66")
        test_payment(tap, home, "supplier-payment.zh_CN", "43008.85", "5591.15")
        test_failing(tap, home)
        test_others(tap, home)
    tap.end()


main()
