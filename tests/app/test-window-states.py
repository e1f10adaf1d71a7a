# SPDX-License-Identifier: GPL-3.0-or-later
"""A real window in its less usual states: what a screen reader is told everywhere, unsaved work and a crash, no engine,
news while nobody looks.

    test-window-states.py CHAIN-DESIGNER CHAIN-ENGINE SAMPLE    (under tests/support/with-display)"""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from designer import Designer, run_tests, wait_for  # noqa: E402

PROGRAM, ENGINE, SAMPLE = sys.argv[1:4]


def node(designer, title):
    return designer.get(contains=f"{title}, node ", role="list item")


def select(designer, title):
    designer.click(node(designer, title), (0.4, 0.85))


def check_names(designer, where, within=None):
    nameless = designer.list_nameless(within)
    assert not nameless, f"{where}: nameless and focusable:\n" + "\n".join(nameless)


def wait_until_connected(designer):
    wait_for(lambda: designer.is_sensitive("Create Chain…"), "the engine")


def everything_has_a_name():
    """whatever takes the keyboard has a name"""
    with Designer(PROGRAM, SAMPLE) as designer:
        designer.get(contains="Chain canvas, Loan approval")
        wait_until_connected(designer)
        check_names(designer, "the chain")
        select(designer, "Check credit")
        designer.get("Create Requests")
        check_names(designer, "a node")
        for key, title in (("p", "Pipeline of “Check credit”"), ("t", "Task of “Check credit”")):
            designer.key(key)
            designer.get(title, "frame")
            check_names(designer, title)
            designer.key("Escape")
            designer.gone(title, "frame")
        for key, title in (("ctrl+period", "Approvals"), ("F5", "Create “Loan approval”")):
            designer.key(key)
            designer.get(title, "frame")
            check_names(designer, title)
            designer.key("Escape")
            designer.gone(title, "frame")
        # The frame of this one is the toolkit's.
        designer.key("ctrl+comma")
        for group in ("General", "Connection"):
            check_names(designer, group, within=designer.get(group, "list"))
        designer.key("Escape")
        designer.gone("Preferences", "frame")
        designer.key("F7")
        for page in ("Problems", "Execution", "Logs"):
            designer.click(designer.get(page, "page tab"))
            check_names(designer, page)
        designer.click(designer.get("Outline", "page tab"))
        check_names(designer, "the outline")
        designer.key("ctrl+f")
        check_names(designer, "find")


def unsaved_work_is_kept():
    """closing asks, and a crash loses nothing"""
    path = os.path.join(os.environ["HOME"], "kept.chain.json")
    shutil.copy(SAMPLE, path)
    with Designer(PROGRAM, path) as designer:
        designer.get(contains="Chain canvas, Loan approval")
        select(designer, "Check credit")
        designer.key("F2")
        designer.get_focused("Title of the node", "text")
        designer.key("ctrl+a")
        designer.type("Weigh credit")
        designer.key("Return")
        node(designer, "Weigh credit")
        designer.key("ctrl+w")
        designer.click(designer.get("Cancel", "push button"))
        node(designer, "Weigh credit")
        designer.wait_for_draft("Weigh credit")
        designer.kill()
    with open(path, encoding="utf-8") as file:
        assert "Weigh credit" not in file.read()

    with Designer(PROGRAM) as designer:
        node(designer, "Weigh credit")
        designer.get("Recovered unsaved changes. Save to keep them.")
        designer.key("ctrl+s")
        wait_for(lambda: "Weigh credit" in open(path, encoding="utf-8").read(), "the file")
        designer.gone("Recovered unsaved changes. Save to keep them.")
        json.load(open(path, encoding="utf-8"))
    with Designer(PROGRAM) as designer:
        designer.get("Draw Your First Chain")


def drawing_goes_on_without_an_engine():
    """without an engine one can draw, and try again"""
    blocker = os.path.join(os.environ["HOME"], "blocked")
    open(blocker, "w", encoding="utf-8").close()
    engine = {"CHD_ENGINE_SOCKET": os.path.join(blocker, "engine"), "CHD_ENGINE_DATA": os.path.join(blocker, "data")}
    with Designer(PROGRAM, SAMPLE, env=engine) as designer:
        designer.get("Try Again", "push button")
        select(designer, "Check credit")
        designer.key("ctrl+d")
        designer.get(contains=", node 6 of 6", role="list item")
        os.remove(blocker)
        os.mkdir(blocker)
        designer.click(designer.get("Try Again", "push button"))
        wait_until_connected(designer)
        designer.gone("Try Again", "push button")
        designer.key("ctrl+w")
        designer.click(designer.get("Discard", "push button"))
        designer.wait_for_end()
    subprocess.run([ENGINE, "stop"], check=False, env={**os.environ, **engine}, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def news_while_nobody_looks():
    """a decision and the end of a run are told while no window is in use"""
    with Designer(PROGRAM, SAMPLE) as designer:
        designer.get(contains="Chain canvas, Loan approval")
        wait_until_connected(designer)
        select(designer, "Take request")
        designer.key("F5")
        designer.get(contains=" new")
        designer.key("ctrl+Return")
        designer.get("Chain created. Nothing runs yet.")
        designer.key("ctrl+Return")
        designer.wait_for_window("Run “Loan approval”")
        designer.key("ctrl+Return")
        designer.look_away()
        wait_for(lambda: "decision" in designer.read_notifications(), "the notification of a decision")
        designer.look_at("Loan approval")
        wait_for(lambda: "withdrawn" in designer.read_notifications(), "its end, when it was seen")


if __name__ == "__main__":
    failed = run_tests(everything_has_a_name, unsaved_work_is_kept, drawing_goes_on_without_an_engine,
                       news_while_nobody_looks)
    subprocess.run([ENGINE, "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sys.exit(failed)
