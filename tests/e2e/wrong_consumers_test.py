#!/usr/bin/python3
"""Verdicts about real consumers are right: wrong ones are found out, and the correct one passes."""
import subprocess
import sys
import unittest

from places import ROOT
from program import AUTOTAPE


def script(name, *arguments):
    return subprocess.run([sys.executable, ROOT / "scripts" / name, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


class Verdicts(unittest.TestCase):
    def test_each_is_found_out_by_the_scenario_that_names_it_and_the_correct_one_passes_them_all(self):
        table = script("consumer-table", "--rate", "300", AUTOTAPE)
        self.assertEqual(table.returncode, 0, table.stdout)
        wrong = {path.stem for path in (ROOT / "fixtures/consumers/wrong").glob("[!_]*.py")}
        self.assertEqual({line.split("`")[1] for line in table.stdout.splitlines() if line.startswith("| `")}, wrong)

    def test_the_correct_one_passes_random_scenarios(self):
        runs = script("false-alarms", "--model", "0", "--real", "10", "--wrong", "0", "--autotape", AUTOTAPE)
        self.assertEqual(runs.returncode, 0, runs.stdout)
        self.assertIn("10 runs of the correct consumer with a broker: 0 false alarms", runs.stdout)


if __name__ == "__main__":
    unittest.main()
