#!/usr/bin/python3
"""autotape generate: a tape of a fleet that never was, and random messages with labels."""
import collections
import json
import resource
import unittest

from folder_case import FolderCase
from program import autotape


class Generate(FolderCase):
    def generate(self, *options, name="fleet.ndjson"):
        """Makes a tape and gives its path and the summary."""
        tape = self.folder / name
        finished = autotape("generate", "--json", *options, "-o", tape)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        return tape, json.loads(finished.output)

    def payloads(self, tape):
        return [json.loads(json.loads(line)["payload"]) for line in tape.read_text().splitlines()[1:]]


class Fleet(Generate):
    def test_a_fleet_is_valid_in_both_streams(self):
        for stream in ("v1", "v2"):
            tape, summary = self.generate("--cars", 5, "--duration", "5min", "--stream", stream,
                                          name=f"{stream}.ndjson")
            self.assertGreater(summary["messages"], 500)
            checked = autotape("validate", "--strict", tape)
            self.assertEqual(checked.exit_code, 0, checked.output + checked.messages)

    def test_the_same_settings_make_the_same_tape(self):
        one, _ = self.generate("--count", 1000, "--seed", 3)
        again, _ = self.generate("--count", 1000, "--seed", 3, name="again.ndjson")
        other, _ = self.generate("--count", 1000, "--seed", 4, name="other.ndjson")
        self.assertEqual(one.read_bytes(), again.read_bytes())
        self.assertNotEqual(one.read_bytes(), other.read_bytes())

    def test_without_a_file_it_prints_the_same_lines(self):
        tape, _ = self.generate("--count", 100)
        self.assertEqual(autotape("generate", "--count", 100).output, tape.read_text())

    def test_an_error_names_the_tape_that_was_asked_for(self):
        for path, code in [("none/fleet.mcap", 5), ("fleet.csv", 2)]:
            finished = autotape("generate", "--count", 5, "-o", self.folder / path)
            self.assertEqual(finished.exit_code, code, finished.messages)
            self.assertIn(f"error: {self.folder / path}", finished.messages)

    def test_a_full_disk_leaves_no_tape_and_is_named(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        tape = self.folder / "fleet.mcap"
        finished = autotape("generate", "--count", 10_000, "-o", tape, preexec_fn=limit)
        self.assertEqual(finished.exit_code, 5, finished.messages)
        self.assertIn(f"error: {tape}: cannot write: File too large", finished.messages)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_only_what_was_asked_for_is_reported(self):
        tape, _ = self.generate("--properties", "diagnostics.odometer,trips.event", "--duration", "30min", "--cars", 3)
        seen = {(message["capability"], message["property"]) for message in self.payloads(tape)}
        self.assertEqual(seen, {("diagnostics", "odometer"), ("trips", "event")})

    def test_a_tape_can_be_planned_and_begins_when_it_was_told_to(self):
        tape, _ = self.generate("--start", "2026-07-01T05:00:00Z", "--count", 50)
        self.assertIn('"started":"2026-07-01T05:00:00Z"', tape.read_text().splitlines()[0])
        self.assertEqual(autotape("plan", tape).exit_code, 0)

    def test_nothing_is_overwritten_or_left_half_done(self):
        tape, _ = self.generate("--count", 10)
        self.assertEqual(autotape("generate", "--count", 10, "-o", tape).exit_code, 5)
        self.assertEqual(autotape("generate", "--count", 20, "-o", tape, "--force").exit_code, 0)
        self.assertEqual(len(self.payloads(tape)), 20)
        self.assertEqual(autotape("generate", "-o", self.folder / "missing" / "x.ndjson").exit_code, 5)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["fleet.ndjson"])

    def test_what_makes_no_sense_is_wrong_usage(self):
        for options in (["--cars", "0"], ["--duration", "5"], ["--properties", "diagnostics.odometr"],
                        ["--start", "yesterday"], ["--stream", "v3"], ["--keyword", "required"],
                        ["--fuzz-schema", "--cars", "3"], ["--fuzz-schema", "--keyword", "pattern"],
                        ["-o", "fleet.txt"], ["--json"]):
            with self.subTest(options):
                finished = autotape("generate", *options, cwd=self.folder)
                self.assertEqual(finished.exit_code, 2, finished.messages)
                self.assertEqual(len(finished.messages.splitlines()), 1)


class FuzzSchema(Generate):
    def labels(self, tape):
        for line in tape.read_text().splitlines()[1:]:
            message = json.loads(line)
            yield dict(message["properties"]["user_properties"])

    def test_the_validator_finds_each_labelled_violation_where_it_is(self):
        for stream in ("v1", "v2"):
            tape, _ = self.generate("--fuzz-schema", "--count", 557 * 4, "--stream", stream, name=f"{stream}.ndjson")
            found = collections.defaultdict(list)
            checked = autotape("validate", "--format", "ndjson", tape)
            self.assertEqual(checked.exit_code, 4)
            for line in checked.lines:
                violation = json.loads(line)
                if violation.get("severity") == "error":
                    found[violation["message"]].append((violation["keyword"], violation["instance"]))
            expected = {number: [(label["keyword"], label["instance"])]
                        for number, label in enumerate(self.labels(tape), 1) if label["expect"] == "invalid"}
            self.assertGreater(len(expected), 557)
            self.assertEqual(found, expected)

    def test_all_can_be_valid_or_break_one_keyword(self):
        tape, _ = self.generate("--fuzz-schema", "--violations", "0", "--count", 600)
        self.assertEqual(autotape("validate", tape).exit_code, 0)
        tape, _ = self.generate("--fuzz-schema", "--violations", "100%", "--keyword", "required", name="r.ndjson")
        keywords = collections.Counter(label.get("keyword") for label in self.labels(tape))
        self.assertEqual(set(keywords), {"required", None})  # nothing is required of a plain value
        self.assertGreater(keywords["required"], keywords[None])


if __name__ == "__main__":
    unittest.main()
