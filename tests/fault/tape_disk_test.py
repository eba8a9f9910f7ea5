#!/usr/bin/python3
"""Commands that make a tape, on a disk that takes no more, and interrupted: one clear line, the exit code of the
table, and nothing in the folder that was not there before."""
import json
import pathlib
import resource
import signal
import subprocess
import unittest

from bound_process import popen_bound
from folder_case import FolderCase
from places import COMMUTE
from program import AUTOTAPE, autotape
from small_disk import NO_MOUNT, small_disk
from waiting import wait_until

SMALL = 16 * 1024  # bytes; less than any tape of the commute takes
FORMATS = ("mcap", "ndjson", "ndjson.zst")


class TapeMakers(FolderCase):
    def setUp(self):
        super().setUp()
        self.key = self.folder / "fleet.key"
        self.raw = self.folder / "raw.ndjson"
        lines = COMMUTE.read_text().splitlines(keepends=True)
        self.raw.write_text('{"tape":1,"privacy":"raw"}\n' + "".join(lines[1:]))
        self.log = self.folder / "log.txt"
        self.log.write_text("".join(f"{line['topic']} {line['payload']}\n" for line in map(json.loads, lines[1:])))
        autotape("anonymize", self.raw, "-o", self.folder / "first.ndjson", "--key-file", self.key)
        self.target = self.folder / "target"
        self.target.mkdir()

    def commands(self, source, log) -> dict[str, list]:
        """What makes a tape, but for its -o; a source may be - for standard input."""
        return {"convert": ["tape", "convert", source], "filter": ["tape", "filter", source, "--from", "0s"],
                "merge": ["tape", "merge", source, COMMUTE], "sort": ["tape", "sort", source],
                "recover": ["tape", "recover", source], "import": ["tape", "import", log],
                "anonymize": ["anonymize", source, "--key-file", self.key]}

    def assert_left_nothing(self, folder: pathlib.Path):
        self.assertEqual([path.name for path in folder.iterdir()], [])


class FullDisk(TapeMakers):
    def assert_refused(self, command, output: pathlib.Path, reason: str, **limits):
        finished = autotape(*command, "-o", output, **limits)
        self.assertEqual(finished.exit_code, 5, finished.messages)
        (error,) = [line for line in finished.messages.splitlines() if "error:" in line]
        self.assertIn(reason, error)
        # A sort needs space beside its tape, and names the folder.
        self.assertIn(str(output.parent if "temporary" in error else output), error)
        self.assert_left_nothing(output.parent)

    def each_command(self) -> list[tuple]:
        commands = {**self.commands(self.raw, self.log),
                    "generate": ["generate", "--cars", "20", "--duration", "20min"]}
        return [(name, command, form) for name, command in commands.items()
                for form in (FORMATS if name in ("convert", "sort") else FORMATS[:1])]

    def test_a_file_that_may_not_grow(self):
        def limit_file_size():
            resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))

        for name, command, form in self.each_command():
            with self.subTest(name, form=form):
                self.assert_refused(command, self.target / f"new.{form}", "File too large",
                                    preexec_fn=limit_file_size)

    def test_a_file_system_that_is_full(self):
        with small_disk(self.target, SMALL) as mounted:
            if mounted is None:
                self.skipTest(NO_MOUNT)
            for name, command, form in self.each_command():
                with self.subTest(name, form=form):
                    self.assert_refused(command, mounted / f"new.{form}", "No space left")

    def test_what_is_overwritten_stays_as_it_was(self):
        with small_disk(self.target, SMALL) as mounted:
            if mounted is None:
                self.skipTest(NO_MOUNT)
            old = mounted / "old.mcap"
            old.write_bytes(b"old")
            self.assertEqual(autotape("tape", "convert", self.raw, "-o", old, "--force").exit_code, 5)
            self.assertEqual(old.read_bytes(), b"old")


class Interrupted(TapeMakers):
    """By one Ctrl-C in the middle of the work; the input is a pipe that goes on for as long as it is read."""

    def interrupt_while_reading(self, command: list, text: bytes, output: pathlib.Path):
        with popen_bound([AUTOTAPE, *command, "-o", output], stdin=subprocess.PIPE,
                         stderr=subprocess.PIPE, bufsize=0) as process:
            try:
                process.stdin.write(text)  # more than a pipe holds: it is being read
                process.send_signal(signal.SIGINT)
                for _ in range(100):
                    process.stdin.write(text)
                process.stdin.close()
            except BrokenPipeError:
                pass
            messages = process.stderr.read().decode()
            process.wait(timeout=60)
        self.assertEqual(process.returncode, 3, messages)
        self.assertEqual(messages.splitlines(), [f"autotape: {output}: interrupted, nothing was written"])
        self.assert_left_nothing(output.parent)

    def test_nothing_is_left_of_a_tape_that_was_being_made(self):
        messages = COMMUTE.read_bytes().split(b"\n", 1)[1]
        for name, command in self.commands("-", "-").items():
            with self.subTest(name):
                text = self.log.read_bytes() if name == "import" else messages
                self.interrupt_while_reading(command, text, self.target / "new.mcap")

    def test_nothing_is_left_of_a_tape_that_was_being_generated(self):
        output = self.target / "new.mcap"
        with popen_bound([AUTOTAPE, "generate", "--cars", "1000", "--duration", "1000h", "-o", output],
                         stderr=subprocess.PIPE) as process:
            wait_until(lambda: any(self.target.iterdir()), "the tape is begun")
            process.send_signal(signal.SIGINT)
            messages = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 3, messages)
        self.assertIn(f"{output}: interrupted, nothing was written", messages)
        self.assert_left_nothing(self.target)


if __name__ == "__main__":
    unittest.main()
