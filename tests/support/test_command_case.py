"""What the tests of autotape test share: runs of the commute, and their reports."""
import json
import os
import pathlib
import tempfile
import time
import unittest

from consumers import COMMUTE
from program import autotape

DUPLICATES = ("--rate", "max", "--duplicate", "10%", "--reorder", "5")


class TestCommandCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def judge(self, *options, command, exit_code):
        """Runs a test of the commute and gives its report."""
        finished = autotape("test", COMMUTE, "--json", *options, "--", *command)
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)

    def outcome(self, report, check):
        return {one["check"]: one["outcome"] for one in report["parties"][0]["checks"]}[check]

    def wait_until(self, holds):
        deadline = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), deadline, "it did not come to pass")
            os.sched_yield()
            time.sleep(0.02)

    def finding(self, report, check):
        return next(one["findings"][0] for one in report["parties"][0]["checks"] if one["check"] == check)
