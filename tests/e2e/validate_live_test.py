#!/usr/bin/python3
"""autotape validate on a real Mosquitto: messages are judged as they come, in a session that nobody keeps."""
import json
import signal
import unittest

from program import autotape
from recorded import FILTER, TOPIC, leave_session, payload
from running_program import RunningAutotape
from stock_broker_case import StockBrokerCase


class ValidateLive(StockBrokerCase):
    def connection(self, *options):
        return [*self.broker.connection(self.client_id), "-t", FILTER, *options]

    def test_a_violation_is_reported_when_its_message_comes_and_not_at_the_end(self):
        with RunningAutotape("validate", *self.connection("--format", "ndjson")) as running:
            running.wait_for("validating what is published")
            self.broker.publish(TOPIC, [payload(1), payload(2, "leagues")])
            running.wait_for_output("leagues")
            self.broker.publish(TOPIC, [payload(3, "furlongs")])
            running.wait_for_output("furlongs")
            running.send_signal(signal.SIGINT)
            self.assertEqual(running.wait(), 4)
            rows = [json.loads(line) for line in running.output().splitlines()]
            self.assertEqual([(row["message"], row["instance"]) for row in rows],
                             [(2, "/data/diagnostics/odometer/data/unit"), (3, "/data/diagnostics/odometer/data/unit")])
            self.assertIn("3 messages checked, 2 invalid", running.messages())

    def test_it_stops_after_a_count(self):
        with RunningAutotape("validate", *self.connection("--count", "2", "--json")) as running:
            running.wait_for("validating what is published")
            self.broker.publish(TOPIC, [payload(1), payload(1)])
            self.assertEqual(running.wait(), 0, running.messages())
            summary = json.loads(running.output())
            self.assertEqual((summary["messages"], summary["errors"]), (2, 0))
            self.assertEqual(summary["stream"]["duplicates"]["same_bytes"], 1)

    def test_that_nothing_came_is_said(self):
        finished = autotape("validate", *self.connection("--duration", "50ms"))
        self.assertEqual(finished.exit_code, 3, finished.messages)
        self.assertIn("no message arrived", finished.messages)

    def test_it_leaves_no_session_behind(self):
        for _ in range(2):  # a session would be refused the second time
            self.assertEqual(autotape("validate", *self.connection("--duration", "50ms")).exit_code, 3)

    def test_a_session_that_a_consumer_left_is_not_thrown_away(self):
        tape = self.folder / "tape.ndjson"
        leave_session(tape, *self.connection())
        self.broker.publish(TOPIC, [payload(1)])
        refused = autotape("validate", *self.connection("--duration", "50ms"))
        self.assertEqual(refused.exit_code, 6, refused.messages)
        self.assertIn("--take-over", refused.messages)
        recorded = autotape("record", "-o", tape, *self.connection("--count", "1", "--json"))
        self.assertEqual(json.loads(recorded.output)["messages"], 1, recorded.messages)
        taken = autotape("validate", *self.connection("--duration", "50ms", "--take-over"))
        self.assertEqual(taken.exit_code, 3, taken.messages)

    def test_a_broker_that_is_not_there(self):
        finished = autotape("validate", "-h", "localhost", "-p", "1", "-i", "x", "-t", FILTER)
        self.assertEqual(finished.exit_code, 6, finished.messages)

    def test_a_tape_and_a_broker_do_not_go_together(self):
        self.assertEqual(autotape("validate", "tape.ndjson", *self.connection()).exit_code, 2)
        self.assertEqual(autotape("validate").exit_code, 2)
        self.assertEqual(autotape("validate", "tape.ndjson", "--count", "3").exit_code, 2)


if __name__ == "__main__":
    unittest.main()
