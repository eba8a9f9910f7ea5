#!/usr/bin/python3
"""What a consumer does with a tape that was anonymised is judged as what it did with the raw one."""
import json
import sys
import unittest

from folder_case import FolderCase
from places import COMMUTE, ROOT
from program import autotape

CONSUMERS = {"correct": "python/consumer.py", "no dedup": "wrong/no_dedup.py",
             "last arrival wins": "wrong/last_arrival_wins.py"}


class SameVerdict(FolderCase):
    def verdict(self, tape, consumer) -> dict:
        finished = autotape("test", tape, "--rate", "max", "--duplicate", "10%", "--reorder", "40", "--seed", "7",
                            "--check", "order", "--json", "--", sys.executable, ROOT / "fixtures/consumers" / consumer)
        self.assertIn(finished.exit_code, (0, 4), finished.messages)
        report = json.loads(finished.output)
        (party,) = report["parties"]
        facts = party["facts"]
        del facts["duplicate_distance"]  # measured in seconds, too
        return {"exit code": finished.exit_code, "outcome": report["outcome"], "facts": facts,
                "checks": [(check["check"], check["outcome"], check["violations"]) for check in party["checks"]]}

    def test_of_a_right_consumer_and_of_wrong_ones(self):
        raw, clean = self.folder / "raw.ndjson", self.folder / "clean.mcap"
        lines = COMMUTE.read_text().splitlines(keepends=True)[:301]
        raw.write_text(lines[0].replace('"privacy":"synthetic"', '"privacy":"raw"') + "".join(lines[1:]))
        made = autotape("anonymize", raw, "-o", clean, "--key-file", self.folder / "fleet.key")
        self.assertEqual(made.exit_code, 0, made.messages)
        verdicts = {}
        for which, consumer in CONSUMERS.items():
            with self.subTest(which):
                verdicts[which] = self.verdict(raw, consumer)
                self.assertEqual(self.verdict(clean, consumer), verdicts[which])
                self.assertEqual(verdicts[which]["facts"]["messages"], 300)
        self.assertEqual({which: verdict["outcome"] for which, verdict in verdicts.items()},
                         {"correct": "passed", "no dedup": "failed", "last arrival wins": "failed"})


if __name__ == "__main__":
    unittest.main()
