#!/usr/bin/python3
"""autotape explore: real brokers, real consumers."""
import unittest

from consumers import CORRECT, remembers, wrong
from places import COMMUTE, SCENARIOS
from program import autotape
from search_case import SearchCase


class Explore(SearchCase):
    def test_finds_a_consumer_without_dedup_and_keeps_the_run(self):
        found = self.search("explore", SCENARIOS / "clean-commute.yaml", "--until-failure", "--runs", "30", "--out",
                            self.folder / "failed", consumer=wrong("no_dedup"), exit_code=4)
        run, = found["failed_runs"]
        self.assertIn("dedup: duplicated", run["failures"])
        self.assertEqual(found["first_failure"]["runs"], found["runs"])
        self.assertEqual([path.name for path in (self.folder / "failed").iterdir()], [f"run-{run['run']}"])
        self.assertEqual(autotape("verify", run["folder"]).exit_code, 4)

    def test_two_at_once_count_what_each_trouble_did(self):
        found = self.search("explore", COMMUTE, "--runs", "6", "--jobs", "2", "--with", "duplicate", "--with", "reorder",
                            consumer=wrong("no_dedup"), exit_code=4)
        self.assertEqual(found["runs"], 6)
        tallies = {tally["name"]: tally for tally in found["troubles"]}
        self.assertEqual(set(tallies), {"duplicate", "reorder"})
        self.assertEqual(tallies["duplicate"]["failed"], tallies["duplicate"]["runs"])
        self.assertEqual(tallies["duplicate"]["failed"], found["failed"])

    def test_a_correct_consumer_survives(self):
        found = self.search("explore", SCENARIOS / "clean-commute.yaml", "--runs", "5", "--seed", "5", "--out",
                            self.folder / "failed", consumer=CORRECT, exit_code=0)
        self.assertEqual((found["runs"], found["failed"]), (5, 0))
        self.assertEqual(list((self.folder / "failed").iterdir()), [])

    def test_the_strength_of_a_scenarios_own_stages_is_varied(self):
        found = self.search("explore", SCENARIOS / "duplicate-now.yaml", "--rate", "max", "--runs", "4",
                            consumer=remembers(0), exit_code=4)
        self.assertEqual([tally["name"] for tally in found["troubles"]], ["duplicate"])

    def test_wrong_use(self):
        for words, exit_code in ((("explore", COMMUTE), 2),
                                 (("explore", COMMUTE, "--with", "duplicat", "--", "true"), 2),
                                 (("explore", "no-such.ndjson", "--", "true"), 5),
                                 (("shrink", self.folder, "--", "true"), 5),
                                 (("limits", COMMUTE, "--vary", "rate=9..1", "--", "true"), 2)):
            self.assertEqual(autotape(*words).exit_code, exit_code, words)


if __name__ == "__main__":
    unittest.main()
