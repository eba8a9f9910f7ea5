#!/usr/bin/python3
"""What is wrong with a command line is said in one line, with exit code 2; what is said, and where it cannot be."""
import json
import re
import subprocess
import unittest

from folder_case import FolderCase
from places import COMMUTE
from program import AUTOTAPE, autotape


class Usage(FolderCase):
    def assert_refused(self, finished, *words):
        self.assertEqual(finished.exit_code, 2, finished.messages)
        self.assertEqual(finished.output, "")
        self.assertEqual(len(finished.messages.splitlines()), 1, finished.messages)
        for word in words:
            self.assertIn(word, finished.messages)

    def test_a_misspelt_command_is_named_with_the_nearest_that_exists(self):
        self.assert_refused(autotape("valdate", "x"), "'valdate' is no command", "'validate'")

    def test_an_unknown_option_points_at_the_help_of_its_command(self):
        self.assert_refused(autotape("validate", "--wholly-unknown", "x"), "--wholly-unknown", "autotape validate --help")

    def test_a_misspelt_option_is_named_with_the_nearest_that_exists(self):
        self.assert_refused(autotape("generate", "--car", "3"), "there is no option --car", "did you mean --cars?")

    def test_unexpected_words_come_in_their_order(self):
        self.assert_refused(autotape("generate", "one", "two"), "not expected: one two")

    def test_a_forgotten_double_dash_is_asked_for(self):
        self.assert_refused(autotape("test", COMMUTE, "/bin/sh", "right.py"), "/bin/sh", 'did you forget "--"')
        self.assert_refused(autotape("test", COMMUTE, "python3", "right.py"), "python3", 'did you forget "--"')
        self.assert_refused(autotape("explore", COMMUTE, "./consumer"), "./consumer", 'did you forget "--"')

    def test_the_usage_shows_where_the_consumers_command_stands(self):
        self.assertIn("Usage: autotape test [OPTIONS] SCENARIO... [-- COMMAND...]", autotape("test", "--help").output)
        for command in ("explore", "shrink", "limits"):
            self.assertRegex(autotape(command, "--help").output, rf"Usage: autotape {command} .* -- COMMAND\.\.\.")

    def test_a_count_of_none_is_refused_in_a_few_words(self):
        for arguments in (["explore", COMMUTE, "--runs", "0"], ["shrink", "run", "--runs", "0"],
                          ["record", "-o", "x.mcap", "--count", "0"]):
            finished = autotape(*arguments)
            self.assert_refused(finished, arguments[-2], "at least 1, and is '0'")
            self.assertLess(len(finished.messages), 150)

    def test_values_with_a_unit_say_how_they_are_written(self):
        self.assert_refused(autotape("generate", "--duration", "10"), "--duration", "like 200ms, 90s or 1h30m")
        self.assert_refused(autotape("test", COMMUTE, "--duplicate", "10"), "--duplicate", "like 10% or 0.1")
        self.assert_refused(autotape("broker", "up", "--port", "99999"), "--port", "0", "65535")
        self.assert_refused(autotape("broker", "up", "--advertise", "h.example:99999"), "--advertise", "65535")

    def test_checks_and_expectations_that_do_not_exist_have_a_neighbour_or_a_list(self):
        self.assert_refused(autotape("test", COMMUTE, "--check", "ordr", "--", "true"), "--check ordr", "did you mean order?")
        self.assert_refused(autotape("test", COMMUTE, "--check", "speed", "--", "true"), "there are completeness, dedup")
        self.assert_refused(autotape("test", COMMUTE, "--expect", "foo=1", "--", "true"), "--expect foo=1", "order_rule")

    def test_what_cannot_be_varied_has_a_neighbour_or_a_list(self):
        self.assert_refused(autotape("limits", COMMUTE, "--vary", "dedup-message=1..1000", "--", "true"),
                            "--vary dedup-message", "did you mean dedup-messages?")
        self.assert_refused(autotape("limits", COMMUTE, "--vary", "speed=1..1000", "--", "true"), "there are dedup-messages")

    def test_what_would_be_ignored_is_refused(self):
        self.assert_refused(autotape("test", COMMUTE, "--max-lag", "1s", "--", "true"), "--max-lag")
        self.assert_refused(autotape("explore", COMMUTE, "--rate", "60", "--", "true"), "--rate 60", "draws the rate")
        self.assert_refused(autotape("test", COMMUTE, "--junit", "-", "--", "true"), "give the other one a file")

    def test_a_report_that_cannot_be_written_is_told_before_the_run(self):
        finished = autotape("test", COMMUTE, "--junit", "no-such-folder/report.xml", "--", "no-such-program-of-ours")
        self.assertEqual(finished.exit_code, 5, finished.messages)
        self.assertIn("no-such-folder/report.xml: cannot be written", finished.messages)

    def test_a_recordings_ending_is_one_that_can_be_recorded(self):
        finished = autotape("record", "-o", "x.txt")
        self.assert_refused(finished, ".mcap or .ndjson")
        self.assertNotIn("zst", finished.messages)

    def test_a_reader_that_has_seen_enough_ends_the_output_quietly(self):
        tape = self.folder / "long.ndjson"
        lines = COMMUTE.read_text().splitlines(keepends=True)
        tape.write_text(lines[0] + "".join(lines[1:]) * 10)
        for words in (["tape", "cat"], ["plan"], ["generate", "--duration", "20m", "--cars", "100"]):
            arguments = words if words[0] == "generate" else [*words, tape]
            with subprocess.Popen([AUTOTAPE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
                program.stdout.readline()
                program.stdout.close()
                messages = program.stderr.read()
            self.assertEqual((program.returncode, messages), (0, b""), words)

    def test_a_verdict_does_not_depend_on_who_reads_on(self):
        tape = self.folder / "bad.ndjson"
        header, first = COMMUTE.read_text().splitlines()[:2]
        bad = json.dumps(json.loads(first) | {"payload": "no JSON"})
        tape.write_text(header + "\n" + (bad + "\n") * 5000)
        with subprocess.Popen([AUTOTAPE, "validate", tape], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
            program.stdout.readline()
            program.stdout.close()
        self.assertEqual(program.returncode, 4)

    def test_a_missing_argument_is_named(self):
        self.assert_refused(autotape("validate"), "a tape or a broker is required")

    def test_a_wrong_choice_lists_the_right_ones(self):
        self.assert_refused(autotape("validate", "--format", "xml", "x"), "--format", "ndjson")

    def test_the_help_of_every_command_ends_with_an_example(self):
        def subcommands(text: str) -> list[str]:
            return re.findall(r"^  (\S+) ", text.partition("Subcommands:")[2].partition("Example:")[0], re.M)

        def check(*words):
            finished = autotape(*words, "--help")
            self.assertEqual(finished.exit_code, 0, finished.messages)
            with self.subTest(words):
                self.assertRegex(finished.output, rf"\nExample:\n  (.*; )?autotape {' '.join(words)}\b.*(\n  .+)*\n*$")
            for name in subcommands(finished.output):
                check(*words, name)
        commands = subcommands(autotape("--help").output.partition("Exit codes")[0])
        self.assertGreater(len(commands), 10)
        for command in commands:
            check(command)

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


if __name__ == "__main__":
    unittest.main()
