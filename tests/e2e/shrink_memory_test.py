#!/usr/bin/python3
"""autotape shrink of a consumer with a bounded memory: it takes a number of deliveries, whichever they are."""
import unittest

from consumers import remembers
from places import COMMUTE
from search_case import SearchCase


class BoundedMemory(SearchCase):
    def test_a_memory_of_100_ids_takes_102_deliveries(self):
        small = self.shrink(
            self.failed_run(COMMUTE, "--rate", "max", "--playback-duration", "3m", "--duplicate", "20%", "--duplicate-delay", "90s",
                            "--observations", "stdout", consumer=remembers(100)),
            "--runs", "45", consumer=remembers(100), exit_code=3)
        self.assertLessEqual(small["deliveries"], 102)
        self.hold_regression(small, "--observations", "stdout", consumer=remembers(100), passes=remembers(1000))


if __name__ == "__main__":
    unittest.main()
