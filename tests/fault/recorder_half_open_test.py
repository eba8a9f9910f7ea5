#!/usr/bin/python3
"""A connection whose other end is dead without saying so is noticed within two keep-alive periods."""
import pathlib
import os
import signal
import tempfile
import time
import unittest

from recorded import FILTER, TOPIC, ids_on, payload
from running_program import start_autotape
from stock_broker import StockBroker

KEEP_ALIVE = 5  # seconds; the least that libmosquitto takes


class HalfOpen(unittest.TestCase):
    def test_a_broker_that_is_frozen_is_noticed_and_found_again(self):
        with tempfile.TemporaryDirectory() as folder, StockBroker() as broker:
            os.environ["XDG_STATE_HOME"] = folder
            tape = pathlib.Path(folder) / "tape.ndjson"
            with start_autotape("record", "-o", tape, *broker.connection("half-open"), "-t", FILTER,
                                "-k", KEEP_ALIVE, "--count", 10) as recorder:
                recorder.wait_for("recording sandbox")
                broker.process.send_signal(signal.SIGSTOP)
                frozen = time.monotonic()
                recorder.wait_for("connection lost")
                noticed_after = time.monotonic() - frozen
                broker.process.send_signal(signal.SIGCONT)
                recorder.wait_for("recording sandbox", times=2)
                broker.publish(TOPIC, [payload(number) for number in range(10)])
                self.assertEqual(recorder.wait(), 0, recorder.messages())
            self.assertLess(noticed_after, 2 * KEEP_ALIVE + 5)
            self.assertEqual(len(ids_on(tape)), 10)


unittest.main()
