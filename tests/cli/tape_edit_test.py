#!/usr/bin/python3
"""autotape tape convert, filter, merge, sort, recover, compare, import: files, statements and exit codes."""
import array
import datetime
import fcntl
import json
import os
import pathlib
import signal
import stat
import subprocess
import termios
import unittest

from folder_case import FolderCase
from places import COMMUTE
from program import autotape
from running_program import RunningAutotape
from waiting import wait_until

LINES = COMMUTE.read_text().splitlines(keepends=True)


def received(line: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(json.loads(line)["received"].replace("Z", "+00:00"))


def wait_until_read(pipe: int):
    """Until nothing is left in the pipe: whoever reads it waits for more."""
    left = array.array("i", [1])

    def is_empty():
        fcntl.ioctl(pipe, termios.FIONREAD, left)
        return left[0] == 0
    wait_until(is_empty, "the pipe is read")


class EditCase(FolderCase):
    def path(self, name: str) -> pathlib.Path:
        return self.folder / name

    def tape(self, *lines: str, name: str = "tape.ndjson") -> pathlib.Path:
        self.path(name).write_text("".join(lines))
        return self.path(name)

    def run_to(self, exit_code: int, *arguments):
        finished = autotape("tape", *arguments)
        self.assertEqual(finished.exit_code, exit_code, finished.messages)
        return finished

    def made(self, *arguments, exit_code: int = 0) -> dict:
        return json.loads(self.run_to(exit_code, *arguments, "--json").output)

    def messages_of(self, path) -> list[str]:
        return [line for line in self.run_to(0, "cat", path).lines if '"received"' in line]

    def commute_as_mcap(self) -> pathlib.Path:
        self.run_to(0, "convert", COMMUTE, "-o", self.path("commute.mcap"))
        return self.path("commute.mcap")


class Convert(EditCase):
    def test_every_format_gives_the_tape_back_bit_for_bit(self):
        self.run_to(0, "convert", COMMUTE, "-o", self.path("a.mcap"))
        self.run_to(0, "convert", self.path("a.mcap"), "-o", self.path("b.ndjson.zst"))
        self.run_to(0, "convert", self.path("b.ndjson.zst"), "-o", self.path("c.ndjson"))
        self.assertEqual(self.path("c.ndjson").read_bytes(), COMMUTE.read_bytes())
        unpacked = subprocess.run(["zstd", "-dc", self.path("b.ndjson.zst")], capture_output=True, check=True)
        self.assertEqual(unpacked.stdout, COMMUTE.read_bytes())

    def test_the_counts_are_said(self):
        finished = self.run_to(0, "convert", COMMUTE, "-o", self.path("a.mcap"))
        self.assertIn("1,330 messages read, 1,330 written to", finished.messages)
        self.assertIn("0 dropped", finished.messages)

    def test_nothing_is_overwritten_and_nothing_half_made_is_left(self):
        target = self.commute_as_mcap()
        before = target.read_bytes()
        self.assertIn("--force", self.run_to(5, "convert", COMMUTE, "-o", target).messages)
        broken = self.tape(LINES[0], LINES[1], "nonsense\n", LINES[2])
        self.run_to(5, "convert", broken, "-o", self.path("new.mcap"))
        self.run_to(5, "convert", broken, "-o", target, "--force")
        self.assertEqual(target.read_bytes(), before)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["commute.mcap", "tape.ndjson"])

    def test_an_unknown_ending_names_those_that_exist(self):
        self.assertIn(".mcap, .ndjson or .ndjson.zst",
                      self.run_to(2, "convert", COMMUTE, "-o", self.path("a.csv")).messages)

    def test_what_is_made_of_a_raw_recording_is_for_its_owner_alone(self):
        raw = self.tape('{"tape":1,"privacy":"raw"}\n', LINES[1])
        self.run_to(0, "convert", raw, "-o", self.path("a.mcap"))
        self.assertEqual(stat.S_IMODE(self.path("a.mcap").stat().st_mode), 0o600)

    def test_a_tape_from_standard_input(self):
        finished = autotape("tape", "cat", "-", stdin=self.commute_as_mcap().read_bytes())
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertEqual(finished.output, COMMUTE.read_text())

    def test_ctrl_c_ends_a_command_that_waits_for_standard_input(self):
        output = self.path("out.mcap")
        for command in [["tape", "cat", "-"], ["tape", "info", "-"], ["tape", "convert", "-", "-o", output],
                        ["anonymize", "-", "--key-file", self.path("key"), "-o", output]]:
            with self.subTest(command=command):
                reading, writing = os.pipe()
                with RunningAutotape(*command, stdin=reading) as running:
                    os.close(reading)
                    os.write(writing, "".join(LINES[:2]).encode())  # and no end
                    wait_until_read(writing)
                    running.send_signal(signal.SIGINT)
                    self.assertEqual(running.wait(), 3, running.messages())
                    self.assertIn("interrupted", running.messages())
                os.close(writing)
                self.assertFalse(output.exists())


class Info(EditCase):
    def test_a_closed_tape_says_the_same_as_its_ndjson(self):
        def told(path) -> dict:
            info = json.loads(self.run_to(0, "info", "--json", path).output)
            return {key: value for key, value in info.items() if key not in ("tape", "format", "bytes")}
        self.assertEqual(told(self.commute_as_mcap()), told(COMMUTE))


class Filter(EditCase):
    def test_by_time_car_and_property(self):
        counts = self.made("filter", self.commute_as_mcap(), "--from", "2m", "--until", "5m", "--car",
                           "WATDEMPT0TRA1N001", "--property", "speed", "-o", self.path("part.ndjson"))
        start = received(LINES[1])
        expected = [line for line in LINES[1:]
                    if datetime.timedelta(minutes=2) <= received(line) - start < datetime.timedelta(minutes=5)
                    and "/WATDEMPT0TRA1N001/diagnostics/get/speed" in line]
        self.assertEqual(self.path("part.ndjson").read_text(), LINES[0] + "".join(expected))
        self.assertEqual(counts["messages_dropped"], 1330 - len(expected))

    def test_nothing_that_fits_is_no_success(self):
        self.made("filter", COMMUTE, "--car", "NOBODY", "-o", self.path("part.ndjson"), exit_code=3)

    def test_a_wrong_time_or_filter_is_a_usage_error(self):
        self.run_to(2, "filter", COMMUTE, "--from", "noon", "-o", self.path("a.mcap"))
        self.run_to(2, "filter", COMMUTE, "--include", "a/#/b", "-o", self.path("a.mcap"))
        self.run_to(2, "filter", COMMUTE, "--from", "5m", "--until", "2m", "-o", self.path("a.mcap"))


class MergeAndSort(EditCase):
    def test_what_was_split_by_car_is_merged_again(self):
        for car in ("WATDEMPT0TRA1N001", "WATDEMEV7TRA1N002"):
            self.run_to(0, "filter", COMMUTE, "--car", car, "-o", self.path(car + ".mcap"))
        self.run_to(0, "merge", *sorted(self.folder.iterdir()), "-o", self.path("both.ndjson"))
        self.run_to(0, "sort", self.path("both.ndjson"), "-o", self.path("sorted.ndjson"))
        self.run_to(0, "sort", COMMUTE, "-o", self.path("expected.ndjson"))
        self.run_to(0, "compare", self.path("sorted.ndjson"), self.path("expected.ndjson"))

    def test_sorting_undoes_a_shuffle(self):
        shuffled = self.tape(LINES[0], *LINES[:0:-1])
        self.run_to(4, "compare", shuffled, COMMUTE)
        self.run_to(0, "sort", shuffled, "-o", self.path("sorted.mcap"))
        messages = self.messages_of(self.path("sorted.mcap"))
        self.assertEqual(sorted(messages), sorted(line.rstrip("\n") for line in LINES[1:]))
        self.assertEqual(messages, sorted(messages, key=received))


class Compare(EditCase):
    def test_the_first_differences_are_shown(self):
        other = self.tape(*LINES[:5], *LINES[6:9], LINES[9].replace('"qos":1', '"qos":0'), *LINES[10:])
        finished = self.run_to(4, "compare", COMMUTE, other)
        self.assertIn("5 / 5: only on the first tape", finished.output)
        self.assertIn("9 / 8: qos: 1 / 0", finished.output)
        self.assertIn("1,328 messages the same, 1 changed, 1 only on the first tape", finished.output)

    def test_another_order_is_said(self):
        other = self.tape(LINES[0], LINES[2], LINES[1], *LINES[3:])
        self.assertIn("in another order", self.run_to(4, "compare", COMMUTE, other).output)


class Recover(EditCase):
    def test_a_damaged_chunk_is_listed_and_the_rest_is_a_whole_tape(self):
        tape = self.path("four.mcap")
        self.run_to(0, "merge", *[COMMUTE] * 4, "-o", tape)
        damaged = bytearray(tape.read_bytes())
        damaged[len(damaged) // 4] ^= 1
        tape.write_bytes(damaged)
        finished = self.run_to(3, "recover", tape, "-o", self.path("rest.mcap"))
        self.assertRegex(finished.messages, "chunk: the (compressed data is damaged|checksum is wrong)")
        self.assertRegex(finished.messages, "[0-9,]+ messages are lost")
        self.run_to(3, "cat", tape)
        self.run_to(0, "info", "--scan", self.path("rest.mcap"))

    def test_a_cut_in_the_summary_loses_nothing(self):
        tape = self.commute_as_mcap()
        tape.write_bytes(tape.read_bytes()[:-20])
        self.run_to(0, "recover", tape, "-o", self.path("whole.mcap"))
        self.run_to(0, "compare", self.path("whole.mcap"), COMMUTE)

    def test_a_cut_in_a_chunk_loses_what_follows(self):
        tape = self.tape(*LINES[:200], LINES[200][:40])
        finished = self.run_to(3, "recover", tape, "-o", self.path("rest.ndjson"))
        self.assertIn("how many messages are lost is not known", finished.messages)
        self.assertEqual(self.path("rest.ndjson").read_text(), "".join(LINES[:200]))

    def test_where_nothing_is_found_no_tape_is_left(self):
        noise = self.path("noise.mcap")
        noise.write_bytes(bytes(range(256)) * 10)
        self.run_to(5, "recover", noise, "-o", self.path("rest.mcap"))
        self.assertFalse(self.path("rest.mcap").exists())


class Import(EditCase):
    def test_a_log_of_mosquitto_sub(self):
        log = self.path("log.txt")
        with log.open("w") as file:
            for line in LINES[1:]:
                line = json.loads(line)
                file.write(f"{line['received'].replace('Z', '+0000')} {line['topic']} {line['payload']}\n")
        self.run_to(0, "import", log, "-o", self.path("log.mcap"))
        # The log does not say QoS.
        self.assertEqual([json.loads(line)["payload"] for line in self.messages_of(self.path("log.mcap"))],
                         [json.loads(line)["payload"] for line in LINES[1:]])

    def test_an_array_of_json_from_standard_input(self):
        payloads = [json.loads(line)["payload"] for line in LINES[1:]]
        finished = autotape("tape", "import", "-", "--app-id", "APP", "-o", self.path("array.ndjson"),
                            stdin=("[" + ",\n".join(payloads) + "]").encode())
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertEqual([json.loads(line)["payload"] for line in self.messages_of(self.path("array.ndjson"))],
                         payloads)

    def test_what_is_no_message_is_listed(self):
        log = self.path("log.txt")
        log.write_text("a/b {}\nnonsense\n")
        finished = self.run_to(3, "import", log, "-o", self.path("log.mcap"))
        self.assertIn("log.txt:2: has no topic before a space", finished.messages)
        self.assertIn("1 lines or values are no message, and were skipped", finished.messages)

    def test_equal_reasons_are_one_line(self):
        log = self.path("log.txt")
        log.write_text("a/b {}\n" + "nonsense\n" * 30 + "# {}\n")
        finished = self.run_to(3, "import", log, "-o", self.path("log.mcap"))
        self.assertRegex(finished.messages, r"log.txt:2: has no topic before a space .*, and 29 more\n")
        self.assertIn("log.txt:32: does not begin with a topic", finished.messages)
        self.assertIn("31 lines or values are no message", finished.messages)

    def test_a_log_without_topics_is_told_what_it_needs_and_leaves_no_tape(self):
        log = self.path("log.txt")
        log.write_text("".join(json.loads(line)["payload"] + "\n" for line in LINES[1:]))
        finished = self.run_to(5, "import", log, "-o", self.path("log.mcap"))
        self.assertIn("--app-id", finished.messages)
        self.assertLessEqual(len(finished.messages.splitlines()), 4)
        self.assertFalse(self.path("log.mcap").exists())
        self.run_to(0, "import", log, "--app-id", "APP", "-o", self.path("log.mcap"))


if __name__ == "__main__":
    unittest.main()
