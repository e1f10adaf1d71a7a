# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crash leaves: each chain comes back in a window of its own, with its file and never beside it, once.

    test-window-drafts.py CHAIN-DESIGNER CHAIN-ENGINE SAMPLE    (under tests/support/with-display)"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from designer import Designer, run_tests, wait_for  # noqa: E402

PROGRAM, ENGINE, SAMPLE = sys.argv[1:4]
TITLES = ("Chain A", "Chain B")


def make_files():
    with open(SAMPLE, encoding="utf-8") as file:
        chain = json.load(file)
    paths = []
    for title in TITLES:
        chain["title"] = title
        paths.append(os.path.join(os.environ["HOME"], title.replace(" ", "-") + ".chain.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump(chain, file)
    return paths


def find_node(designer, chain, title):
    window = designer.find(chain, "frame")
    return window and designer.find(contains=f"{title}, node ", role="list item", within=window)


def rename(designer, chain, old, new):
    """In the window of one of several chains, which has to be in front."""
    subprocess.run(["xdotool", "windowraise", str(designer.geometry(chain)["WINDOW"]), "windowfocus", "--sync",
                    str(designer.geometry(chain)["WINDOW"])], check=True)
    designer.click(wait_for(lambda: find_node(designer, chain, old), f"“{old}” in {chain}"), (0.4, 0.85))
    designer.key("F2")
    designer.get_focused("Title of the node", "text")
    designer.key("ctrl+a")
    designer.type(new)
    designer.key("Return")
    wait_for(lambda: find_node(designer, chain, new), f"“{new}” in {chain}")


def is_on_disk(text):
    for folder, _, names in os.walk(os.environ["XDG_DATA_HOME"]):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                if text.encode() in file.read():
                    return True
    return False


def crash(designer):
    """As the power going off."""
    designer.process.kill()
    designer.process.wait()
    designer.daemon.terminate()
    designer.daemon.wait()


def list_titles(designer):
    return sorted(window.name for window in designer.application)


def every_draft_has_a_window():
    """after a crash every chain is back, in one window each, also when its file is asked for"""
    paths = make_files()
    designer = Designer(PROGRAM, *paths)
    for title in TITLES:
        rename(designer, title, "Take request", f"Kept {title}")
    for title in TITLES:
        wait_for(lambda title=title: is_on_disk(f"Kept {title}"), "the draft on the disk")
    crash(designer)

    # Asked for by nothing, then by one of the files.
    for files in ([], paths[:1]):
        designer = Designer(PROGRAM, *files)
        for title in TITLES:
            wait_for(lambda title=title: find_node(designer, title, f"Kept {title}"), f"the draft of {title}")
        assert list_titles(designer) == sorted(TITLES), list_titles(designer)
        crash(designer)


def what_was_discarded_stays_away():
    """what was discarded does not come back"""
    designer = Designer(PROGRAM)
    for title in TITLES:
        wait_for(lambda title=title: find_node(designer, title, f"Kept {title}"), f"the draft of {title}")
    designer.key("ctrl+q")
    for remaining in (1, 0):
        question = designer.get("Discard", "push button")
        designer.click(question)
        wait_for(lambda: designer.process.poll() is not None or
                 sum(title in TITLES for title in list_titles(designer)) == remaining, "the end of a window")
    wait_for(lambda: designer.process.poll() is not None, "the end of the program")
    assert designer.process.poll() == 0, designer.read_log()
    crash(designer)
    with Designer(PROGRAM) as designer:
        designer.get("Draw Your First Chain")
        assert list_titles(designer) == ["Chain Designer"], list_titles(designer)


if __name__ == "__main__":
    failed = run_tests(every_draft_has_a_window, what_was_discarded_stays_away)
    subprocess.run([ENGINE, "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sys.exit(failed)
