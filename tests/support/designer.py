# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the designer as a person does: by pointer and keys (xdotool), and reads what a screen reader would (AT-SPI).

Every wait is for a condition and has a bound; nothing waits for time to pass."""

import ctypes
import os
import re
import subprocess
import sys
import time

import pyatspi

BOUND = float(os.environ.get("CHD_TEST_BOUND", "30"))
CONTAINERS = (pyatspi.ROLE_SCROLL_PANE, pyatspi.ROLE_FILLER, pyatspi.ROLE_LIST)


class Late(AssertionError):
    """A condition did not come true in time."""


def wait_for(condition, what, bound=BOUND):
    """Returns the first true value of condition()."""
    end = time.monotonic() + bound
    while True:
        try:
            value = condition()
        except Exception:  # an accessible that went away while we looked at it
            value = None
        if value:
            return value
        if time.monotonic() > end:
            raise Late(f"waited in vain for: {what}")
        time.sleep(0.05)


def xdotool(*arguments):
    subprocess.run(["xdotool", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


class Designer:
    def __init__(self, program, *files, log=None, env=None):
        self.notifications = os.path.join(os.environ["HOME"], "notifications")
        self.daemon = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                                     "notification-daemon.py"), self.notifications])
        wait_for(lambda: os.path.exists(self.notifications), "the notification service")
        self.log = open(log or os.path.join(os.environ["HOME"], "designer.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([program, *files], stdout=self.log, stderr=subprocess.STDOUT,
                                        env={**os.environ, **(env or {})})
        self.over = False
        self.application = wait_for(self._find_application, "the application on the accessibility bus")

    def _find_application(self):
        if self.process.poll() is not None:
            raise SystemExit(f"the designer ended: {self.read_log()}")
        desktop = pyatspi.Registry.getDesktop(0)
        for application in desktop:
            if application and application.get_process_id() == self.process.pid and application.childCount > 0:
                return application
        return None

    def read_log(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    # Looking

    def walk(self, root=None):
        """All accessibles that are shown, parents first."""
        pending = [root or self.application]
        while pending:
            accessible = pending.pop()
            yield accessible
            try:
                children = [accessible.getChildAtIndex(i) for i in range(accessible.childCount)]
            except Exception:
                continue
            pending.extend(child for child in reversed(children) if child is not None)

    @staticmethod
    def is_shown(accessible):
        """GTK 4.8 does not report “showing” for widgets; what was never laid out has no size."""
        extents = accessible.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        return extents.width > 0 and extents.height > 0

    def find(self, name=None, role=None, contains=None, within=None):
        """The first that matches. A button's name holds its label twice in GTK 4.8: with and without the mnemonic."""
        for accessible in self.walk(within):
            try:
                text = accessible.name
                if name is not None and text != name and not text.endswith(" " + name):
                    continue
                if contains is not None and contains not in text:
                    continue
                if role is not None and accessible.getRoleName() != role:
                    continue
                if not self.is_shown(accessible):
                    continue
            except Exception:
                continue
            return accessible
        return None

    def get(self, name=None, role=None, contains=None, within=None, bound=BOUND):
        what = f"{role or 'something'} named {name or contains!r}"
        try:
            return wait_for(lambda: self.find(name, role, contains, within), what, bound)
        except Late:
            raise Late(f"waited in vain for {what}; there is:\n{self.describe()}\n{self.read_log()}") from None

    def get_focused(self, name, role):
        """As get(), and it has the keyboard focus."""
        wait_for(lambda: self.find(name, role).getState().contains(pyatspi.STATE_FOCUSED), f"the focus of {name!r}")

    def gone(self, name=None, role=None, contains=None):
        wait_for(lambda: self.find(name, role, contains) is None, f"the end of {name or contains!r}")

    def is_sensitive(self, name):
        """Whether the button does something now."""
        return self.find(name, "push button").getState().contains(pyatspi.STATE_SENSITIVE)

    def is_told_by_parts(self, accessible):
        """A row of a drop-down is read by its label, and the button inside of a drop-down by the drop-down's name."""
        if accessible.getRole() == pyatspi.ROLE_LIST_ITEM:
            return any(part.getRole() == pyatspi.ROLE_LABEL and part.name for part in self.walk(accessible))
        return accessible.parent.getRole() == pyatspi.ROLE_COMBO_BOX and accessible.parent.name != ""

    def list_nameless(self, within=None):
        """What takes the keyboard and has no name, each with where it is. Without a name GTK gives that of the class."""
        nameless = []
        for accessible in self.walk(within):
            try:
                focusable = accessible.getState().contains(pyatspi.STATE_FOCUSABLE)
                named = accessible.name and not re.match("(Gtk|Adw|Chd)[A-Z]", accessible.name)
                # These pass the keyboard on to what they hold.
                if not focusable or named or accessible.getRole() in CONTAINERS or self.is_told_by_parts(accessible):
                    continue
                if not self.is_shown(accessible):
                    continue
                place, parent = [f"{accessible.getRoleName()} {accessible.name!r}"], accessible.parent
                while parent is not None and len(place) < 6:
                    place.append(f"{parent.getRoleName()} {parent.name!r}")
                    parent = parent.parent
            except Exception:
                continue
            nameless.append("  in ".join(place))
        return nameless

    def read_notifications(self):
        with open(self.notifications, encoding="utf-8") as file:
            return file.read()

    def describe(self):
        lines = []
        for accessible in self.walk():
            try:
                if accessible.name and self.is_shown(accessible):
                    lines.append(f"  {accessible.getRoleName()}: {accessible.name}")
            except Exception:
                continue
        return "\n".join(lines[:600])

    # Acting

    def window_of(self, accessible):
        while accessible.parent is not None and accessible.parent.getRole() != pyatspi.ROLE_APPLICATION:
            accessible = accessible.parent
        return accessible

    def place(self, accessible, at=(0.5, 0.5)):
        """Where a part of an accessible is on the screen. A window draws a shadow around what it reports."""
        frame = self.window_of(accessible)
        extents = accessible.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        size = frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        geometry = self.geometry(frame.name)
        left = geometry["X"] + (geometry["WIDTH"] - size.width) // 2
        top = geometry["Y"] + (geometry["HEIGHT"] - size.height) // 2
        return int(left + extents.x + extents.width * at[0]), int(top + extents.y + extents.height * at[1])

    def geometry(self, title):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
                               capture_output=True, text=True, check=False).stdout.split()
        for window in reversed(found):
            name = subprocess.run(["xdotool", "getwindowname", window], capture_output=True, text=True, check=False)
            if name.stdout.strip() == title:
                shell = subprocess.run(["xdotool", "getwindowgeometry", "--shell", window], capture_output=True,
                                       text=True, check=True).stdout
                return {key: int(value) for key, value in (line.split("=") for line in shell.split())}
        raise Late(f"no window is called {title!r}")

    def reveal(self, accessible):
        """Turns the wheel over the window until the accessible is in view."""
        frame = self.window_of(accessible)
        height = frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS).height
        for _ in range(60):
            extents = accessible.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
            if 60 < extents.y and extents.y + extents.height < height - 12:
                return
            x, y = self.place(frame, (0.04, 0.6))  # beside what could scroll itself
            before = extents.y
            xdotool("mousemove", x, y, "click", 5 if extents.y > 60 else 4)
            wait_for(lambda: accessible.queryComponent().getExtents(pyatspi.WINDOW_COORDS).y != before,
                     "the scrolling", bound=2)
        raise Late("scrolled in vain")

    def wait_for_window(self, title):
        """For windows that GTK 4.8 does not put into the tree: one that opens while another one closes."""

        def is_there():
            try:
                return self.geometry(title)
            except Late:
                return None

        wait_for(is_there, f"the window {title!r}")

    def click(self, accessible, at=(0.5, 0.5), button=1):
        x, y = self.place(accessible, at)
        xdotool("mousemove", x, y, "click", button)

    def drag(self, start, end, steps=8):
        """From one place on the screen to another, slowly enough to be taken for a drag."""
        xdotool("mousemove", *start, "mousedown", 1)
        for step in range(1, steps + 1):
            xdotool("mousemove", *(int(a + (b - a) * step / steps) for a, b in zip(start, end)))
            time.sleep(0.04)  # the rate of the movement, not a wait
        xdotool("mouseup", 1)

    def key(self, *keys):
        for key in keys:
            xdotool("key", "--clearmodifiers", key)

    def type(self, text):
        xdotool("type", "--delay", "15", text)

    def look_away(self):
        """Takes the keyboard away from the program."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XDefaultRootWindow.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(None))
        root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
        x11.XSetInputFocus(display, root, 2, 0)
        x11.XCloseDisplay(display)

    def look_at(self, title):
        xdotool("windowfocus", self.geometry(title)["WINDOW"])

    def wait_for_draft(self, text):
        """Unsaved work is on the disk a moment after it was done."""

        def is_there():
            for folder, _, names in os.walk(os.environ["XDG_DATA_HOME"]):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as file:
                        if text.encode() in file.read():
                            return True
            return False

        wait_for(is_there, "the draft on the disk")

    def kill(self):
        """As the power going off."""
        self.process.kill()
        self.process.wait(timeout=BOUND)
        self.over = True

    def wait_for_end(self):
        """It ends by itself when its last window is closed."""
        wait_for(lambda: self.process.poll() is not None, "the end of the program")
        self.over = True

    def screenshot(self, path):
        subprocess.run(["import", "-window", "root", path], check=False)

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        """Ends the designer; whether it ever warned is part of every test."""
        if kind is not None and "CHD_TEST_SCREENSHOT" in os.environ:
            self.screenshot(os.environ["CHD_TEST_SCREENSHOT"])
        ended = self.process.poll()
        for process in (self.process, self.daemon):
            process.terminate()
            process.wait(timeout=BOUND)
        if kind is not None:
            return
        text = self.read_log()
        if ended is not None and not self.over:
            raise AssertionError(f"the designer ended by itself ({ended}): {text}")
        for line in text.splitlines():
            if "CRITICAL" in line or "WARNING" in line or "assertion" in line:
                raise AssertionError(f"the designer warned: {text}")


def run_tests(*tests):
    """A minimal TAP runner."""
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} {test.__doc__ or test.__name__}")
        except Exception as error:  # noqa: BLE001: a test may fail in any way
            failed += 1
            print(f"not ok {number} {test.__doc__ or test.__name__}")
            for line in str(error).splitlines() or [repr(error)]:
                print(f"# {line}")
        sys.stdout.flush()
    return failed
