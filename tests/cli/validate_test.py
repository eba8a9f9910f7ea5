#!/usr/bin/python3
"""autotape validate: one line for each violation, and an exit code that says which kind of bad."""
import json
import os
import signal
import unittest
import xml.etree.ElementTree

from folder_case import FolderCase
from places import COMMUTE
from program import autotape
from provider_schema import ROOT, needs_provider_schema
from running_program import RunningAutotape

LINES = COMMUTE.read_text().splitlines(keepends=True)


def changed(line: str, old: str, new: str) -> str:
    assert old in line, old
    return line.replace(old, new, 1)


class TapeCase(FolderCase):
    def setUp(self):
        super().setUp()
        self.tape = self.folder / "tape.ndjson"

    def validate(self, content, *options):
        self.tape.write_bytes(content if isinstance(content, bytes) else content.encode())
        return autotape("validate", *options, self.tape)


class Validate(TapeCase):
    def test_the_fixture_is_valid(self):
        finished = autotape("validate", COMMUTE)
        self.assertEqual((finished.exit_code, finished.output), (0, ""), finished.messages)
        self.assertIn("1,330 messages", finished.messages)

    def test_a_car_that_is_not_the_topics_is_found_with_number_and_pointer(self):
        tape = LINES[0] + LINES[1] + changed(LINES[2], '\\"vin\\":\\"WATDEMEV7TRA1N002', '\\"vin\\":\\"WATDEMEV7TRA1N003')
        finished = self.validate(tape, "--format", "ndjson")
        self.assertEqual(finished.exit_code, 4, finished.messages)
        (violation,) = map(json.loads, finished.lines)
        self.assertEqual(violation["message"], 2)
        self.assertEqual(violation["instance"], "/vin")
        self.assertEqual(violation["severity"], "error")
        self.assertEqual(violation["rule"], "vin-agreement")
        self.assertIn("WATDEMEV7TRA1N002", violation["expected"])
        self.assertIn("WATDEMEV7TRA1N003", violation["found"])

    def test_an_extra_envelope_member_is_a_warning(self):
        tape = changed(LINES[1], '\\"version\\":1', '\\"version\\":1,\\"timestamp\\":\\"2026-03-02T06:45:00Z\\"')
        finished = self.validate(tape)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertIn("message 1: warning: extra-member: /timestamp", finished.output)

    def test_what_is_no_json_object_has_its_reason(self):
        for payload, reason in [("", "what is empty, not JSON"), ("[" * 100_000, "what is JSON nested deeper than 256 levels"),
                                ('{"a":1e400}', "what is refused: a number is beyond the range of a double"), ("[]", "an array of 0")]:
            line = json.loads(LINES[1]) | {"payload": payload}
            finished = self.validate(json.dumps(line))
            self.assertEqual(finished.exit_code, 4, finished.messages)
            self.assertIn(f"json: (root): expected a JSON object, found {reason} (", finished.output)

    def test_a_tape_from_standard_input_is_validated_too(self):
        finished = autotape("validate", "-", stdin=COMMUTE.read_bytes())
        self.assertEqual(finished.exit_code, 0, finished.messages)

    def test_what_a_payload_says_cannot_steer_the_terminal(self):
        tape = changed(LINES[1], '\\"vin\\":\\"', '\\"vin\\":\\"\\\\u001b[31m')
        finished = self.validate(tape)
        self.assertEqual(finished.exit_code, 4)
        self.assertNotIn("\x1b", finished.output + finished.messages)


class DataAgainstTheSchema(TapeCase):
    TOPIC = "live/level13/1FBBEDED80595912588FF4FF/VF1AAAAA55B123456/diagnostics/get/odometer"

    def message(self, property_object, **envelope):
        payload = {"message_id": "B10B", "version": 1, "vin": "VF1AAAAA55B123456", "capability": "diagnostics",
                   "property": "odometer", "data": {"diagnostics": {"odometer": property_object}}} | envelope
        return json.dumps({"received": "2026-03-02T06:45:00Z", "topic": self.TOPIC, "payload": json.dumps(payload)}) + "\n"

    def rows(self, finished):
        return [(row["rule"], row["instance"]) for row in map(json.loads, finished.lines)]

    def test_what_the_schema_forbids_is_found_at_its_pointer(self):
        good = {"data": {"unit": "kilometers", "value": 100}, "timestamp": "2021-11-01T10:33:10.000Z"}
        self.assertEqual(self.validate(self.message(good)).exit_code, 0)
        at = "/data/diagnostics/odometer"
        for bad, pointer in [({"data": {"unit": "kilograms", "value": 100}}, at + "/data/unit"),
                             ({"data": {"unit": "kilometers"}}, at + "/data"),
                             ({"data": {"unit": "kilometers", "value": 1}, "extra": 1}, at + "/extra"),
                             ({"timestamp": "2021-11-01 10:33:10"}, at + "/timestamp"), ({}, at)]:
            finished = self.validate(self.message(bad), "--format", "ndjson")
            self.assertEqual((finished.exit_code, self.rows(finished)), (4, [("schema", pointer)]))

    def test_strict_makes_warnings_errors_and_ignore_leaves_a_rule_out(self):
        late = self.message({"timestamp": "2031-11-01T10:33:10Z"})
        self.assertEqual(self.validate(late).exit_code, 0)
        self.assertEqual(self.validate(late, "--strict").exit_code, 4)
        finished = self.validate(late, "--strict", "--ignore", "timestamp-range")
        self.assertEqual((finished.exit_code, finished.output), (0, ""))
        finished = self.validate(late, "--ignore", "timestamp-rage")
        self.assertEqual(finished.exit_code, 2)
        self.assertIn("did you mean timestamp-range?", finished.messages)

    def test_the_rules_are_listed_with_one_line_each(self):
        finished = autotape("validate", "--rules")
        self.assertEqual(finished.exit_code, 0)
        self.assertIn("vin-agreement", finished.output)
        self.assertGreater(len(finished.lines), 15)

    def test_many_threads_give_the_same_output_in_the_same_order(self):
        tape = "".join(self.message({"data": {"unit": f"unit {i}", "value": i}}) for i in range(2000))
        alone = self.validate(tape, "--jobs", "1")
        self.assertEqual(len(alone.lines), 2000)
        self.assertEqual(self.validate(tape, "--jobs", "3").output, alone.output)

    def test_duplicates_are_facts_unless_they_are_denied(self):
        twice = self.message({"data": {"unit": "miles", "value": 1}}) * 2
        finished = self.validate(twice)
        self.assertEqual(finished.exit_code, 0)
        self.assertIn("1 with the same bytes", finished.messages)
        self.assertEqual(self.validate(twice, "--deny", "duplicates").exit_code, 4)

    def test_a_denied_fact_is_an_error_in_every_format(self):
        twice = self.message({"data": {"unit": "miles", "value": 1}}) * 2
        denied = {kind: self.validate(twice, "--deny", "duplicates", "--deny", "gaps", "--format", kind).output
                  for kind in ("text", "ndjson", "junit", "sarif", "github")}
        self.assertEqual(denied["text"], "stream: error: denied: 1 duplicates in the stream: --deny duplicates wants none\n")
        self.assertEqual(json.loads(denied["ndjson"]), {"severity": "error", "denied": "duplicates", "found": 1})
        suite = xml.etree.ElementTree.fromstring(denied["junit"])[0]
        cases = {case.get("name"): case for case in suite}
        self.assertEqual((suite.get("failures"), suite.get("tests")), ("1", str(len(suite))))
        self.assertIn("denied: 1 duplicates", cases["duplicates"].find("failure").get("message"))
        self.assertIsNone(cases["gaps"].find("failure"))
        (run,) = json.loads(denied["sarif"])["runs"]
        (result,) = run["results"]
        self.assertEqual((result["ruleId"], result["level"]), ("duplicates", "error"))
        self.assertIn("duplicates", [rule["id"] for rule in run["tool"]["driver"]["rules"]])
        self.assertRegex(denied["github"], r"^::error file=.*,title=duplicates::denied: 1 duplicates")

    def test_the_summary_for_machines_counts_what_was_denied(self):
        twice = self.message({"data": {"unit": "miles", "value": 1}}) * 2
        summary = json.loads(self.validate(twice, "--deny", "duplicates", "--deny", "gaps", "--json").output)
        self.assertEqual(summary["denied"], {"duplicates": 1, "gaps": 0})

    def reading_at(self, time, number):
        return self.message({"data": {"unit": "miles", "value": number}, "timestamp": f"2026-03-02T{time}Z"},
                            message_id=f"{number:X}")

    def test_disorder_and_its_lateness_are_facts_unless_they_are_denied(self):
        tape = "".join(self.reading_at(time, i) for i, time in enumerate(["06:00:00", "06:00:09", "06:00:05"]))
        finished = self.validate(tape)
        self.assertEqual(finished.exit_code, 0)
        self.assertRegex(finished.messages, r"out of order: 1 of 3 readings, .*at most 4 s")
        self.assertEqual(self.validate(tape, "--deny", "disorder").exit_code, 4)

    def test_gaps_are_facts_unless_they_are_denied(self):
        tape = "".join(self.reading_at(time, i) for i, time in enumerate(["06:00:00", "06:05:00", "06:30:00"]))
        finished = self.validate(tape)
        self.assertEqual(finished.exit_code, 0)
        self.assertIn("gaps: 1 of more than 10 min", finished.messages)
        self.assertIn("VF1AAAAA55B123456 since 2026-03-02T06:05:00Z", finished.messages)
        self.assertEqual(self.validate(tape, "--deny", "gaps").exit_code, 4)
        self.assertEqual(self.validate(tape, "--deny", "gaps", "--gap", "1h").exit_code, 0)
        self.assertIn("gaps: 2 of", self.validate(tape, "--gap", "4m").messages)

    def test_what_is_not_looked_for_cannot_be_denied(self):
        self.assertEqual(self.validate("", "--deny", "gaps", "--no-stream-facts").exit_code, 2)

    def test_the_summary_for_machines(self):
        tape = "".join(self.reading_at(time, i) for i, time in enumerate(["06:00:00", "06:30:00", "06:00:01"]))
        finished = self.validate(tape + self.message({}), "--json", "--coverage")
        self.assertEqual(finished.exit_code, 4, finished.messages)
        summary = json.loads(finished.output)
        self.assertEqual((summary["messages"], summary["invalid_messages"], summary["errors"]), (4, 1, 1))
        self.assertEqual(summary["stream"]["out_of_order"]["readings"], 1)
        self.assertEqual(summary["stream"]["gaps"]["count"], 1)
        self.assertEqual(summary["coverage"], [{"property": "diagnostics.odometer", "readings": 4, "violations": 1}])

    def test_coverage_stays_out_of_a_report_that_is_one_document(self):
        finished = self.validate(self.message({}), "--coverage", "--format", "sarif")
        json.loads(finished.output)
        self.assertIn("diagnostics.odometer", finished.messages)

    def test_an_mcap_tape_is_validated_like_the_ndjson_tape_it_was(self):
        tape = "".join(LINES[:40]) + "".join(self.message({"data": {"unit": f"unit {i}", "value": i}}) for i in range(600))
        expected = self.validate(tape, "--format", "ndjson")
        mcap = self.tape.with_suffix(".mcap")
        self.assertEqual(autotape("tape", "convert", self.tape, "-o", mcap).exit_code, 0)
        for jobs in [1, 3]:
            for found in [autotape("validate", "--format", "ndjson", "--jobs", jobs, mcap),
                          autotape("validate", "--format", "ndjson", "--jobs", jobs, "-", stdin=mcap.read_bytes())]:
                self.assertEqual((found.exit_code, found.output), (4, expected.output), found.messages)
                self.assertEqual(found.messages, expected.messages)

    def test_a_damaged_mcap_tape_is_validated_as_far_as_it_can_be_read(self):
        mcap = self.tape.with_suffix(".mcap")
        self.assertEqual(autotape("tape", "convert", COMMUTE, "-o", mcap).exit_code, 0)
        mcap.write_bytes(mcap.read_bytes()[:-1000])
        finished = autotape("validate", mcap)
        self.assertEqual(finished.exit_code, 3, finished.messages)
        self.assertIn("the summary at the end is damaged or cut off", finished.messages)

    def test_what_was_read_before_a_wrong_line_is_reported_with_any_number_of_threads(self):
        bad = self.message({"data": {"unit": "x", "value": 1}}) * 3000
        for jobs in [1, 4]:
            finished = self.validate(bad + "{}\n" + bad, "--jobs", jobs)
            self.assertEqual((finished.exit_code, len(finished.lines)), (5, 3000), finished.messages)
            self.assertIn("tape.ndjson:3001: /received", finished.messages)

    def test_threads_beyond_all_reason_are_refused(self):
        for jobs in ["257", "-1", "many"]:
            self.assertEqual(self.validate("", "--jobs", jobs).exit_code, 2)

    HOSTILE = "\u001b[31m\ufffe\uffff<&>\"'%\r\n::error::]]>\u202e\u0000"

    def test_hostile_text_leaves_junit_well_formed(self):
        output = self.validate(self.message({"data": {"unit": self.HOSTILE, "value": 1}}), "--format", "junit").output
        suite = xml.etree.ElementTree.fromstring(output).find("testsuite")
        cases = suite.findall("testcase")
        failed = [case.get("name") for case in cases if case.find("failure") is not None]
        self.assertEqual((int(suite.get("tests")), int(suite.get("failures")), failed), (len(cases), 1, ["schema"]))
        for character in output:
            self.assertTrue(character in "\t\n\r" or "\x20" <= character <= "\ufffd", hex(ord(character)))

    def test_hostile_text_and_names_leave_sarif_valid(self):
        self.tape = self.tape.with_name('a b"%ü.ndjson')
        finished = self.validate(self.message({"data": {"unit": self.HOSTILE, "value": 1}}), "--format", "sarif")
        log = json.loads(finished.output)
        self.assertEqual((log["version"], list(log["runs"][0]["tool"])), ("2.1.0", ["driver"]))
        rules = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
        (result,) = log["runs"][0]["results"]
        self.assertIn(result["ruleId"], rules)
        self.assertEqual(result["level"], "error")
        self.assertTrue(result["message"]["text"])
        (location,) = result["locations"]
        self.assertRegex(location["physicalLocation"]["artifactLocation"]["uri"], r"/a%20b%22%25%C3%BC\.ndjson$")
        self.assertEqual(location["logicalLocations"][0]["fullyQualifiedName"], "message 1/data/diagnostics/odometer/data/unit")

    def test_hostile_text_cannot_write_a_workflow_command_of_its_own(self):
        finished = self.validate(self.message({"data": {"unit": self.HOSTILE, "value": 1}}), "--format", "github")
        (line,) = finished.output.split("\n")[:-1]
        self.assertRegex(line, r"^::error file=[^:,]+,title=schema::message 1: [^\r]+$")

    def test_formats_for_machines_are_whole_documents(self):
        bad = self.message({"data": {"unit": "<&>", "value": 1}})
        sarif = json.loads(self.validate(bad, "--format", "sarif").output)
        result = sarif["runs"][0]["results"][0]
        self.assertEqual(result["ruleId"], "schema")
        self.assertEqual(result["locations"][0]["physicalLocation"]["region"], {"startLine": 1})
        suite = xml.etree.ElementTree.fromstring(self.validate(bad, "--format", "junit").output)
        self.assertEqual([case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None], ["schema"])
        self.assertTrue(self.validate(bad, "--format", "github").output.startswith("::error file="))

    def test_coverage_counts_readings_and_violations(self):
        tape = self.message({"data": {"unit": "miles", "value": 1}}) + self.message({"data": {"unit": "x", "value": 1}})
        finished = self.validate(tape, "--coverage")
        self.assertRegex(finished.output, r"diagnostics.odometer +2 readings +1 violations")
        self.assertIn("1 of the catalogue's 557 properties", finished.messages)

    def test_a_folder_without_the_providers_files_is_named(self):
        (self.tape.parent / "other.json").write_text("no JSON, and no schema")
        for folder, reason in [(self.tape.parent, "has neither"), (self.tape.parent / "none", "cannot be read")]:
            finished = self.validate(self.message({"timestamp": "2021-11-01T10:33:10Z"}), "--schema", folder)
            self.assertEqual(finished.exit_code, 5, finished.messages)
            self.assertIn(f"{folder}: {reason}", finished.messages)

    @needs_provider_schema
    def test_the_providers_own_files_give_the_same_verdicts(self):
        tape = "".join(self.message(value) for value in [{"data": {"unit": "miles", "value": 1}}, {}, {"data": {"unit": "x", "value": 1}}])
        rows = [self.rows(self.validate(tape, "--format", "ndjson", *options)) for options in ([], ["--schema", ROOT])]
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(len(rows[0]), 2)


class TheWholeCatalogue(TapeCase):
    """Messages of `generate --fuzz-schema`, each with what has to be said of it in its user properties."""

    def fuzzed(self, stream, *options, rounds=2):
        made = autotape("generate", "--fuzz-schema", "--stream", stream, "--count", 557 * rounds, *options, "-o", self.tape)
        self.assertEqual(made.exit_code, 0, made.messages)
        return [json.loads(line) for line in self.tape.read_text().splitlines() if '"payload"' in line]

    def test_every_property_of_both_streams_passes(self):
        for stream in ["v1", "v2"]:
            self.fuzzed(stream, "--violations", "0", "--force", rounds=6)  # a list may be empty now and then
            finished = autotape("validate", "--coverage", self.tape)
            self.assertEqual(finished.exit_code, 0, finished.output)
            self.assertIn("557 of the catalogue's 557 properties", finished.messages)

    def test_each_labelled_violation_is_found_at_its_place(self):
        for stream in ["v1", "v2"]:
            messages = self.fuzzed(stream, "--violations", "100%", "--force")
            finished = autotape("validate", "--format", "ndjson", self.tape)
            found = {(row["message"], row["keyword"], row["instance"]) for row in map(json.loads, finished.lines)
                     if row["rule"] == "schema"}
            for number, message in enumerate(messages, 1):
                label = dict(message["properties"]["user_properties"])
                self.assertIn((number, label["keyword"], label["instance"]), found, message["payload"])

    @needs_provider_schema
    def test_the_providers_own_files_find_what_the_catalogue_finds(self):
        self.fuzzed("v1")
        ours, theirs = (self.invalid_messages(*options) for options in ([], ["--schema", ROOT]))
        self.assertEqual(ours, theirs)
        self.assertGreater(len(ours), 300)

    def invalid_messages(self, *options):
        finished = autotape("validate", "--format", "ndjson", *options, self.tape)
        return {row["message"] for row in map(json.loads, finished.lines) if row["severity"] == "error"}


class StandardInput(TapeCase):
    """What comes through a pipe is reported as it comes."""

    def setUp(self):
        super().setUp()
        reading, self.writing = os.pipe()
        self.running = RunningAutotape("validate", "-", stdin=reading)
        self.addCleanup(self.running.__exit__)
        os.close(reading)

    def test_interrupted_twice_it_ends_at_once(self):
        os.write(self.writing, (LINES[0] + changed(LINES[1], "WATDEM", "WATDEX")).encode())
        self.running.wait_for_output("message 1: error")
        # Both wait when it goes on: it has no time to end because of the first.
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            self.running.send_signal(number)
        self.assertEqual(self.running.wait(), 130)
        os.close(self.writing)

    def test_ctrl_c_ends_it_although_more_could_come(self):
        os.write(self.writing, (LINES[0] + changed(LINES[1], "WATDEM", "WATDEX")).encode())
        self.running.wait_for_output("message 1: error")
        self.running.send_signal(signal.SIGINT)
        self.assertEqual(self.running.wait(), 4)
        os.close(self.writing)
        self.assertIn("standard input: interrupted before its end", self.running.messages())
        self.assertIn("1 messages checked", self.running.messages())


class BadTapes(TapeCase):
    def assert_unreadable(self, finished, *words):
        self.assertEqual(finished.exit_code, 5, finished.messages)
        errors = [line for line in finished.messages.splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, finished.messages)
        for word in words:
            self.assertIn(word, errors[0])

    def test_a_missing_tape(self):
        self.assert_unreadable(autotape("validate", self.tape), str(self.tape), "No such file")

    def test_a_folder(self):
        self.assert_unreadable(autotape("validate", self.tape.parent), "is a folder")

    def test_an_empty_tape_is_not_passed_over_in_silence(self):
        finished = self.validate("")
        self.assertEqual(finished.exit_code, 3)
        self.assertIn("empty", finished.messages)

    def test_a_torn_last_line_is_counted(self):
        finished = self.validate("".join(LINES[:3]) + LINES[3][:100])
        self.assertEqual(finished.exit_code, 3, finished.messages)
        self.assertIn("100 bytes", finished.messages)
        self.assertIn("2 messages", finished.messages)

    def test_a_broken_line_in_the_middle_is_named_by_its_number(self):
        self.assert_unreadable(self.validate(LINES[0] + LINES[1][:100] + "\n" + LINES[2]), "tape.ndjson:2")

    def test_a_binary_file_is_no_tape(self):
        self.assert_unreadable(self.validate(os.urandom(4096)), "is this a tape?")


if __name__ == "__main__":
    unittest.main()
