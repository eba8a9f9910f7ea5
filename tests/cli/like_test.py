#!/usr/bin/python3
"""A scenario that misbehaves like a recording: stage "like"."""
import collections
import datetime
import json
import unittest

from folder_case import FolderCase
from places import COMMUTE
from program import autotape


def later(line, seconds):
    """The same message, received later."""
    time = datetime.datetime.fromisoformat(line["received"]) + datetime.timedelta(seconds=seconds)
    return {**line, "received": time.isoformat().replace("+00:00", "Z")}


def recorded_badly(lines):
    """Each third speed comes again after half a minute, and each fourth odometer two minutes late."""
    numbers = collections.Counter()
    for line in lines:
        topic = line["topic"].rsplit("/", 1)[1]
        numbers[topic] += 1
        if topic == "odometer" and numbers[topic] % 4 == 0:
            yield later(line, 120)
        else:
            yield line
        if topic == "speed" and numbers[topic] % 3 == 0:
            yield later(line, 30)


class Like(FolderCase):
    def test_a_generated_fleet_misbehaves_like_a_recorded_one(self):
        header, *lines = map(json.loads, COMMUTE.read_text().splitlines())
        recorded = sorted(recorded_badly(lines), key=lambda line: line["received"])
        (self.folder / "recorded.ndjson").write_text("".join(json.dumps(line) + "\n" for line in [header, *recorded]))
        (self.folder / "like.yaml").write_text(
            "version: 1\nname: like\ntape: {generate: {cars: 20, duration: 10min}}\n"
            "shape: [{stage: like, name: as-recorded, tape: recorded.ndjson}]\n")
        planned = autotape("plan", self.folder / "like.yaml")
        fleet = autotape("generate", "--cars", 20, "--duration", "10min").lines[1:]
        self.assertEqual(planned.exit_code, 0, planned.messages)
        all_of, done_to = collections.Counter(), collections.defaultdict(collections.Counter)
        for delivery in map(json.loads, planned.lines[1:]):
            topic = json.loads(fleet[delivery["message"] - 1])["topic"].rsplit("/", 1)[1]
            actions = delivery.get("actions", [])
            all_of[topic] += "as-recorded/copied" not in actions
            for action in actions:
                done_to[topic][action] += 1
        share = lambda topic, action: done_to[topic][f"as-recorded/{action}"] / all_of[topic]
        self.assertAlmostEqual(share("speed", "copied"), 1 / 3, delta=0.04)
        self.assertAlmostEqual(share("odometer", "delayed"), 1 / 4, delta=0.06)
        self.assertEqual(share("speed", "delayed"), 0)
        self.assertEqual(share("odometer", "copied"), 0)


if __name__ == "__main__":
    unittest.main()
