#!/usr/bin/python3
"""autotape anonymize: what comes out may be given away, and everything else about the tape is as it was."""
import json
import pathlib
import stat
import unittest

from folder_case import FolderCase
from places import COMMUTE
from program import autotape

FIXTURES = sorted(COMMUTE.parent.glob("*.ndjson"))
LINES = COMMUTE.read_text().splitlines(keepends=True)
RAW_HEADER = LINES[0].replace('"privacy":"synthetic"', '"privacy":"raw"')
CARS = ["WATDEMPT0TRA1N001", "WATDEMEV7TRA1N002"]
APP_ID = "5A0C0FFEE0DDBA11C0DEFEED"


class TapeCase(FolderCase):
    def setUp(self):
        super().setUp()
        self.key = self.folder / "fleet.key"

    def tape(self, *lines: str, name: str = "raw.ndjson") -> pathlib.Path:
        path = self.folder / name
        path.write_text("".join(lines))
        return path

    def anonymize(self, tape, output, *options, exit_code=0):
        finished = autotape("anonymize", tape, "-o", output, "--key-file", self.key, *options)
        self.assertEqual(finished.exit_code, exit_code, finished.messages)
        return finished


def payload_of(line: str) -> dict:
    return json.loads(json.loads(line)["payload"])


def with_payload(line: str, change) -> str:
    record = json.loads(line)
    payload = json.loads(record["payload"])
    change(record, payload)
    record["payload"] = json.dumps(payload)
    return json.dumps(record) + "\n"


def troubled_lines() -> list[str]:
    """The commute with duplicates of each kind, disorder, and messages that are wrong."""
    def other_id(_, payload):
        payload["message_id"] = "F" * 64

    def other_car(_, payload):
        payload["vin"] = "TESTCAR"

    def wrong_unit(_, payload):
        for properties in payload["data"].values():
            for value in properties.values():
                value["data"] = {"unit": "smoots", "value": 1}

    body = LINES[1:400]
    return [RAW_HEADER, *body[:100], body[5], body[7].replace('"dup":false', '"dup":true'),
            with_payload(body[9], other_id), *reversed(body[100:130]), with_payload(body[130], other_car),
            with_payload(body[131], wrong_unit), body[132].replace("\\\"vin\\\":", "\\\"vin\\\""),
            '{"marker":"disconnected","at":"2026-03-02T06:48:05Z","detail":"why"}\n',
            '{"marker":"connected","at":"2026-03-02T06:48:06Z","detail":"session kept"}\n', *body[133:]]


class SameVerdict(TapeCase):
    def setUp(self):
        super().setUp()
        self.raw = self.tape(*troubled_lines())
        self.clean = self.folder / "clean.ndjson"

    def scanned(self, tape) -> dict:
        info = json.loads(autotape("tape", "info", "--scan", "--json", tape).output)
        for changed in ("tape", "bytes", "header", "payload_bytes", "markers"):
            del info[changed]
        info["cars"] = sorted(info["cars"].values())
        for times in ("first_received", "last_received"):
            del info[times]
        for times in ("oldest", "newest"):
            del info["scan"][times]
        info["gaps"] = len(info["gaps"])
        return info

    def violations(self, tape) -> list:
        finished = autotape("validate", "--format", "ndjson", tape)
        self.assertEqual(finished.exit_code, 4)
        return [(found["message"], found["rule"], found["instance"])
                for found in map(json.loads, finished.lines)]

    def test_scan_and_violations_are_as_before(self):
        for mode in ("drop", "grid", "shift"):
            with self.subTest(mode):
                self.anonymize(self.raw, self.clean, "--coordinates", mode, "--force", exit_code=3)
                self.assertEqual(self.scanned(self.clean), self.scanned(self.raw))
                self.assertEqual(self.violations(self.clean), self.violations(self.raw))

    def test_all_times_move_by_the_days_that_are_asked_for(self):
        raw, clean = self.tape(RAW_HEADER, *LINES[1:50]), self.folder / "clean.ndjson"
        self.anonymize(raw, clean, "--shift-days=-3")
        for before, after in zip(LINES[1:50], clean.read_text().splitlines()[1:], strict=True):
            self.assertTrue(before.startswith('{"received":"2026-03-02T'))
            self.assertTrue(after.startswith('{"received":"2026-02-27T'), after)
            self.assertEqual(after.count("2026-02-27T"), before.count("2026-03-02T"))
            self.assertNotIn("2026-03-02T", after)

    def test_a_plan_of_the_same_seed_makes_the_same_deliveries_of_it(self):
        self.anonymize(self.raw, self.clean, exit_code=3)
        plans = [autotape("plan", tape, "--duplicate", "10%", "--reorder", "40", "--seed", "7").output
                 for tape in (self.raw, self.clean)]
        self.assertNotEqual(plans[0], "")
        self.assertEqual(*[self.places(plan) for plan in plans])

    @staticmethod
    def places(plan: str) -> list:
        deliveries = [json.loads(line) for line in plan.splitlines()]
        return [(one.get("message"), one.get("due")) for one in deliveries if "message" in one]


class GivenAway(TapeCase):
    def test_the_fixture_loses_its_cars_its_application_and_its_places(self):
        raw = self.tape(RAW_HEADER, *LINES[1:], name=f"trip_{CARS[0]}.ndjson")
        places = {str(degrees) for line in LINES[1:] if "coordinates" in line
                  for degrees in payload_of(line)["data"]["vehicle_location"]["coordinates"]["data"].values()
                  if len(str(degrees)) > 7}  # shorter ones are speeds, too
        self.assertGreater(len(places), 100)
        out = self.folder / "out"
        out.mkdir()
        self.anonymize(raw, out)
        (clean,) = out.iterdir()
        text = clean.read_text()
        self.assertEqual([known for known in [*CARS, APP_ID, *places] if known in text], [])
        vin = clean.stem.removeprefix("trip_")
        self.assertRegex(vin, "^[A-HJ-NPR-Z0-9]{17}$")
        self.assertIn(f"/{vin}/", text)
        header = json.loads(text.splitlines()[0])
        self.assertEqual(header["privacy"], "anonymized")
        self.assertNotIn(header["key_id"], self.key.read_text())

    def test_the_same_key_gives_the_same_bytes_another_one_others(self):
        raw = self.tape(RAW_HEADER, *LINES[1:100])
        outputs = [self.folder / f"{name}.ndjson" for name in "abc"]
        self.anonymize(raw, outputs[0])
        self.anonymize(raw, outputs[1])
        self.key = self.folder / "other.key"
        self.anonymize(raw, outputs[2])
        a, b, c = [output.read_bytes() for output in outputs]
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_the_key_is_its_owners_and_said_to_be_new(self):
        finished = self.anonymize(self.tape(*LINES[:5]), self.folder / "out.ndjson")
        self.assertIn("made the key", finished.messages)
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        again = self.anonymize(self.tape(*LINES[:5]), self.folder / "again.ndjson")
        self.assertNotIn("made the key", again.messages)

    def test_what_cannot_be_parsed_becomes_a_counted_stub(self):
        raw = self.tape(RAW_HEADER, LINES[1].replace("{\\\"message_id", "{message_id"))
        out = self.folder / "out.ndjson"
        finished = self.anonymize(raw, out, "--json", exit_code=3)
        self.assertEqual(json.loads(finished.output)["stubs"], 1)
        self.assertRegex(json.loads(out.read_text().splitlines()[1])["payload"],
                         r"^autotape stub: \d+ bytes, [0-9a-f]{16}$")

    def test_what_the_catalogue_lacks_is_replaced_named_and_can_be_kept(self):
        def new_property(_, payload):
            payload["data"] = {"diagnostics": {"mood": {"data": "sunny"}}}

        raw = self.tape(RAW_HEADER, with_payload(LINES[1], new_property))
        out = self.folder / "out.ndjson"
        finished = self.anonymize(raw, out)
        self.assertIn("diagnostics.mood", finished.messages)
        self.assertNotIn("sunny", out.read_text())
        self.anonymize(raw, out, "--force", "--keep", "diagnostics.mood")
        self.assertIn("sunny", out.read_text())
        self.assertEqual(autotape("anonymize", "--check", out).exit_code, 0)


class Check(TapeCase):
    def test_a_raw_tape_is_refused_and_an_anonymised_one_passes(self):
        raw, clean = self.tape(RAW_HEADER, *LINES[1:50]), self.folder / "clean.ndjson"
        self.anonymize(raw, clean)
        self.assertEqual(autotape("anonymize", "--check", clean).exit_code, 0)
        finished = autotape("anonymize", "--check", clean, raw)
        self.assertEqual(finished.exit_code, 4)
        self.assertIn(f"{raw}: its header says that it is raw", finished.messages)

    def test_a_tape_that_does_not_say_counts_as_raw_and_the_fixtures_are_synthetic(self):
        self.assertEqual(autotape("anonymize", "--check", self.tape(*LINES[1:3])).exit_code, 4)
        self.assertEqual(autotape("anonymize", "--check", *FIXTURES).exit_code, 0)

    def test_a_raw_message_under_an_anonymised_header_is_found(self):
        clean = self.folder / "clean.ndjson"
        self.anonymize(self.tape(RAW_HEADER, *LINES[1:10]), clean)

        def driver(_, payload):
            payload["data"] = {"trips": {"driver_name": {"data": "Alice"}}}

        with clean.open("a") as tape:
            tape.write(with_payload(LINES[1], driver))
        finished = autotape("anonymize", "--check", clean)
        self.assertEqual(finished.exit_code, 4)
        self.assertIn("record 10", finished.messages)


class Refusals(TapeCase):
    def refused(self, code, text, *arguments):
        finished = autotape("anonymize", *arguments)
        self.assertEqual(finished.exit_code, code, finished.messages)
        self.assertIn(text, finished.messages)

    def test_wrong_usage_is_said_and_leaves_no_output(self):
        raw, out = self.tape(RAW_HEADER, *LINES[1:3]), self.folder / "out.ndjson"
        self.refused(2, "--key-file", raw, "-o", out)
        self.refused(2, "no output", raw, "--key-file", self.key)
        self.refused(2, "whose car", raw, "-o", out, "--key-file", self.key, "--keep", "vin")
        self.refused(2, "no folder", raw, raw, "-o", out, "--key-file", self.key)
        self.refused(5, "missing", "missing.ndjson", "-o", out, "--key-file", self.key)
        self.assertFalse(out.exists())

    def test_an_anonymised_tape_is_not_anonymised_again_and_nothing_is_overwritten(self):
        raw, out = self.tape(RAW_HEADER, *LINES[1:3]), self.folder / "out.ndjson"
        self.anonymize(raw, out)
        self.refused(2, "already", out, "-o", self.folder / "again.ndjson", "--key-file", self.key)
        self.refused(5, "exists", raw, "-o", out, "--key-file", self.key)

    def test_a_key_that_others_can_read_is_refused(self):
        raw, out = self.tape(RAW_HEADER, *LINES[1:3]), self.folder / "out.ndjson"
        self.key.write_text("0" * 64 + "\n")
        self.key.chmod(0o644)
        self.refused(5, "chmod 600", raw, "-o", out, "--key-file", self.key)

    def test_a_damaged_tape_leaves_no_output(self):
        raw, out = self.tape(RAW_HEADER, "{}\n", *LINES[1:3]), self.folder / "out.ndjson"
        self.refused(5, "raw.ndjson:2", raw, "-o", out, "--key-file", self.key)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"raw.ndjson", "fleet.key"})


if __name__ == "__main__":
    unittest.main()
