#!/usr/bin/python3
"""MCAP both ways between autotape and the format's own JavaScript library, with its CRC checks on."""
import base64
import json
import os
import pathlib
import subprocess
import unittest

from folder_case import FolderCase
from places import COMMUTE
from program import autotape

OWN_TOPICS = ("autotape/tape", "autotape/marker", "autotape/publish")


def peer(command: str, path: pathlib.Path, lines: str = "") -> list[dict]:
    finished = subprocess.run(["node", os.environ["AUTOTAPE_MCAP_PEER"], command, path], input=lines,
                              capture_output=True, text=True, timeout=120)
    if finished.returncode != 0:
        raise AssertionError(f"the peer cannot {command} it: {finished.stderr}")
    return [json.loads(line) for line in finished.stdout.splitlines()]


def nanoseconds(received: str) -> int:
    """Of "2026-03-02T06:45:00.353Z", exactly."""
    import datetime
    whole, _, fraction = received.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0") or 0)


class Peer(FolderCase):
    def run_well(self, *arguments):
        finished = autotape(*arguments)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        return finished

    def test_the_peer_reads_our_tape_message_for_message(self):
        tape = self.folder / "commute.mcap"
        self.run_well("tape", "convert", COMMUTE, "-o", tape)
        read = peer("read", tape)
        payloads = [message for message in read if message["topic"] not in OWN_TOPICS]
        ours = [json.loads(line) for line in COMMUTE.read_text().splitlines()[1:]]
        self.assertEqual([base64.b64decode(message["data"]).decode() for message in payloads],
                         [line["payload"] for line in ours])
        self.assertEqual([int(message["logTime"]) for message in payloads],
                         [nanoseconds(line["received"]) for line in ours])
        self.assertEqual([message["sequence"] for message in payloads], list(range(1, len(ours) + 1)))

    def test_the_topic_and_qos_of_each_message_stand_beside_it(self):
        tape = self.folder / "commute.mcap"
        self.run_well("tape", "convert", COMMUTE, "-o", tape)
        headers = {}
        for message in peer("read", tape):
            if message["topic"] == "autotape/publish":
                table = json.loads(base64.b64decode(message["data"]))
                for place, header in enumerate(table["messages"]):
                    headers[table["first"] + place] = table["headers"][header]
        for number, line in enumerate(COMMUTE.read_text().splitlines()[1:], 1):
            line = json.loads(line)
            self.assertEqual(headers[number], {key: line[key] for key in ("topic", "qos", "retain", "dup")})

    def test_a_viewer_finds_readings_by_the_schema(self):
        tape = self.folder / "commute.mcap"
        self.run_well("tape", "convert", COMMUTE, "-o", tape)
        speed = next(message for message in peer("read", tape) if message["topic"] == "diagnostics/speed")
        self.assertEqual(speed["encoding"], "json")
        reading = speed["schema"]
        for member in ("data", "diagnostics", "speed", "data"):
            self.assertEqual(reading["type"], "object")
            reading = reading["properties"][member]
        self.assertEqual(reading["properties"], {"unit": {"type": "string"}, "value": {"type": "number"}})

    def test_data_time_is_the_publish_time(self):
        tape = self.folder / "commute.mcap"
        self.run_well("tape", "convert", COMMUTE, "-o", tape)
        for message in peer("read", tape):
            if message["topic"] == "diagnostics/speed":
                payload = json.loads(base64.b64decode(message["data"]))
                made = payload["data"]["diagnostics"]["speed"]["timestamp"]
                self.assertEqual(int(message["publishTime"]), nanoseconds(made))

    def test_we_read_the_peers_tape_message_for_message(self):
        tape = self.folder / "peer.mcap"
        messages = [{"topic": f"a/{number % 7}", "sequence": number, "logTime": str(1772434800000000000 + number),
                     "publishTime": str(1772434800000000000),
                     "data": base64.b64encode(b'{"n":%d}' % number).decode()} for number in range(1000)]
        peer("write", tape, "".join(json.dumps(message) + "\n" for message in messages))
        lines = [json.loads(line) for line in self.run_well("tape", "cat", tape).lines][1:]
        self.assertEqual([(line["topic"], line["payload"], nanoseconds(line["received"])) for line in lines],
                         [(message["topic"], base64.b64decode(message["data"]).decode(), int(message["logTime"]))
                          for message in messages])


if __name__ == "__main__":
    unittest.main()
