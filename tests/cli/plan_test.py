#!/usr/bin/python3
"""autotape plan and autotape scenario: what a replay would do, and what is wrong with a scenario."""
import hashlib
import json
import pathlib
import tempfile
import unittest

from program import autotape

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMUTE = ROOT / "fixtures" / "tapes" / "commute.ndjson"
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
GOLDEN = ROOT / "tests" / "cli" / "golden_plans.json"


def plan_digest(scenario):
    """Of what is planned, without the header, which names the tape's path."""
    planned = autotape("plan", scenario)
    assert planned.exit_code == 0, planned.messages
    return hashlib.sha256(planned.output.split("\n", 1)[1].encode()).hexdigest()


class Planning(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_every_scenario_of_the_library_gives_the_same_plan_everywhere(self):
        golden = json.loads(GOLDEN.read_text())
        self.assertEqual({path.stem: plan_digest(path) for path in SCENARIOS}, golden,
                         "a plan changed: if it was meant to, write the new digests to golden_plans.json")

    def test_a_plan_names_its_tape_by_path_and_hash(self):
        header = json.loads(autotape("plan", COMMUTE, "--seed", 7).lines[0])
        self.assertEqual(header["tape"], str(COMMUTE))
        self.assertEqual(header["tape_sha256"], hashlib.sha256(COMMUTE.read_bytes()).hexdigest())
        self.assertEqual(header["seed"], 7)

    def test_two_plans_are_compared_by_their_first_difference(self):
        one, other = self.folder / "one.plan", self.folder / "other.plan"
        for path, seed in ((one, 1), (other, 2)):
            self.assertEqual(autotape("plan", COMMUTE, "--reorder", 3, "--seed", seed, "-o", path).exit_code, 0)
        self.assertEqual(autotape("plan", one, "--compare", one).exit_code, 0)
        differ = autotape("plan", one, "--compare", other)
        self.assertEqual(differ.exit_code, 4)
        self.assertIn("line 1\n", differ.output)

    def test_a_saved_plan_is_not_overwritten(self):
        path = self.folder / "x.plan"
        path.write_text("mine")
        self.assertEqual(autotape("plan", COMMUTE, "-o", path).exit_code, 5)
        self.assertEqual(path.read_text(), "mine")

    def test_a_plan_is_refused_when_its_tape_has_changed(self):
        tape, plan = self.folder / "t.ndjson", self.folder / "t.plan"
        tape.write_bytes(COMMUTE.read_bytes())
        self.assertEqual(autotape("plan", tape, "-o", plan).exit_code, 0)
        tape.write_bytes(COMMUTE.read_bytes().replace(b"WATDEMPT", b"WATDEMPX"))
        finished = autotape("plan", plan)
        self.assertEqual(finished.exit_code, 5)
        self.assertIn("is not the tape that", finished.messages)


class CheckingScenarios(unittest.TestCase):
    def test_the_library_is_fine(self):
        finished = autotape("scenario", "check", *SCENARIOS)
        self.assertEqual(finished.exit_code, 0, finished.messages)

    def test_what_is_wrong_is_one_line_with_line_and_column(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bad.yaml"
            path.write_text(f"version: 1\nname: bad\ntape: {COMMUTE}\nshape:\n  - stage: duplicat\n")
            finished = autotape("scenario", "check", path)
        self.assertEqual(finished.exit_code, 2)
        self.assertEqual(finished.messages.strip(), f"autotape: error: {path}:5:12: there is no stage "
                         "\"duplicat\" (did you mean \"duplicate\"?)")

    def test_the_list_says_what_each_catches(self):
        finished = autotape("scenario", "list", ROOT / "scenarios")
        self.assertEqual(len(finished.lines), len(SCENARIOS))
        self.assertIn("tunnel-flush", finished.output)

    def test_a_value_is_replaced(self):
        tunnel = ROOT / "scenarios" / "tunnel-flush.yaml"
        self.assertNotEqual(autotape("plan", tunnel, "--set", "shape.0.for=10s").output,
                            autotape("plan", tunnel).output)
        self.assertEqual(autotape("plan", tunnel, "--set", "shape.5.for=10s").exit_code, 2)


if __name__ == "__main__":
    unittest.main()
