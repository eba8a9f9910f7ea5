#!/usr/bin/python3
"""A replay whose connection is cut, or that is killed: nothing is missing, and nothing is doubled that the ledger
does not own up to."""
import collections
import json
import random
import unittest

from folder_case import FolderCase
from mock_broker import MockBroker
from places import COMMUTE
from running_program import RunningAutotape
from subscriber import Subscriber
from waiting import TIMEOUT


class Arrivals(Subscriber):
    """How often each payload came to a subscriber."""

    def __init__(self, broker):
        self.times = collections.Counter()
        super().__init__(broker, broker.bundle(), broker.topic_filter)

    def keep(self, topic, payload):
        self.times[payload.decode()] += 1

    def seen(self):
        """A copy: more may arrive meanwhile."""
        with self._changed:
            return self.times.copy()

    def wait_for_times(self, reached):
        self.wait_until(lambda: reached(self.times))


def tape_payloads():
    records = map(json.loads, COMMUTE.read_text().splitlines())
    return [record["payload"] for record in records if "payload" in record]


class FaultyReplay(FolderCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = MockBroker("--events", "clients", "--client-id", "any")  # faults may then name our player
        cls.addClassCleanup(cls.broker.end)
        cls.broker.up()

    def setUp(self):
        super().setUp()
        self.ledger = self.folder / "ledger"
        self.arrivals = Arrivals(self.broker)
        self.addCleanup(self.arrivals.close)

    def player(self, *options):
        return RunningAutotape("replay", COMMUTE, "--dir", self.broker.directory, "-i", "player",
                               "--ledger", self.ledger, "--force", *options)

    def ledger_lines(self):
        """Each line must be whole JSON, whatever happened."""
        return [json.loads(line) for line in self.ledger.read_text().splitlines() if line.strip()][1:]

    def test_a_connection_that_is_cut_again_and_again_loses_nothing_and_doubles_nothing_silently(self):
        cuts, luck = 0, random.Random(5)
        payloads, before = tape_payloads(), len(self.broker.events())
        with self.player("--rate", "150/s", "--json") as player:
            while cuts < 5 and len(self.arrivals.seen()) < 700:  # a slow machine has time for fewer
                cuts += 1
                self.arrivals.wait_for_times(lambda times: len(times) >= cuts * 150)
                self.broker.wait("connected", count=cuts, after=before, client="player")
                self.broker.fault("cut", "--after-bytes", luck.randrange(1, 2000), "player")
                player.wait_for("connection lost", times=cuts)
            self.assertEqual(player.wait(TIMEOUT), 0, player.messages())
            summary = json.loads(player.output())
        self.arrivals.wait_for_times(lambda times: len(times) == len(payloads))
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
                self.arrivals.wait_for_times(lambda times, count=count: len(arrived(times)) >= count)
                player.kill()
            lines = self.ledger_lines()
            acknowledged = {ids[line["message"] - 1] for line in lines if line["acknowledged"] is not None}
            self.arrivals.wait_for_times(lambda times: acknowledged <= arrived(times))
            self.assertLessEqual(arrived(self.arrivals.seen()), {ids[line["message"] - 1] for line in lines})
            self.assertEqual([line["delivery"] for line in lines], list(range(1, len(lines) + 1)))


if __name__ == "__main__":
    unittest.main()
