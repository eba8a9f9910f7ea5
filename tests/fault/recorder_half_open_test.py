#!/usr/bin/python3
"""A connection whose other end is dead without saying so is noticed by the keep-alive."""
import signal
import unittest

from recorded import FILTER, TOPIC, ids_on, payload
from running_program import RunningAutotape
from stock_broker_case import StockBrokerCase

KEEP_ALIVE = 5  # seconds; the least that libmosquitto takes


class HalfOpen(StockBrokerCase):
    def test_a_broker_that_is_frozen_is_noticed_and_found_again(self):
        tape = self.folder / "tape.ndjson"
        with RunningAutotape("record", "-o", tape, *self.broker.connection(self.client_id), "-t", FILTER,
                             "-k", KEEP_ALIVE, "--count", 10) as recorder:
            recorder.wait_for("recording sandbox")
            self.broker.process.send_signal(signal.SIGSTOP)
            recorder.wait_for("connection lost")
            self.broker.process.send_signal(signal.SIGCONT)
            recorder.wait_for("recording sandbox", times=2)
            self.broker.publish(TOPIC, [payload(number) for number in range(10)])
            self.assertEqual(recorder.wait(), 0, recorder.messages())
        self.assertEqual(len(ids_on(tape)), 10)


if __name__ == "__main__":
    unittest.main()
