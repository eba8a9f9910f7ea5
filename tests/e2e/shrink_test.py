#!/usr/bin/python3
"""autotape shrink: what it makes small fails the wrong consumer, and passes a correct one."""
import unittest

from consumers import CORRECT, remembers, wrong
from places import COMMUTE, SCENARIOS
from program import autotape
from search_case import SearchCase


class Shrink(SearchCase):
    def test_the_last_arrival_wins_with_two_deliveries(self):
        run = self.failed_run(COMMUTE, "--rate", "max", "--reorder", "40", "--check", "state",
                              consumer=wrong("last_arrival_wins"))
        small = self.shrink(run, consumer=wrong("last_arrival_wins"))
        self.assertEqual((small["deliveries"], small["faults"]), (2, []))
        self.hold_regression(small, consumer=wrong("last_arrival_wins"))

    def test_a_consumer_that_forgets_at_restart_takes_two_and_a_restart(self):
        found = self.search("explore", COMMUTE, "--with", "duplicate", "--with", "consumer-restart", "--until-failure",
                            "--runs", "40", "--out", self.folder / "failed", consumer=wrong("forgets_at_restart"),
                            exit_code=4)
        small = self.shrink(found["failed_runs"][0]["folder"], consumer=wrong("forgets_at_restart"))
        self.assertEqual(small["deliveries"], 2)
        self.assertEqual([fault["consumer"] for fault in small["faults"]], ["restart"])
        self.hold_regression(small, consumer=wrong("forgets_at_restart"))

    def test_a_broken_message_alone_and_the_plan_that_says_so(self):
        run = self.failed_run(SCENARIOS / "malformed-among-good.yaml", "--rate", "max",
                              consumer=wrong("applies_bad_timestamps"))
        small = self.shrink(run, consumer=wrong("applies_bad_timestamps"))
        self.assertEqual(small["deliveries"], 1)
        self.assertIn("plan", small)
        self.hold_regression(small, consumer=wrong("applies_bad_timestamps"))

    def test_what_does_not_fail_again_is_inconclusive(self):
        run = self.failed_run(COMMUTE, "--rate", "max", "--duplicate", "10%", consumer=wrong("no_dedup"))
        small = self.search("shrink", run, consumer=CORRECT, exit_code=7)
        self.assertFalse(small["failed_again"])

    def test_files_that_are_there_already_are_told_before_the_search(self):
        run = self.failed_run(COMMUTE, "--rate", "max", "--duplicate", "10%", consumer=wrong("no_dedup"))
        for ending in ("plan", "yaml", "ndjson"):
            taken = self.folder / f"small.{ending}"
            taken.write_text("mine")
            finished = autotape("shrink", run, "-o", self.folder, "--name", "small", "--", "no-such-program-of-ours")
            self.assertEqual(finished.exit_code, 5, finished.messages)
            self.assertIn(f"small.{ending}: is there already", finished.messages)
            taken.unlink()
        self.assertEqual(autotape("shrink", run, "-o", self.folder, "--name", "../small", "--", "true").exit_code, 2)

    def test_a_run_that_passed_has_nothing_to_shrink(self):
        run = self.folder / "run"
        autotape("test", COMMUTE, "--rate", "max", "--out", run, "--observations", "stdout", "--", *remembers(100))
        self.assertEqual(autotape("shrink", run, "--", "true").exit_code, 2)


if __name__ == "__main__":
    unittest.main()
