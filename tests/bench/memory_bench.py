#!/usr/bin/python3
"""The most memory that each command over a tape takes, for a tape and one ten times as long: it must not depend on it.
Only finding duplicates (info --scan) remembers what it has seen.

    scripts/bench memory [MESSAGES]
"""
import pathlib
import subprocess
import sys
import tempfile

from memory_use import peak_memory, tape_commands
from program import AUTOTAPE

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        peaks = []
        for count in (MESSAGES // 10, MESSAGES):
            tape = folder / f"tape{count}.mcap"
            subprocess.run([AUTOTAPE, "generate", "--cars", "200", "--count", str(count), "--duration", "10000h",
                            "-o", tape], check=True, stderr=subprocess.DEVNULL)
            commands = tape_commands(folder, tape)
            commands["generate"] = ["generate", "--cars", "200", "--count", count, "--duration", "10000h", "-o",
                                    folder / "out.mcap", "--force"]
            commands["info --scan"] = ["tape", "info", "--scan", tape]
            peaks.append({name: peak_memory(*command) for name, command in commands.items()})
        print(f"{'MiB at most':<24}{MESSAGES // 10:>12,}{MESSAGES:>12,} messages")
        for command, small in peaks[0].items():
            print(f"{command:<24}{small:>12.1f}{peaks[1][command]:>12.1f}")


main()
