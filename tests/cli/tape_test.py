#!/usr/bin/python3
"""autotape tape: what the commands print, and the exit codes that say what was lost."""
import csv
import io
import json
import pathlib
import unittest

from folder_case import FolderCase
from places import COMMUTE
from program import autotape

LINES = COMMUTE.read_text().splitlines(keepends=True)


class TapeCase(FolderCase):
    def tape(self, *lines: str, name: str = "tape.ndjson") -> pathlib.Path:
        path = self.folder / name
        path.write_text("".join(lines))
        return path

    def info(self, path, *options) -> dict:
        finished = autotape("tape", "info", "--json", *options, path)
        self.assertIn(finished.exit_code, (0, 3), finished.messages)
        return json.loads(finished.output)


class Info(TapeCase):
    def test_the_fixture_in_numbers(self):
        info = self.info(COMMUTE)
        self.assertEqual((info["format"], info["messages"], info["readings"]), ("ndjson", 1330, 1450))
        self.assertEqual(info["header"]["environment"], "sandbox")
        self.assertEqual(info["cars"], {"WATDEMEV7TRA1N002": 675, "WATDEMPT0TRA1N001": 775})
        self.assertEqual(info["capabilities"]["diagnostics"], 670)
        self.assertEqual(info["gaps"], [])
        self.assertNotIn("scan", info)

    def test_a_scan_tells_duplicates_by_kind_and_disorder(self):
        again = LINES[1].replace('"dup":false', '"dup":true')
        path = self.tape(*LINES[:5], LINES[1], again, LINES[1].replace("0.0}", "7.0}").replace("0.0,", "7.0,"),
                         LINES[2].replace("0287133A", "AAAA133A"))
        scan = self.info(path, "--scan")["scan"]
        self.assertEqual(scan["distinct_ids"], 5)
        self.assertEqual(scan["duplicates"],
                         {"same_bytes": 1, "new_content": 1, "same_reading": 1, "redelivered": 1})

    def test_lateness_is_measured_in_data_time(self):
        speeds = [line for line in LINES if "WATDEMPT0TRA1N001/diagnostics/get/speed" in line][:3]
        scan = self.info(self.tape(speeds[0], speeds[2], speeds[1]), "--scan")["scan"]
        self.assertEqual(scan["out_of_order"]["readings"], 1)
        self.assertAlmostEqual(scan["out_of_order"]["share"], 1 / 3)
        self.assertGreater(scan["out_of_order"]["greatest_lateness_s"], 3)

    def test_gaps_are_listed_for_people_and_machines(self):
        path = self.tape(
            LINES[1], '{"marker":"disconnected","at":"2026-03-02T06:45:05Z","detail":"reset by peer"}\n',
            '{"marker":"session_lost","at":"2026-03-02T06:45:07Z"}\n',
            '{"marker":"connected","at":"2026-03-02T06:45:07.5Z"}\n')
        (gap,) = self.info(path)["gaps"]
        self.assertEqual(gap, {"from": "2026-03-02T06:45:05Z", "to": "2026-03-02T06:45:07.500Z",
                               "session_kept": False, "reason": "reset by peer"})
        self.assertIn("2.5 s, the session was lost, messages may be missing: reset by peer",
                      autotape("tape", "info", path).output)

    def test_an_empty_or_torn_tape_is_no_success(self):
        self.assertEqual(autotape("tape", "info", self.tape()).exit_code, 3)
        torn = autotape("tape", "info", self.tape(*LINES[:3], LINES[3][:50]))
        self.assertEqual(torn.exit_code, 3)
        self.assertIn("50 bytes", torn.messages)


class Cat(TapeCase):
    def test_a_tape_is_printed_as_ndjson_bit_for_bit(self):
        finished = autotape("tape", "cat", COMMUTE)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertEqual(finished.output, COMMUTE.read_text())

    def test_readings_are_rows_for_a_spreadsheet(self):
        finished = autotape("tape", "cat", "--readings", "--format", "csv", COMMUTE)
        rows = list(csv.DictReader(io.StringIO(finished.output)))
        self.assertEqual(len(rows), 1450)
        self.assertEqual(rows[0]["value"], "0.0")
        self.assertEqual(rows[0]["unit"], "kilometers_per_hour")

    def test_readings_are_rows_for_machines(self):
        finished = autotape("tape", "cat", "--readings", COMMUTE)
        rows = [json.loads(line) for line in finished.lines]
        self.assertEqual(len(rows), 1450)
        self.assertEqual(rows[0]["value"], 0.0)

    def test_what_has_no_reading_is_counted(self):
        path = self.tape(LINES[1], '{"received":"2026-03-02T06:45:00Z","topic":"a","payload":"{"}\n')
        finished = autotape("tape", "cat", "--readings", path)
        self.assertEqual(finished.exit_code, 3)
        self.assertIn("1 messages have no readings", finished.messages)

    def test_messages_are_no_table(self):
        self.assertEqual(autotape("tape", "cat", "--format", "csv", COMMUTE).exit_code, 2)


if __name__ == "__main__":
    unittest.main()
