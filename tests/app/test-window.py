# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job in a real window: a two-node chain drawn from nothing by pointer and keys, created, run and saved; and a
sample that is run, approved from the window, and whose log is read.

    test-window.py CHAIN-DESIGNER CHAIN-ENGINE SAMPLE    (under tests/support/with-display)"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from designer import Designer, run_tests, wait_for  # noqa: E402

PROGRAM, ENGINE, SAMPLE = sys.argv[1:4]


def node(designer, title):
    """The accessible of a node on the canvas: a list item that begins with its title and says its place."""
    return designer.get(contains=f"{title}, node ", role="list item")


def rename(designer, title):
    """A new node asks for its name at once."""
    designer.get_focused("Title of the node", "text")
    designer.type(title)
    designer.key("Return")
    designer.gone("Title of the node", "text")


def fill(designer, name, text, dialog):
    """Puts a text into a field of a dialog."""
    field = designer.get(name, "text", within=dialog)
    designer.reveal(field)
    designer.click(field)
    designer.key("ctrl+a")
    designer.type(text)


def dialog(designer, title):
    return designer.get(name=title, role="frame")


def draw_create_run_save(designer):
    """a two-node chain is drawn from nothing, created, run and saved"""
    designer.click(designer.get("New Chain", "push button"))
    designer.get(contains="Chain canvas, New chain")

    # The unit by a button, a node by dragging it from the palette into the unit's lane, another one by a key.
    designer.click(designer.get("Add Unit", "push button"))
    lane = designer.get(contains="New unit, 0 nodes", role="panel")
    designer.drag(designer.place(designer.get("Node", "list item")), designer.place(lane, (0.25, 0.5)))
    rename(designer, "Check")
    check = node(designer, "Check")
    designer.key("n")
    rename(designer, "Report")
    report = node(designer, "Report")

    # Connected from the port at the end of the first to the second.
    designer.drag(designer.place(check, (0.997, 0.5)), designer.place(report))
    wait_for(lambda: "Leads to" in node(designer, "Check").description, "the link")

    # The task: a new script that takes a value and gives a result, in the shipped environment.
    designer.click(node(designer, "Check"), (0.4, 0.85))
    designer.key("t")
    task = dialog(designer, "Task of “Check”")
    wait_for(lambda: designer.find(contains="Available") or designer.find(contains="Missing → will be uploaded"),
             "the registry's answer")
    fill(designer, "Values it takes, as $PARAM_NAME", "amount", task)
    fill(designer, "amount", "42", task)
    designer.key("ctrl+Return")
    designer.gone("Task of “Check”", "frame")
    designer.get("New script", "list item")

    # The pipeline: the interface “Wait” as the node's work.
    designer.click(node(designer, "Report"), (0.4, 0.85))
    designer.key("p")
    pipeline = dialog(designer, "Pipeline of “Report”")
    designer.click(designer.get("Work, Free", "push button", within=pipeline))
    designer.click(designer.get("Interface", "combo box", within=pipeline))
    designer.click(designer.get("Wait", "label", within=pipeline))
    fill(designer, "Duration", "1s", pipeline)
    designer.key("ctrl+Return")
    designer.gone("Pipeline of “Report”", "frame")

    # Undone and done again.
    designer.click(node(designer, "Report"), (0.4, 0.85))
    designer.key("ctrl+z")
    wait_for(lambda: "Wait" not in node(designer, "Report").description, "the pipeline's undo")
    designer.key("ctrl+shift+z")
    wait_for(lambda: "Wait" in node(designer, "Report").description, "the pipeline's redo")

    # Created and run from the keyboard.
    designer.get(contains="· Built-in engine on this computer", role="label")
    designer.key("F5")
    dialog(designer, "Create “New chain”")
    designer.get(contains="new")
    designer.key("ctrl+Return")
    designer.get("Chain created. Nothing runs yet.")
    designer.key("ctrl+Return")
    designer.wait_for_window("Run “New chain”")
    designer.key("ctrl+Return")
    for title in ("Check", "Report"):
        wait_for(lambda title=title: "succeeded" in node(designer, title).name.lower(), f"{title} succeeded")

    # Saved through the file chooser.
    path = os.path.join(os.environ["HOME"], "drawn.chain.json")
    designer.key("ctrl+s")
    designer.wait_for_window("Save the Chain")
    designer.key("ctrl+a")
    designer.type(path)
    designer.key("Return")
    designer.get("All changes are saved.")
    with open(path, encoding="utf-8") as file:
        saved = json.load(file)
    assert [item["title"] for item in saved["nodes"]] == ["Check", "Report"], saved
    assert len(saved["links"]) == 1 and len(saved["organisation"]["units"]) == 1, saved
    assert saved["nodes"][0]["task"]["params"] == {"amount": "42"}, saved
    assert saved["nodes"][1]["pipelines"][0]["at"] == "work", saved


def sample_approved_and_read(designer):
    """a sample is created, run, approved from the window, and a log is read"""
    designer.get(contains="Chain canvas, Loan approval")
    designer.get(contains="· Built-in engine on this computer", role="label")
    designer.click(node(designer, "Take request"), (0.4, 0.85))
    designer.key("F5")
    dialog(designer, "Create “Loan approval”")
    designer.get(contains=" new")
    designer.key("ctrl+Return")
    designer.get("Chain created. Nothing runs yet.")
    designer.key("ctrl+Return")
    designer.wait_for_window("Run “Loan approval”")
    designer.key("ctrl+Return")
    wait_for(lambda: "waits for approval" in node(designer, "Approve loan").name.lower(), "the approval")

    # Approved in the window that lists what waits.
    designer.key("ctrl+period")
    approvals = dialog(designer, "Approvals")
    designer.click(designer.get("Approve", "push button", within=approvals))
    designer.get(contains="Nothing Waits for You")
    designer.key("Escape")
    wait_for(lambda: "succeeded" in node(designer, "Pay out").name.lower(), "the end of the run")

    # The log of a node.
    designer.click(node(designer, "Take request"), (0.4, 0.85))
    designer.click(designer.get("Logs", contains=None))
    wait_for(lambda: "Take request" in designer.find("Log", "text").queryText().getText(0, -1)
             or designer.find("Log", "text").queryText().characterCount > 20, "the log")


def within(test, *files):
    """A test with a designer of its own, that must not have ended or warned in the end."""

    def run():
        with Designer(PROGRAM, *files) as designer:
            test(designer)

    run.__doc__ = test.__doc__
    return run


if __name__ == "__main__":
    failed = run_tests(within(sample_approved_and_read, SAMPLE), within(draw_create_run_save))
    # The engine outlives the windows; here nobody needs it any more.
    subprocess.run([ENGINE, "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sys.exit(failed)
