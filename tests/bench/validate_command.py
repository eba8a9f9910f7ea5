#!/usr/bin/python3
"""The whole command, from the bytes of a tape to the verdict: `autotape validate --jobs 1` and `--jobs 2` in turn.

By the clock, so both cores must be idle; processor time beside it shows what the second thread costs. Two programs at
once, with one job each, show what the machine gives at most: its cores may be two threads of one. Medians.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

AUTOTAPE = sys.argv[1]
MESSAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
ROUNDS = 7


def seconds(tape: pathlib.Path, jobs: int) -> tuple[float, float]:
    """By the clock, and of all processors."""
    before = time.monotonic()
    process = subprocess.Popen([AUTOTAPE, "validate", "--json", "--jobs", str(jobs), tape], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"autotape validate failed on {tape}")
    return time.monotonic() - before, usage.ru_utime + usage.ru_stime


def seconds_of_two(tape: pathlib.Path) -> float:
    before = time.monotonic()
    command = [AUTOTAPE, "validate", "--json", "--jobs", "1", tape]
    for process in [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]:
        process.wait()
    return time.monotonic() - before


def main():
    with tempfile.TemporaryDirectory() as folder:
        for ending in ["ndjson", "mcap"]:
            tape = pathlib.Path(folder) / f"fleet.{ending}"
            subprocess.run([AUTOTAPE, "generate", "--cars", "2000", "--count", str(MESSAGES), "-o", tape],
                           check=True, stderr=subprocess.DEVNULL)
            runs = [(seconds(tape, 1), seconds(tape, 2), seconds_of_two(tape)) for _ in range(ROUNDS)]
            ones, twos, pairs = zip(*runs)
            (one, one_cpu), (two, two_cpu) = ([statistics.median(times) for times in zip(*column)] for column in (ones, twos))
            print(f"autotape validate fleet.{ending:6}  {MESSAGES / one / 1e6:5.2f} M/s with --jobs 1, "
                  f"{MESSAGES / two / 1e6:5.2f} M/s with --jobs 2: {one / two:.2f} x, "
                  f"for {two_cpu / one_cpu:.2f} x its processor time "
                  f"(two programs at once: {2 * one / statistics.median(pairs):.2f} x)", flush=True)


main()
