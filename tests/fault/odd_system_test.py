#!/usr/bin/python3
"""The recorder on a disk that is slow, and under a wall clock that is set."""
import datetime
import os
import unittest

from program import autotape
from recorded import FILTER, FORMATS, TOPIC, drain, ids_on, leave_session, markers, message_id, messages, payload
from running_program import RunningAutotape
from stock_broker_case import StockBrokerCase


class OddSystem(StockBrokerCase):
    def connection(self, form):
        return [*self.broker.connection(f"{self.client_id}-{form}"), "-t", FILTER]

    def start(self, tape, *options, **odd):
        environment = {**os.environ, "LD_PRELOAD": os.environ["ODD_SYSTEM"],
                       "ASAN_OPTIONS": "verify_asan_link_order=0", **odd}
        return RunningAutotape("record", "-o", tape, *options, env=environment)

    def test_a_slow_disk_is_said_and_what_it_has_not_is_not_acknowledged(self):
        for form in FORMATS:
            with self.subTest(form):
                tape = self.folder / f"slow.{form}"
                connection = self.connection(form)
                leave_session(tape, *connection)
                self.broker.publish(TOPIC, [payload(number) for number in range(3000)])
                with self.start(tape, *connection, ODD_SYNC_MS="1100") as recorder:
                    recorder.wait_for("the disk is slow: a sync took")
                    recorder.kill()
                on_tape = ids_on(tape)
                self.assertLess(len(on_tape), 3000, "it read on without the disk")
                sent = {message_id(number) for number in range(3000)}
                self.assertEqual(sent - drain(self.broker, tape, connection), set(), "lost")

    def test_a_wall_clock_that_is_set_is_marked_and_times_go_on(self):
        for form in FORMATS:
            with self.subTest(form):
                tape, clock = self.folder / f"clock.{form}", self.folder / f"clock-{form}"
                with self.start(tape, *self.connection(form), "--count", "2",
                                ODD_CLOCK_FILE=str(clock)) as recorder:
                    recorder.wait_for("recording sandbox")
                    self.broker.publish(TOPIC, [payload(1)])
                    clock.touch()
                    recorder.wait_for("the wall clock was set by 1 h 00 min")
                    self.broker.publish(TOPIC, [payload(2)])
                    self.assertEqual(recorder.wait(), 0, recorder.messages())
                self.assertIn("1 jumps of the wall clock", recorder.messages())
                self.assertEqual(markers(tape).count("clock_jumped"), 1)
                first, second = [datetime.datetime.fromisoformat(message["received"].replace("Z", "+00:00"))
                                 for message in messages(tape)]
                self.assertLess(second - first, datetime.timedelta(minutes=30))
                self.assertIn("clock_jumped", autotape("tape", "info", tape).output)


if __name__ == "__main__":
    unittest.main()
