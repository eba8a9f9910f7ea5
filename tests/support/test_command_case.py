"""What the tests of autotape test share: runs of the commute, and their reports."""
import json

from folder_case import FolderCase
from places import COMMUTE
from program import autotape

DUPLICATES = ("--rate", "max", "--duplicate", "10%", "--reorder", "5")


class TestCommandCase(FolderCase):
    def judge(self, *options, command, exit_code):
        """Runs a test of the commute and gives its report."""
        finished = autotape("test", COMMUTE, "--json", *options, "--", *command)
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)

    def outcome(self, report, check):
        return {one["check"]: one["outcome"] for one in report["parties"][0]["checks"]}[check]

    def finding(self, report, check):
        return next(one["findings"][0] for one in report["parties"][0]["checks"] if one["check"] == check)
