#!/usr/bin/python3
"""What a run leaves behind, and autotape verify, which judges it from that alone."""
import json
import unittest
import xml.etree.ElementTree as ElementTree

from consumers import CORRECT, MOSQUITTO_SUB, wrong
from places import COMMUTE
from program import autotape
from test_command_case import DUPLICATES, TestCommandCase


class Evidence(TestCommandCase):
    def test_what_a_torn_tape_lost_is_said_and_is_no_whole_success(self):
        torn = self.folder / "torn.ndjson"
        torn.write_bytes(COMMUTE.read_bytes()[:-30])
        finished = autotape("test", torn, "--rate", "max", "--json", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 3, finished.messages)
        self.assertIn("the last record is torn", json.loads(finished.output)["notes"][0])

    def test_verify_gives_the_same_verdict_from_the_folder_alone(self):
        run = self.folder / "run"
        self.judge(*DUPLICATES, "--out", run, command=wrong("no_dedup"), exit_code=4)
        moved = self.folder / "moved"
        run.rename(moved)
        finished = autotape("verify", moved, "--json")
        self.assertEqual(finished.exit_code, 4)
        self.assertEqual(json.loads(finished.output), json.loads((moved / "verdict.json").read_text()))

    def test_evidence_that_was_changed_is_told(self):
        run = self.folder / "run"
        self.judge("--rate", "max", "--out", run, command=CORRECT, exit_code=0)
        self.assertEqual(json.loads(autotape("verify", run, "--json").output)["notes"], [])
        log = run / "observations.ndjson"
        lines = log.read_text().splitlines(keepends=True)
        log.write_text("".join(lines[1:]))
        finished = autotape("verify", run)
        self.assertEqual(finished.exit_code, 4)
        self.assertIn("observations.ndjson is not as the run left it", finished.output)
        self.assertIn("1 of 1,330 messages broken", finished.output)

    def test_evidence_of_the_clean_run_that_was_changed_is_told(self):
        run = self.folder / "run"
        self.judge("--rate", "max", "--reorder", "200", "--check", "metamorphic", "--out", run, command=CORRECT, exit_code=0)
        log = run / "clean/observations.ndjson"
        log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))
        self.assertIn("clean/observations.ndjson is not as the run left it", autotape("verify", run).output)

    def test_a_run_that_ends_early_leaves_its_evidence_whole(self):
        run = self.folder / "run"
        report = self.judge("--rate", "60", "--observations", "stdout", "--out", run, exit_code=4,
                            command=["sh", "-c", f"exec {MOSQUITTO_SUB} -C 5"])
        self.assertIn("while the stream was played", report["consumer_faults"][0]["fault"])
        self.assertEqual(report["notes"], [])

    def test_junit_has_a_case_for_each_check_and_an_error_for_an_unknown_one(self):
        junit = self.folder / "junit.xml"
        self.judge("--rate", "max", "--check", "dedup", "--junit", junit, command=CORRECT, exit_code=7)
        suite, = ElementTree.parse(junit).getroot()
        cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
        self.assertEqual(cases, {"completeness": [], "dedup": ["error"]})

    def test_a_folder_that_is_no_run_and_one_that_is_taken(self):
        self.assertEqual(autotape("verify", self.folder).exit_code, 5)
        (self.folder / "mine").touch()
        finished = autotape("test", COMMUTE, "--out", self.folder, "--", "true")
        self.assertEqual(finished.exit_code, 5)
        self.assertIn("is not empty", finished.messages)


if __name__ == "__main__":
    unittest.main()
