#!/usr/bin/python3
"""autotape explore, shrink and limits: real brokers, real consumers."""
import json
import pathlib
import sys
import tempfile
import unittest

from program import autotape

ROOT = pathlib.Path(__file__).parents[2]
COMMUTE = ROOT / "fixtures/tapes/commute.ndjson"
SCENARIOS = ROOT / "scenarios"
CORRECT = [sys.executable, ROOT / "fixtures/consumers/python/consumer.py"]

# A consumer that starts at once, remembers the last `memory` ids, and hands its observations over on standard output.
REMEMBERS = """
import collections, json, sys
handled = collections.OrderedDict()
for line in sys.stdin:
    message_id = json.loads(line)["message_id"]
    if message_id not in handled:
        print(json.dumps({"message_id": message_id}), flush=True)
        handled[message_id] = None
    if len(handled) > MEMORY:
        handled.popitem(last=False)
"""


def wrong(name):
    return [sys.executable, ROOT / "fixtures/consumers/wrong" / f"{name}.py"]


def remembers(memory):
    return ["sh", "-c", "mosquitto_sub -c -q 1 -h {host} -p {port} --cafile {ca_file} --cert {cert_file} --key {key_file}"
            f" -i {{client_id}} -t {{topic}} | '{sys.executable}' -S -c '{REMEMBERS.replace('MEMORY', str(memory))}'"]


class Search(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def search(self, command, *options, consumer, exit_code):
        """Runs a command that searches and gives what it found."""
        finished = autotape(command, *options, "--json", "--", *consumer)
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)

    def failed_run(self, *options, consumer):
        run = self.folder / "run"
        finished = autotape("test", *options, "--out", run, "--", *consumer)
        self.assertEqual(finished.exit_code, 4, finished.messages + finished.output)
        return run

    def shrink(self, run, *options, consumer, exit_code=0):
        """Shrinks a run; the saved test fails the wrong consumer and passes the correct one."""
        small = self.search("shrink", run, "-o", self.folder / "small", "--name", "small", *options, consumer=consumer,
                            exit_code=exit_code)
        return small

    def hold_regression(self, small, *options, consumer, passes=CORRECT):
        for one, exit_code in ((consumer, 4), (passes, 0)):
            finished = autotape("test", small["scenario"], *options, "--", *one)
            self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)


class Explore(Search):
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


class Shrink(Search):
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

    def test_a_memory_of_100_ids_takes_102_deliveries(self):
        small = self.shrink(
            self.failed_run(COMMUTE, "--rate", "max", "--duplicate", "20%", "--duplicate-delay", "90s",
                            "--observations", "stdout", consumer=remembers(100)),
            "--runs", "60", consumer=remembers(100), exit_code=3)
        self.assertLessEqual(small["deliveries"], 102)
        self.hold_regression(small, "--observations", "stdout", consumer=remembers(100), passes=remembers(1000))

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

    def test_a_run_that_passed_has_nothing_to_shrink(self):
        run = self.folder / "run"
        autotape("test", COMMUTE, "--rate", "max", "--out", run, "--observations", "stdout", "--", *remembers(100))
        self.assertEqual(autotape("shrink", run, "--", "true").exit_code, 2)


class Limits(Search):
    def test_the_memory_of_a_consumer_in_messages(self):
        limit = self.search("limits", COMMUTE, "--vary", "dedup-messages=10..1000", "--precision", "0.1%",
                            "--observations", "stdout", consumer=remembers(100), exit_code=0)
        self.assertEqual((limit["passes_at"], limit["fails_at"]), ("99", "100"))

    def test_a_value_of_the_scenario(self):
        limit = self.search("limits", SCENARIOS / "duplicate-now.yaml", "--vary", "shape.0.probability=0%..50%",
                            "--rate", "max", "--precision", "50%", "--observations", "stdout", consumer=remembers(0),
                            exit_code=0)
        self.assertTrue(limit["found"])
        self.assertFalse(limit["probes"][0]["failed"])

    def test_no_limit_between_both_ends(self):
        limit = self.search("limits", COMMUTE, "--vary", "dedup-messages=10..50", "--observations", "stdout",
                            consumer=remembers(100), exit_code=7)
        self.assertFalse(limit["found"])


if __name__ == "__main__":
    unittest.main()
