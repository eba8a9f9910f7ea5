#!/usr/bin/python3
"""Each scenario of the library is played, shortened, to the consumer that does everything right, which passes."""
import concurrent.futures
import json
import sys
import unittest

import yaml

from places import ROOT
from program import autotape

SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
PYTHON = ROOT / "fixtures/consumers/python"

# Stories that every consumer of this stream meets.
NAMED = """clean-commute duplicate-now duplicate-hours-later duplicate-after-reconnect tunnel-flush late-odometer
    equal-timestamps same-id-new-content same-reading-new-id broker-restart-mid-trip consumer-restart
    rolling-deploy-takeover certificate-rotation flood malformed-among-good future-clock list-property-interleaved
    ten-thousand-cars v2-batch""".split()

LONGEST = 30  # seconds, as shipped
AT_A_TIME = 4  # brokers and consumers wait more than they work


def shortened(scenario):
    """The same story, faster and with fewer cars."""
    rate = scenario["replay"]["rate"]
    settings = [] if rate == "max" else [f"replay.rate={10 * rate if rate > 60 else 5 * rate}"]
    if isinstance(scenario["tape"], dict):
        settings.append(f"tape.generate.cars={max(3, scenario['tape']['generate']['cars'] // 20)}")
    return [word for setting in settings for word in ("--set", setting)]


def play(path):
    scenario = yaml.safe_load(path.read_text())
    consumer = PYTHON / ("consumer.py" if scenario.get("consumers", 1) == 1 else "replica.py")
    return autotape("test", path, *shortened(scenario), "--json", "--", sys.executable, consumer)


class Library(unittest.TestCase):
    def test_the_stories_that_were_promised_are_there(self):
        self.assertEqual(set(NAMED) - {path.stem for path in SCENARIOS}, set())

    def test_each_lasts_half_a_minute_at_most(self):
        def seconds(path):
            rate = yaml.safe_load(path.read_text())["replay"]["rate"]
            last = autotape("plan", path).lines[-1]
            return 0 if rate == "max" else json.loads(last)["due"] / 1e9 / rate

        for path in SCENARIOS:
            with self.subTest(path.stem):
                self.assertLessEqual(seconds(path), LONGEST - 3)  # to start, and to settle

    def test_the_correct_consumer_passes_each(self):
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            played = dict(zip(SCENARIOS, pool.map(play, SCENARIOS)))
        for path, finished in played.items():
            with self.subTest(path.stem):
                self.assertEqual(finished.exit_code, 0, finished.messages + finished.output[-3000:])
                parties = json.loads(finished.output)["parties"]
                self.assertGreater(parties[0]["facts"]["messages"], 100)


if __name__ == "__main__":
    unittest.main()
