# SPDX-License-Identifier: GPL-3.0-or-later
"""Start to first frame: the CPU seconds that the designer has used when its window with the sample is on the screen.

    bench-start.py CHAIN-DESIGNER SAMPLE    (under tests/support/with-display)"""

import os
import statistics
import subprocess
import sys
import time

RUNS = 7
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def is_drawn(pid):
    """The window is mapped and its middle is no longer the black of the root window."""
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(pid)], capture_output=True, text=True,
                           check=False).stdout.split()
    if not found:
        return False
    pixel = subprocess.run(["import", "-window", "root", "-crop", "1x1+640+400", "txt:-"], capture_output=True,
                           text=True, check=False).stdout
    return "#000000" not in pixel


def measure(program, sample):
    with subprocess.Popen([program, sample], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 30
        while not is_drawn(process.pid):
            if time.monotonic() > end:
                sys.exit("no window appeared")
        used = cpu_seconds(process.pid)
        process.terminate()
    return used


def main():
    program, engine, sample = sys.argv[1:4]
    figures = [measure(program, sample) for _ in range(RUNS)]
    subprocess.run([engine, "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(f"start to first frame with the sample open: {statistics.median(figures):.2f} s CPU "
          f"(of {RUNS}: {min(figures):.2f} to {max(figures):.2f})")


main()
