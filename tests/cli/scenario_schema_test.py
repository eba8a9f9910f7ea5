#!/usr/bin/python3
"""scenarios/scenario.schema.json, which editors use, agrees with the program that reads scenarios."""
import json
import unittest

import yaml

from folder_case import FolderCase
from places import COMMUTE, ROOT
from program import autotape

SCHEMA = ROOT / "scenarios" / "scenario.schema.json"

GOOD = [
    "seed: 7",
    "stream: v2",
    "labels: [a, b]",
    "replay: {rate: 500/s, start_offset: 5s, loop: {passes: 3, ids: keep}}",
    "replay: {rate: 60, restamp: true, remap: {vins: {A: B}}}",
    "shape: [{stage: duplicate, probability: 10%, delay: {uniform: [1s, 5s]}, match: {car: [A, B*]}}]",
    "shape: [{stage: reorder, time: 10s}, {stage: rate, limit: 5/s}]",
    "shape: [{stage: reorder, mode: shuffle, time: 10s, scope: car}]",
    "shape: [{stage: clock_skew, offset: -2h, drift: -20}]",
    "shape: [{stage: corrupt, kinds: truncated}]",
    "faults: [{at: 1min, fault: latency, latency: 200ms}, {on_event: connected, consumer: stop, for: 5s}]",
    "expect: {dedup: required, dedup_memory: 10min}",
]

BAD = [
    "nothing: 1",
    "seed: many",
    "stream: v3",
    "consumers: 0",
    "replay: {rate: soon}",
    "replay: {duration: 5}",
    "replay: {loop: {passes: 0}}",
    "replay: {remap: {app_id: a/b}}",
    "replay: {remap: {vins: {A: B+}}}",
    "shape: [{}]",
    "shape: [{stage: duplicat}]",
    "shape: [{stage: duplicate, probability: 110%}]",
    "shape: [{stage: duplicate, delay: {gamma: 5s}}]",
    "shape: [{stage: late}]",
    "shape: [{stage: hold, at: 1s}]",
    "shape: [{stage: corrupt, kinds: [broken]}]",
    "shape: [{stage: drop, match: {colour: red}}]",
    "faults: [{fault: restart}]",
    "faults: [{at: 1s, fault: restrat}]",
    "faults: [{at: 1s, fault: refuse}]",
    "expect: {dedup: maybe}",
]


class Agreement(FolderCase):
    def verdicts(self, text):
        """(the program's, the schema's): is it a scenario?"""
        scenario, document = self.folder / "s.yaml", self.folder / "s.json"
        scenario.write_text(text)
        document.write_text(json.dumps(yaml.safe_load(text)))
        return (autotape("scenario", "check", scenario).exit_code == 0,
                autotape("schema", "check", "--schema", SCHEMA, document).exit_code == 0)

    def test_good_and_bad_scenarios_are_judged_alike(self):
        for texts, expected in ((GOOD, True), (BAD, False)):
            for text in texts:
                with self.subTest(text):
                    self.assertEqual(self.verdicts(f"version: 1\nname: x\ntape: {COMMUTE}\n{text}\n"),
                                     (expected, expected))

    def test_names_are_judged_alike(self):
        for name, expected in (("x", True), (".x", True), ("a..b", True), ("..a", True), ("5", True), ("a/b", False),
                               ("../../x", False), (".", False), ("..", False)):
            with self.subTest(name):
                self.assertEqual(self.verdicts(f"version: 1\nname: {name}\ntape: {COMMUTE}\n"), (expected, expected))

    def test_generated_tapes_are_judged_alike(self):
        for tape, expected in (("{generate: {}}", True),
                               ("{generate: {cars: 100, duration: 5min, count: 7, seed: 3}}", True),
                               ("{generate: {properties: [diagnostics.speed, trips], start: 2026-07-01T05:00:00Z}}", True),
                               ("{generate: {cars: 0}}", False),
                               ("{generate: {car: 5}}", False),
                               ("{generate: {duration: 5}}", False),
                               ("{generate: {}, file: x}", False),
                               ("{}", False)):
            with self.subTest(tape):
                # A time stays a text, as it is one in JSON.
                text = f"version: 1\nname: x\ntape: {tape}\n".replace("2026-07-01T05:00:00Z", '"2026-07-01T05:00:00Z"')
                self.assertEqual(self.verdicts(text), (expected, expected))

    def test_the_library_is_valid_by_the_schema(self):
        documents = []
        for path in sorted((ROOT / "scenarios").glob("*.yaml")):
            documents.append(self.folder / f"{path.stem}.json")
            documents[-1].write_text(json.dumps(yaml.safe_load(path.read_text())))
        finished = autotape("schema", "check", "--schema", SCHEMA, *documents)
        self.assertEqual(finished.exit_code, 0, finished.output + finished.messages)


if __name__ == "__main__":
    unittest.main()
