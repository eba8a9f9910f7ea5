#!/usr/bin/python3
"""A recorder that is killed at any moment, and started again, has every message that was sent.

AUTOTAPE_KILLS says how often to kill it (20; scripts/kill-recorder asks for more).
"""
import os
import random
import subprocess
import threading
import time
import unittest

from recorded import FILTER, FORMATS, TOPIC, drain, leave_session, message_id, payload
from running_program import RunningAutotape
from stock_broker_case import StockBrokerCase

KILLS = int(os.environ.get("AUTOTAPE_KILLS", "20"))


class Publisher(threading.Thread):
    """Publishes numbered messages until it is told to stop; `sent` have been acknowledged by the broker."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self.broker = broker
        self.sent = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.is_set():
            batch = range(self.sent, self.sent + 400)
            self.broker.publish(TOPIC, [payload(number) for number in batch])
            self.sent = batch.stop
            self.done.wait(0.05)


class KillCase(StockBrokerCase):
    def connection(self, client_id):
        return [*self.broker.connection(client_id), "-t", FILTER]

    def lost_of(self, sent: range, tape, client_id) -> set[str]:
        """What neither is on the tape nor waits at the broker."""
        on_tape = drain(self.broker, tape, self.connection(client_id))
        return {message_id(number) for number in sent} - on_tape


class RandomKills(KillCase):
    def test_nothing_that_was_sent_is_lost(self):
        for form in FORMATS:
            with self.subTest(form):
                self.kill_at_random(f"killed-{form}", self.folder / f"tape.{form}")

    def kill_at_random(self, client_id, tape):
        luck = random.Random(1)
        leave_session(tape, *self.connection(client_id))
        publisher = Publisher(self.broker)
        publisher.start()
        for _ in range(KILLS):
            with RunningAutotape("record", "-o", tape, *self.connection(client_id)) as recorder:
                recorder.wait_for("recording sandbox")
                time.sleep(luck.uniform(0, 0.15))  # the moment of the kill is what is tried
                recorder.kill()
        publisher.done.set()
        publisher.join()
        self.assertEqual(self.lost_of(range(publisher.sent), tape, client_id), set())
        print(f"{tape.name}: {KILLS} kills, {publisher.sent} messages sent, none lost")


class KillsAtTheSync(KillCase):
    """Killed when all of a batch was received, and none of it is on disk yet."""

    def lost_by(self, kind: str, form: str, fatal_syncs) -> int:
        tape = self.folder / f"{kind}.{form}"
        client_id = f"{kind}-{form}"
        leave_session(tape, *self.connection(client_id))
        sent = range(6000)
        self.broker.publish(TOPIC, [payload(number) for number in sent])
        broker = self.broker
        for fatal_sync in fatal_syncs:
            killed = subprocess.run([os.environ["KILLED_RECORDER"], kind, str(fatal_sync), "localhost",
                                     str(broker.port), client_id, broker.authority.certificate,
                                     *broker.client, FILTER, tape], timeout=60, check=False,
                                    stderr=subprocess.PIPE)
            self.assertEqual(killed.returncode, -9, killed.stderr)
        return len(self.lost_of(sent, tape, client_id))

    def test_no_message_is_lost(self):
        for form in FORMATS:
            with self.subTest(form):
                self.assertEqual(self.lost_by("durable", form, (1, 2)), 0)

    def test_a_recorder_that_acknowledges_before_it_syncs_is_found_out(self):
        for form in FORMATS:
            with self.subTest(form):
                self.assertGreater(self.lost_by("early", form, (1,)), 0)


if __name__ == "__main__":
    unittest.main()
