#!/usr/bin/python3
"""autotape plan and autotape scenario: what a replay would do, and what is wrong with a scenario."""
import hashlib
import json
import os
import re
import signal
import subprocess
import unittest

from folder_case import FolderCase
from places import COMMUTE, ROOT
from program import AUTOTAPE, autotape
from running_program import RunningAutotape
from waiting import wait_until

SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
GOLDEN = ROOT / "tests" / "cli" / "golden_plans.json"


def plan_digest(scenario):
    """Of what is planned, without the header, which names the tape's path."""
    planned = autotape("plan", scenario)
    assert planned.exit_code == 0, planned.messages
    return hashlib.sha256(planned.output.split("\n", 1)[1].encode()).hexdigest()


class Planning(FolderCase):
    def test_every_scenario_of_the_library_gives_the_same_plan_everywhere(self):
        golden = json.loads(GOLDEN.read_text())
        self.assertEqual({path.stem: plan_digest(path) for path in SCENARIOS}, golden,
                         "a plan changed: if it was meant to, write the new digests to golden_plans.json")

    def test_a_plan_names_its_tape_by_path_and_hash(self):
        header = json.loads(autotape("plan", COMMUTE, "--seed", 7).lines[0])
        self.assertEqual(header["tape"], str(COMMUTE))
        self.assertEqual(header["tape_sha256"], hashlib.sha256(COMMUTE.read_bytes()).hexdigest())
        self.assertEqual(header["seed"], 7)

    def save(self, name, *options):
        path = self.folder / name
        planned = autotape("plan", COMMUTE, *options, "-o", path)
        self.assertEqual(planned.exit_code, 0, planned.messages)
        return path

    def test_a_plan_is_the_same_with_any_number_of_threads(self):
        plans = {autotape("plan", COMMUTE, "--duplicate", "20%", "--reorder", 5, "--loop", 3, "--threads",
                          threads).output for threads in (1, 2, 3, 4)}
        self.assertEqual(len(plans), 1)

    def test_memory_does_not_grow_with_the_plan(self):
        def peak_kilobytes(passes):
            environment = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}
            process = subprocess.Popen([AUTOTAPE, "plan", COMMUTE, "--loop", str(passes), "--reorder", "8"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            return usage.ru_maxrss
        self.assertLess(peak_kilobytes(100), peak_kilobytes(5) + 40 * 1024)  # of 80 MB of messages

    def test_two_plans_are_compared_delivery_by_delivery(self):
        one = self.save("one.plan", "--duplicate", "10%", "--duplicate-delay", "5s")
        self.assertEqual(autotape("plan", one, "--compare", one).exit_code, 0)
        later = self.save("later.plan", "--duplicate", "10%", "--duplicate-delay", "6s")
        differ = autotape("plan", one, "--compare", later)
        self.assertEqual(differ.exit_code, 4)
        copies = sum('"copy"' in line for line in one.read_text().splitlines())
        moved = int(re.search(r"([\d,]+) lines at another time", differ.messages).group(1).replace(",", ""))
        self.assertGreaterEqual(moved, copies)  # and what stands between has another place
        self.assertIn("0 with other actions or content, 0 only in", differ.messages)
        without = self.save("without.plan", "--seed", 2)
        differ = autotape("plan", one, "--compare", without)
        self.assertEqual(differ.exit_code, 4)
        self.assertIn("seed: 1 / 2\n", differ.output)
        self.assertIn(f"{copies} only in {one}, 0 only in {without}; 1,330 are the same", differ.messages)

    def test_what_chooses_from_a_tape_is_refused_for_a_saved_plan(self):
        plan = self.save("x.plan")
        for options in (["--include", "#"], ["--start-offset", "1s"], ["--playback-duration", "1s"],
                        ["--longest-gap", "1s"], ["--loop", "2"], ["--to-v2"], ["--duplicate", "10%"],
                        ["--reorder", "3"], ["--seed", "2"], ["--set", "seed=2"]):
            finished = autotape("plan", plan, *options)
            self.assertEqual(finished.exit_code, 2, options)
            self.assertEqual(finished.output, "")

    def test_a_torn_or_empty_tape_is_planned_as_far_as_it_goes_and_said(self):
        torn, empty = self.folder / "torn.ndjson", self.folder / "empty.ndjson"
        torn.write_bytes(COMMUTE.read_bytes()[:-30])
        empty.write_bytes(b"")
        finished = autotape("plan", torn)
        self.assertEqual(finished.exit_code, 3)
        self.assertIn("torn", finished.messages)
        finished = autotape("plan", empty)
        self.assertEqual(finished.exit_code, 3)
        self.assertIn("empty", finished.messages)

    def test_a_plan_that_fails_or_is_interrupted_leaves_nothing_behind(self):
        tape, plan = self.folder / "bad.ndjson", self.folder / "bad.plan"
        tape.write_bytes(COMMUTE.read_bytes() + b"rubbish\n")
        self.assertEqual(autotape("plan", tape, "-o", plan).exit_code, 5)
        with RunningAutotape("plan", COMMUTE, "--loop", 4000, "-o", plan) as running:
            partial = self.folder / "bad.plan.partial"
            wait_until(partial.exists, "the plan is being written")
            running.send_signal(signal.SIGINT)
            self.assertEqual(running.wait(), 3, running.messages())
        self.assertEqual(list(self.folder.iterdir()), [tape])

    def test_standard_input_is_planned_whole_and_once(self):
        piped = autotape("plan", "-", "--reorder", 3, stdin=COMMUTE.read_bytes())
        self.assertEqual(piped.exit_code, 0, piped.messages)
        self.assertEqual(piped.lines[1:], autotape("plan", COMMUTE, "--reorder", 3).lines[1:])
        self.assertEqual(autotape("plan", "-", "--loop", 2, stdin=COMMUTE.read_bytes()).exit_code, 2)

    def test_a_saved_plan_is_planned_as_itself(self):
        plan = self.save("x.plan", "--duplicate", "10%", "--seed", 3)
        self.assertEqual(autotape("plan", plan).output, plan.read_text())

    def test_how_it_is_to_be_played_is_saved_and_options_have_the_last_word(self):
        def replay_of(*arguments):
            return json.loads(autotape("plan", *arguments).lines[0]).get("replay")
        self.assertIsNone(replay_of(COMMUTE))
        plan = self.save("x.plan", "--rate", "max", "--remap", "vin.A=B", "--max-lag", "1s",
                         "--restamp-at", "2030-01-01T00:00:00Z")
        told = {"rate": "max", "remap": {"vins": {"A": "B"}}, "restamp_at": "2030-01-01T00:00:00Z", "max_lag": "1s"}
        self.assertEqual(json.loads(plan.read_text().splitlines()[0])["replay"], told)
        self.assertEqual(autotape("plan", plan).output, plan.read_text())
        self.assertEqual(replay_of(plan, "--rate", "60"), {**told, "rate": "60"})

    def test_a_saved_plan_of_a_generated_tape_generates_it_again(self):
        story, plan = self.folder / "fleet.yaml", self.folder / "fleet.plan"
        story.write_text("version: 1\nname: fleet\nstream: v2\ntape: {generate: {cars: 3, count: 50, seed: 9}}\n"
                         "shape: [{stage: duplicate, probability: 50%}]\n")
        self.assertEqual(autotape("plan", story, "-o", plan).exit_code, 0)
        again = autotape("plan", plan)
        self.assertEqual((again.exit_code, again.output), (0, plan.read_text()), again.messages)
        plan.write_text(plan.read_text().replace('"seed":9', '"seed":8', 1))  # as if the generator had changed
        refused = autotape("plan", plan)
        self.assertEqual(refused.exit_code, 5)
        self.assertIn("generates another tape", refused.messages)

    def test_names_that_cannot_stand_in_a_topic_are_refused(self):
        for remap in ("app_id=a/b", "vin.A=x+", "environment=dev", 'vin.A="', "vin.A="):
            finished = autotape("plan", COMMUTE, "--remap", remap)
            self.assertEqual(finished.exit_code, 2, remap)

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


class IdleStages(FolderCase):
    def test_a_stage_that_touches_no_message_is_warned_of(self):
        scenario = self.folder / "idle.yaml"
        scenario.write_text(f"version: 1\nname: idle\ntape: {COMMUTE}\nshape:\n- {{stage: duplicate, probability: 10%}}\n"
                            "- {stage: delay, delay: 1s, match: {car: NOSUCHCAR}}\n- {stage: hold, at: 30min, for: 1min}\n"
                            "- {stage: gap, at: 0s, for: 1h}\n")
        finished = autotape("plan", scenario, "-o", self.folder / "idle.plan")
        self.assertEqual(finished.exit_code, 0, finished.messages)
        warnings = [line for line in finished.messages.splitlines() if "warning" in line]
        self.assertEqual(warnings, ["autotape: warning: stage 2 (delay) touched no message",
                                    "autotape: warning: stage 3 (hold) touched no message"])


class CheckingScenarios(FolderCase):
    def test_all_that_is_wrong_is_listed(self):
        scenario = self.folder / "wrong.yaml"
        scenario.write_text(f"version: 1\nname: ../../x\ntape: {COMMUTE}\nshape:\n- stage: duplicat\n"
                            "- {stage: delay, delay: soon, probability: 7}\nfaults:\n- {at: 1s, fault: restrat}\n"
                            "expect:\n  dedup: yes\n  ordre: required\n")
        finished = autotape("scenario", "check", scenario)
        self.assertEqual(finished.exit_code, 2)
        places = [int(re.search(r"wrong.yaml:(\d+):", line)[1]) for line in finished.messages.splitlines()]
        self.assertEqual(places, [2, 5, 6, 6, 8, 10, 11], finished.messages)

    def test_a_tab_that_indents_is_named(self):
        scenario = self.folder / "tab.yaml"
        scenario.write_text("version: 1\nname: x\nreplay:\n\trate: 60\n")
        finished = autotape("scenario", "check", scenario)
        self.assertEqual(finished.exit_code, 2)
        self.assertIn("tab.yaml:4:1: a tab in the indentation", finished.messages)

    def test_the_library_is_fine(self):
        finished = autotape("scenario", "check", *SCENARIOS)
        self.assertEqual(finished.exit_code, 0, finished.messages)

    def test_what_is_wrong_is_one_line_with_line_and_column(self):
        path = self.folder / "bad.yaml"
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
