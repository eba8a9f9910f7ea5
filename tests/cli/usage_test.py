#!/usr/bin/python3
"""What is wrong with a command line is said in one line, with exit code 2; what is said, and where it cannot be."""
import pathlib
import subprocess
import unittest

from program import AUTOTAPE, autotape

COMMUTE = pathlib.Path(__file__).resolve().parents[2] / "fixtures/tapes/commute.ndjson"


class Usage(unittest.TestCase):
    def assert_refused(self, finished, *words):
        self.assertEqual(finished.exit_code, 2, finished.messages)
        self.assertEqual(finished.output, "")
        self.assertEqual(len(finished.messages.splitlines()), 1, finished.messages)
        for word in words:
            self.assertIn(word, finished.messages)

    def test_a_misspelt_command_is_named_with_the_nearest_that_exists(self):
        self.assert_refused(autotape("valdate", "x"), "'valdate' is no command", "'validate'")

    def test_an_unknown_option_points_at_the_help_of_its_command(self):
        self.assert_refused(autotape("validate", "--fromat", "x"), "--fromat", "autotape validate --help")

    def test_a_missing_argument_is_named(self):
        self.assert_refused(autotape("validate"), "a tape or a broker is required")

    def test_a_wrong_choice_lists_the_right_ones(self):
        self.assert_refused(autotape("validate", "--format", "xml", "x"), "--format", "ndjson")

    def test_help_shows_commands_and_exit_codes(self):
        finished = autotape("--help")
        self.assertEqual(finished.exit_code, 0)
        self.assertIn("validate", finished.output)
        self.assertIn("a check failed", finished.output)

    def test_the_version_is_one_line(self):
        self.assertRegex(autotape("--version").output, r"^autotape \d+\.\d+\.\d+\n$")

    def test_messages_that_cannot_be_written_end_nothing(self):
        with open("/dev/full", "wb") as full:
            for arguments, exit_code in ((["validate", COMMUTE], 0), (["validate", "no-such-tape"], 5)):
                finished = subprocess.run([AUTOTAPE, *arguments], stdout=subprocess.DEVNULL, stderr=full, check=False)
                self.assertEqual(finished.returncode, exit_code)


unittest.main()
