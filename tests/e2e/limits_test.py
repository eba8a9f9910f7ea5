#!/usr/bin/python3
"""autotape limits: consumers whose limits are known."""
import re
import unittest

from consumers import drops_later_than, keeps_up_with, remembers, remembers_for
from places import COMMUTE, SCENARIOS
from search_case import SearchCase


def amount(text):
    """Of "1m30s500ms" in seconds, of "300/s" in a second."""
    units = {"m": 60, "s": 1, "ms": 0.001, "/s": 1}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([0-9.]+)([a-z/]+)", text))


class Limits(SearchCase):
    def test_the_memory_of_a_consumer_in_messages(self):
        limit = self.search("limits", COMMUTE, "--vary", "dedup-messages=10..1000", "--precision", "0.1%",
                            "--observations", "stdout", consumer=remembers(100), exit_code=0)
        self.assertEqual((limit["passes_at"], limit["fails_at"]), ("99", "100"))

    def find(self, *options, consumer):
        """A limit that a clock has a hand in: the consumer was measured to pass below and to fail above. How near it is
        to the consumer's own depends on what else the machine does."""
        limit = self.search("limits", COMMUTE, "--observations", "stdout", *options, consumer=consumer, exit_code=0)
        failed = {probe["value"]: probe["failed"] for probe in limit["probes"]}
        self.assertEqual((failed[limit["passes_at"]], failed[limit["fails_at"]]), (False, True))
        self.assertLess(amount(limit["passes_at"]), amount(limit["fails_at"]))
        return limit

    def test_the_memory_of_a_consumer_in_time(self):
        self.find("--vary", "dedup-time=50ms..2s", "--precision", "20%", consumer=remembers_for(1))

    def test_how_late_a_message_may_be(self):
        limit = self.find("--vary", "lateness=5s..2m", "--playback-duration", "3m", "--precision", "5%",
                          consumer=drops_later_than(30))
        for end in ("passes_at", "fails_at"):  # of data time, which no load changes
            self.assertTrue(28 <= amount(limit[end]) <= 33, limit)

    def test_how_fast_the_stream_may_be(self):
        self.find("--vary", "rate=100/s..2000/s", "--playback-duration", "2m", "--precision", "30%",
                  consumer=keeps_up_with(200, room=150))

    def test_a_value_of_the_scenario(self):
        limit = self.search("limits", SCENARIOS / "duplicate-now.yaml", "--vary", "shape.0.probability=0%..50%",
                            "--rate", "max", "--precision", "50%", "--observations", "stdout", consumer=remembers(0),
                            exit_code=0)
        self.assertTrue(limit["found"])
        self.assertFalse(limit["probes"][0]["failed"])

    def test_no_limit_between_both_ends(self):
        limit = self.search("limits", COMMUTE, "--vary", "dedup-messages=10..50", "--observations", "stdout",
                            consumer=remembers(100), exit_code=7)
        self.assertFalse(limit["found"])


if __name__ == "__main__":
    unittest.main()
