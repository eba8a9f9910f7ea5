#!/usr/bin/python3
"""No command over a tape holds it: a tape that is twenty times as long takes no more memory."""
import os
import unittest

from folder_case import FolderCase
from memory_use import peak_memory, tape_commands
from program import autotape

SHORT, LONG = 2_000, 40_000  # messages; the long tape has 20 MB of them
MORE = 10  # MiB, of buffers that the short tape does not fill
SORT_HOLDS = 36  # MiB, as many messages as it sorts at a time; what is longer is merged from a file


class Memory(FolderCase):
    def peaks(self, count: int) -> dict[str, float]:
        tape = self.folder / f"tape{count}.mcap"
        made = autotape("generate", "--cars", "20", "--count", count, "--duration", "1000h", "-o", tape)
        self.assertEqual(made.exit_code, 0, made.messages)
        return {name: peak_memory(*command) for name, command in tape_commands(self.folder, tape).items()}

    def test_it_does_not_grow_with_the_tape(self):
        # The sanitizer keeps what is freed, to find its use.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        short = self.peaks(SHORT)
        for name, peak in self.peaks(LONG).items():
            with self.subTest(name):
                most = SORT_HOLDS if name == "sort" else MORE
                self.assertLess(peak - short[name], most, f"{short[name]:.1f} and {peak:.1f} MiB")


if __name__ == "__main__":
    unittest.main()
