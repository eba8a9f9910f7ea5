#!/usr/bin/python3
"""A replay whose connection is cut, or that is killed: nothing is missing, and nothing is doubled that the ledger
does not own up to."""
import collections
import json
import pathlib
import random
import ssl
import tempfile
import threading
import unittest

import paho.mqtt.client as mqtt

from mock_broker import MockBroker
from running_program import start_autotape

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMUTE = ROOT / "fixtures" / "tapes" / "commute.ndjson"
TIMEOUT = 60


class Arrivals:
    """How often each payload came to a subscriber."""

    def __init__(self, broker):
        identity = broker.bundle()
        self.times = collections.Counter()
        self._changed = threading.Condition()
        subscribed = threading.Event()
        self._client = mqtt.Client(identity.client_id)
        self._client.tls_set(str(identity.ca_file), str(identity.cert_file), str(identity.key_file),
                             cert_reqs=ssl.CERT_REQUIRED)
        self._client.on_connect = lambda client, *_: client.subscribe(broker.topic_filter, 1)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = self._count
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        if not subscribed.wait(TIMEOUT):
            raise AssertionError("never subscribed")

    def _count(self, _client, _data, message):
        with self._changed:
            self.times[message.payload.decode()] += 1
            self._changed.notify_all()

    def seen(self):
        """A copy: more may arrive meanwhile."""
        with self._changed:
            return self.times.copy()

    def wait_until(self, reached):
        with self._changed:
            if not self._changed.wait_for(lambda: reached(self.times), TIMEOUT):
                raise AssertionError(f"only {self.times.total()} messages arrived")

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


def tape_payloads():
    records = map(json.loads, COMMUTE.read_text().splitlines())
    return [record["payload"] for record in records if "payload" in record]


class FaultyReplay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = MockBroker("--events", "clients", "--client-id", "any")  # faults may then name our player
        cls.broker.up()
        cls.addClassCleanup(cls.broker.end)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.ledger = pathlib.Path(folder.name) / "ledger"
        self.arrivals = Arrivals(self.broker)
        self.addCleanup(self.arrivals.close)

    def player(self, *options):
        return start_autotape("replay", COMMUTE, "--dir", self.broker.directory, "-i", "player",
                              "--ledger", self.ledger, "--force", *options)

    def ledger_lines(self):
        """Each line must be whole JSON, whatever happened."""
        return [json.loads(line) for line in self.ledger.read_text().splitlines() if line.strip()][1:]

    def test_a_connection_that_is_cut_again_and_again_loses_nothing_and_doubles_nothing_silently(self):
        cuts, luck = 0, random.Random(5)
        payloads, before = tape_payloads(), len(self.broker.events())
        with self.player("--rate", "150/s", "--json") as player:
            while cuts < 5 and len(self.arrivals.seen()) < 900:  # a slow machine has time for fewer
                cuts += 1
                self.arrivals.wait_until(lambda times: len(times) >= cuts * 150)
                self.broker.wait("connected", count=cuts, after=before, client="player")
                self.broker.fault("cut", "--after-bytes", luck.randrange(1, 2000), "player")
                player.wait_for("connection lost", times=cuts)
            self.assertEqual(player.wait(TIMEOUT), 0, player.messages())
            summary = json.loads(player.output())
        self.arrivals.wait_until(lambda times: len(times) == len(payloads))
        self.assertEqual(summary["connections_lost"], cuts)
        self.assertGreater(summary["sent_again"], 0)
        sends = {payloads[line["message"] - 1]: line["sends"] for line in self.ledger_lines()}
        self.assertEqual(sum(sends.values()) - len(sends), summary["sent_again"])
        for payload, times in self.arrivals.seen().items():
            self.assertLessEqual(times, sends[payload])

    def test_a_killed_player_leaves_a_whole_ledger_of_all_that_arrived(self):
        ids, luck = [json.loads(payload)["message_id"] for payload in tape_payloads()], random.Random(7)
        for year in range(2031, 2037):  # tells one player's messages from those of the one before it
            def arrived(times, day=f"{year}-01-01T"):
                return {json.loads(payload)["message_id"] for payload in times if day in payload}
            with self.player("--rate", "max", "--restamp-at", f"{year}-01-01T12:00:00Z") as player:
                count = luck.randrange(1, 900)
                self.arrivals.wait_until(lambda times, count=count: len(arrived(times)) >= count)
                player.kill()
            lines = self.ledger_lines()
            acknowledged = {ids[line["message"] - 1] for line in lines if line["acknowledged"] is not None}
            self.arrivals.wait_until(lambda times: acknowledged <= arrived(times))
            self.assertLessEqual(arrived(self.arrivals.seen()), {ids[line["message"] - 1] for line in lines})
            self.assertEqual([line["delivery"] for line in lines], list(range(1, len(lines) + 1)))


if __name__ == "__main__":
    unittest.main()
