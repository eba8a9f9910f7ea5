#!/usr/bin/python3
"""autotape replay on a real Mosquitto over mutual TLS: what arrives, in which order, and what the ledger says."""
import collections
import json
import os
import pathlib
import re
import signal
import unittest

from places import COMMUTE, ROOT
from program import autotape
from running_program import RunningAutotape
from stock_broker import APP_ID, StockBroker
from stock_broker_case import StockBrokerCase
from subscriber import Subscriber
from waiting import wait_until

COMMUTE_MESSAGES = 1330


class AllOfTheStream(Subscriber):
    def wait_for(self, count):
        self.wait_until(lambda: len(self.received) >= count, 90)


def tape_messages(path):
    return [record for record in map(json.loads, path.read_text().splitlines()) if "topic" in record]


def ledger_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line][1:]


class ReplayCase(StockBrokerCase):
    def setUp(self):
        super().setUp()
        self.ledger = self.folder / "ledger.ndjson"

    def connection(self):
        return self.broker.connection("player")

    def subscriber(self):
        return self.watch(self.broker, self.client_id)

    def watch(self, broker, client_id):
        subscriber = AllOfTheStream(broker, broker.identity(client_id))
        self.addCleanup(subscriber.close)
        return subscriber

    def replay(self, *options, source=COMMUTE, **how):
        finished = autotape("replay", source, *self.connection(), "--json", *options, **how)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        return json.loads(finished.output)


class Replaying(ReplayCase):
    def test_a_tape_arrives_byte_for_byte_in_its_order(self):
        subscriber = self.subscriber()
        summary = self.replay("--rate", "max", "--in-flight", 1)
        subscriber.wait_for(COMMUTE_MESSAGES)
        self.assertEqual([(topic, payload.decode()) for topic, payload in subscriber.received],
                         [(m["topic"], m["payload"]) for m in tape_messages(COMMUTE)])
        self.assertEqual(summary["acknowledged"], COMMUTE_MESSAGES)

    def test_topics_carry_the_application_that_is_asked_for(self):
        subscriber = self.subscriber()
        self.replay("--rate", "max", "--remap", f"app_id={APP_ID}", "--remap", "environment=live")
        subscriber.wait_for(COMMUTE_MESSAGES)
        prefix = f"live/level13/{APP_ID}/WATDEM"
        self.assertTrue(all(topic.startswith(prefix) for topic, _ in subscriber.received))

    def test_duplicates_and_disorder_are_those_of_the_ledger(self):
        subscriber = self.subscriber()
        summary = self.replay("--rate", 600, "--duplicate", "20%", "--reorder", 6,
                              "--ledger", self.ledger, "--in-flight", 1)
        lines = ledger_lines(self.ledger)
        subscriber.wait_for(len(lines))
        copies = [line for line in lines if line.get("copy")]
        self.assertEqual(summary["sent"], len(lines))
        self.assertEqual(summary["by_action"]["copied"], len(copies))
        self.assertGreater(len(copies), COMMUTE_MESSAGES * 0.15)
        tape = tape_messages(COMMUTE)
        self.assertEqual([payload.decode() for _, payload in subscriber.received],
                         [tape[line["message"] - 1]["payload"] for line in lines])
        for line in lines:
            self.assertLessEqual(line["sent"], line["acknowledged"])
            self.assertEqual(line["sends"], 1)

    def test_same_seed_same_deliveries_other_seed_others(self):
        def deliveries(seed):
            ledger = self.folder / f"{seed}-{len(list(self.folder.iterdir()))}"
            self.replay("--rate", "max", "--duplicate", "10%", "--reorder", 5, "--seed", seed,
                        "--ledger", ledger)
            return [(line["message"], line.get("copy", 0)) for line in ledger_lines(ledger)]
        self.assertEqual(deliveries(1), deliveries(1))
        self.assertNotEqual(deliveries(1), deliveries(2))

    def test_a_saved_plan_is_played_as_it_was_planned(self):
        plan = self.folder / "flood.plan"
        planned = autotape("plan", COMMUTE, "--duplicate", "5%", "-o", plan)
        self.assertEqual(planned.exit_code, 0, planned.messages)
        self.replay("--rate", "max", "--ledger", self.ledger, source=plan)
        expected = [line for line in map(json.loads, plan.read_text().splitlines()) if "delivery" in line]
        self.assertEqual([line["message"] for line in ledger_lines(self.ledger)],
                         [line["message"] for line in expected])

    def test_a_saved_plan_is_played_as_fast_and_as_whose_cars_its_scenario_says(self):
        vin = tape_messages(COMMUTE)[0]["topic"].split("/")[3]
        story, plan = self.folder / "story.yaml", self.folder / "story.plan"
        story.write_text(f"version: 1\nname: story\ntape: {COMMUTE}\n"
                         f"replay: {{rate: max, remap: {{vins: {{{vin}: VRENAMED}}}}}}\n")
        self.assertEqual(autotape("plan", story, "-o", plan).exit_code, 0)
        subscriber = self.subscriber()
        self.replay(source=plan, timeout=60)  # at rate 1 it takes twenty minutes
        subscriber.wait_for(COMMUTE_MESSAGES)
        cars = {topic.split("/")[3] for topic, _ in subscriber.received}
        self.assertIn("VRENAMED", cars)
        self.assertNotIn(vin, cars)

    def test_with_mqtt_5_no_more_is_called_sent_than_the_broker_takes(self):
        with StockBroker("max_inflight_messages 5") as broker:
            finished = autotape("replay", COMMUTE, *broker.connection("player"), "-V", "5", "--rate", "max",
                                "--in-flight", 200, "--ledger", self.ledger)
            self.assertEqual(finished.exit_code, 0, finished.messages)
        moments = []
        for line in ledger_lines(self.ledger):
            moments += [(line["sent"], 1), (line["acknowledged"], -1)]
        outstanding = most = 0
        for _, change in sorted(moments):
            outstanding += change
            most = max(most, outstanding)
        self.assertLessEqual(most, 5)

    def test_several_publishers_keep_each_cars_order(self):
        subscriber = self.subscriber()
        self.replay("--rate", "max", "--publishers", 3)
        subscriber.wait_for(COMMUTE_MESSAGES)
        of_car = collections.defaultdict(list)
        for topic, payload in subscriber.received:
            of_car[topic.split("/")[3]].append(payload.decode())
        for car, payloads in of_car.items():
            self.assertEqual(payloads, [m["payload"] for m in tape_messages(COMMUTE) if car in m["topic"]])

    def test_shards_together_send_every_message_once(self):
        sent = []
        for number in (1, 2, 3):
            ledger = self.folder / str(number)
            self.replay("--rate", "max", "--shard", f"{number}/3", "--ledger", ledger)
            sent += [line["delivery"] for line in ledger_lines(ledger)]
        self.assertEqual(sorted(sent), list(range(1, COMMUTE_MESSAGES + 1)))

    def test_a_scenario_is_played_with_its_stages(self):
        subscriber = self.subscriber()
        summary = self.replay("--rate", "max", source=ROOT / "scenarios" / "malformed-among-good.yaml")
        subscriber.wait_for(COMMUTE_MESSAGES)
        self.assertGreater(len(summary["by_action"]), 6)
        self.assertTrue(any(payload == b"" for _, payload in subscriber.received))

    def test_what_is_not_played_of_a_scenario_is_said(self):
        finished = autotape("replay", ROOT / "scenarios" / "broker-restart-mid-trip.yaml", *self.connection(), "--rate", "max",
                            "--set", "shape=[{stage: duplicate, match: {car: NOSUCHCAR}}]")
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertIn("warning: 1 fault of the scenario is left out: 'autotape test' strikes it", finished.messages)
        self.assertIn("warning: stage 1 (duplicate) touched no message", finished.messages)


class Interrupted(ReplayCase):
    def test_an_interruption_ends_with_a_summary_and_a_whole_ledger(self):
        subscriber = self.subscriber()
        with RunningAutotape("replay", COMMUTE, *self.connection(), "--rate", 5, "--ledger", self.ledger) as player:
            subscriber.wait_for(5)
            player.send_signal(signal.SIGINT)
            self.assertEqual(player.wait(), 3)
            self.assertIn("ended before the end of the plan", player.messages())
        lines = ledger_lines(self.ledger)
        self.assertTrue(all(line["acknowledged"] is not None for line in lines))

    def test_while_the_last_acknowledgements_are_waited_for_it_sleeps(self):
        def processor_seconds():
            fields = pathlib.Path(f"/proc/{player.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        def times_asleep():
            status = pathlib.Path(f"/proc/{player.pid}/status").read_text()
            return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.MULTILINE)[1])
        with StockBroker() as broker, \
                RunningAutotape("replay", COMMUTE, *broker.connection("player"), "--rate", 500,
                               "--ledger", self.ledger) as player:
            def sent():  # not parsed: the last line may be half written
                lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
                return sum(line.startswith('{"delivery"') for line in lines)
            wait_until(lambda: sent() >= 10, "the first are sent")
            before = sent()
            broker.process.send_signal(signal.SIGSTOP)
            wait_until(lambda: sent() >= before + 10, "more are sent, of which none is acknowledged")
            player.send_signal(signal.SIGINT)
            used, slept = processor_seconds(), times_asleep()
            wait_until(lambda: times_asleep() >= slept + 6, "it sleeps between its looks at the clock")
            self.assertLess(processor_seconds() - used, 0.3)
            broker.process.send_signal(signal.SIGCONT)
            self.assertEqual(player.wait(), 3, player.messages())

    def test_a_killed_player_leaves_a_ledger_of_all_that_arrived(self):
        subscriber = self.subscriber()
        with RunningAutotape("replay", COMMUTE, *self.connection(), "--rate", 60, "--ledger", self.ledger) as player:
            subscriber.wait_for(100)
            player.kill()
        arrived = len(subscriber.received)
        self.assertGreaterEqual(len(ledger_lines(self.ledger)), arrived)

    def test_a_broker_that_restarts_gets_everything_and_doubles_are_owned_up_to(self):
        with StockBroker() as broker:
            subscriber = self.watch(broker, "watcher")
            with RunningAutotape("replay", COMMUTE, *broker.connection("player"), "--rate", 100,
                                 "--ledger", self.ledger, "--json") as player:
                subscriber.wait_for(200)
                broker.stop()
                broker.start()
                player.wait_for("connection lost")
                self.assertEqual(player.wait(90), 0, player.messages())
                summary = json.loads(player.output())
            lines = ledger_lines(self.ledger)
            self.assertEqual(sorted(line["message"] for line in lines), list(range(1, COMMUTE_MESSAGES + 1)))
            self.assertEqual(sum(line["sends"] - 1 for line in lines), summary["sent_again"])
            self.assertEqual(summary["connections_lost"], 1)


class Refused(ReplayCase):
    def refused(self, code, text, *arguments):
        finished = autotape("replay", *arguments)
        self.assertEqual(finished.exit_code, code, finished.messages)
        self.assertIn(text, finished.messages)
        self.assertEqual(len(finished.messages.strip().splitlines()), 1, finished.messages)

    def test_a_host_that_is_not_this_machine_needs_permission(self):
        self.refused(2, "--allow-remote-publish", COMMUTE, "-h", "broker.example.com", "--cafile",
                     self.broker.authority.certificate)

    def test_a_tape_that_is_missing_is_said_before_connecting(self):
        self.refused(5, "cannot open", "no-such.ndjson", *self.connection())

    def test_a_ledger_is_not_overwritten(self):
        self.ledger.write_text("mine")
        self.refused(5, "exists already", COMMUTE, *self.connection(), "--ledger", self.ledger)

    def test_a_broker_that_is_down_is_one_line(self):
        with StockBroker() as broker:
            broker.stop()
            self.refused(6, f"localhost:{broker.port}", COMMUTE, *broker.connection("player"))

    def test_a_message_that_mqtt_cannot_publish_is_named(self):
        tape = self.folder / "tape.ndjson"
        for topic in ("sandbox/+/x", ""):
            tape.write_text(json.dumps({"received": "2026-03-01T07:00:00Z", "topic": topic, "payload": "{}"}) + "\n")
            finished = autotape("replay", tape, *self.connection())
            self.assertEqual(finished.exit_code, 5, finished.messages)
            self.assertIn(f'message 1: MQTT cannot publish to the topic "{topic}"', finished.messages)

    def test_a_wrong_rate_is_one_line(self):
        self.refused(2, "--rate soon: is no rate", COMMUTE, *self.connection(), "--rate", "soon")

    def test_a_replay_that_cannot_keep_up_fails(self):
        finished = autotape("replay", COMMUTE, *self.connection(), "--rate", "1000000/s", "--max-lag", "1us")
        self.assertEqual(finished.exit_code, 4, finished.messages)
        self.assertIn("behind the schedule", finished.messages)


if __name__ == "__main__":
    unittest.main()
