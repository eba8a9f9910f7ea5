#!/usr/bin/python3
"""autotape validate: one line for each violation, and an exit code that says which kind of bad."""
import json
import os
import pathlib
import tempfile
import unittest

from program import autotape

COMMUTE = pathlib.Path(__file__).parents[2] / "fixtures/tapes/commute.ndjson"
LINES = COMMUTE.read_text().splitlines(keepends=True)


def changed(line: str, old: str, new: str) -> str:
    assert old in line, old
    return line.replace(old, new, 1)


class TapeCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tape = pathlib.Path(folder.name) / "tape.ndjson"

    def validate(self, content, *options):
        self.tape.write_bytes(content if isinstance(content, bytes) else content.encode())
        return autotape("validate", *options, self.tape)


class Validate(TapeCase):
    def test_the_fixture_is_valid(self):
        finished = autotape("validate", COMMUTE)
        self.assertEqual((finished.exit_code, finished.output), (0, ""), finished.messages)
        self.assertIn("1,330 messages", finished.messages)

    def test_a_car_that_is_not_the_topics_is_found_with_number_and_pointer(self):
        tape = LINES[0] + LINES[1] + changed(LINES[2], '\\"vin\\":\\"WATDEMEV7TRA1N002', '\\"vin\\":\\"WATDEMEV7TRA1N003')
        finished = self.validate(tape, "--format", "ndjson")
        self.assertEqual(finished.exit_code, 4, finished.messages)
        (violation,) = map(json.loads, finished.lines)
        self.assertEqual(violation["message"], 2)
        self.assertEqual(violation["instance"], "/vin")
        self.assertEqual(violation["severity"], "error")
        self.assertEqual(violation["rule"], "vin-agreement")
        self.assertIn("WATDEMEV7TRA1N002", violation["expected"])
        self.assertIn("WATDEMEV7TRA1N003", violation["found"])

    def test_an_extra_envelope_member_is_a_warning(self):
        tape = changed(LINES[1], '\\"version\\":1', '\\"version\\":1,\\"timestamp\\":\\"2026-03-02T06:45:00Z\\"')
        finished = self.validate(tape)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertIn("message 1: warning: extra-member: /timestamp", finished.output)

    def test_a_tape_from_standard_input_is_validated_too(self):
        finished = autotape("validate", "-", stdin=COMMUTE.read_bytes())
        self.assertEqual(finished.exit_code, 0, finished.messages)

    def test_what_a_payload_says_cannot_steer_the_terminal(self):
        tape = changed(LINES[1], '\\"vin\\":\\"', '\\"vin\\":\\"\\\\u001b[31m')
        finished = self.validate(tape)
        self.assertEqual(finished.exit_code, 4)
        self.assertNotIn("\x1b", finished.output + finished.messages)


class BadTapes(TapeCase):
    def assert_unreadable(self, finished, *words):
        self.assertEqual(finished.exit_code, 5, finished.messages)
        errors = [line for line in finished.messages.splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, finished.messages)
        for word in words:
            self.assertIn(word, errors[0])

    def test_a_missing_tape(self):
        self.assert_unreadable(autotape("validate", self.tape), str(self.tape), "No such file")

    def test_a_folder(self):
        self.assert_unreadable(autotape("validate", self.tape.parent), "is a folder")

    def test_an_empty_tape_is_not_passed_over_in_silence(self):
        finished = self.validate("")
        self.assertEqual(finished.exit_code, 3)
        self.assertIn("empty", finished.messages)

    def test_a_torn_last_line_is_counted(self):
        finished = self.validate("".join(LINES[:3]) + LINES[3][:100])
        self.assertEqual(finished.exit_code, 3, finished.messages)
        self.assertIn("100 bytes", finished.messages)
        self.assertIn("2 messages", finished.messages)

    def test_a_broken_line_in_the_middle_is_named_by_its_number(self):
        self.assert_unreadable(self.validate(LINES[0] + LINES[1][:100] + "\n" + LINES[2]), "tape.ndjson:2")

    def test_a_binary_file_is_no_tape(self):
        self.assert_unreadable(self.validate(os.urandom(4096)), "is this a tape?")


unittest.main()
