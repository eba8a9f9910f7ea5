#!/usr/bin/python3
"""A connection whose other end is dead without saying so is noticed by the keep-alive."""
import pathlib
import os
import signal
import tempfile
import unittest

from recorded import FILTER, TOPIC, ids_on, payload
from running_program import RunningAutotape
from stock_broker import StockBroker

KEEP_ALIVE = 5  # seconds; the least that libmosquitto takes


class HalfOpen(unittest.TestCase):
    def test_a_broker_that_is_frozen_is_noticed_and_found_again(self):
        with tempfile.TemporaryDirectory() as folder, StockBroker() as broker:
            os.environ["XDG_STATE_HOME"] = folder
            tape = pathlib.Path(folder) / "tape.ndjson"
            with RunningAutotape("record", "-o", tape, *broker.connection("half-open"), "-t", FILTER,
                                 "-k", KEEP_ALIVE, "--count", 10) as recorder:
                recorder.wait_for("recording sandbox")
                broker.process.send_signal(signal.SIGSTOP)
                recorder.wait_for("connection lost")
                broker.process.send_signal(signal.SIGCONT)
                recorder.wait_for("recording sandbox", times=2)
                broker.publish(TOPIC, [payload(number) for number in range(10)])
                self.assertEqual(recorder.wait(), 0, recorder.messages())
            self.assertEqual(len(ids_on(tape)), 10)


if __name__ == "__main__":
    unittest.main()
