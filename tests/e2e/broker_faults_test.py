#!/usr/bin/python3
"""Each fault of the mock broker, as a real client sees it, and that the client recovers."""
import contextlib
import subprocess
import time
import unittest

from bound_process import popen_bound
import broker_case
from clients import MosquittoSub, NodeClient, PahoClient
from mock_broker import TIMEOUT, MockBroker
from program import AUTOTAPE, autotape
from waiting import wait_until

USAGE = 2


class WithBroker(broker_case.WithBroker):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.broker.command, "fault", "resume")

    def subscribed(self, identity, client_type=PahoClient, version=4, **options):
        client = client_type(self.broker, identity, version, **options)
        self.addCleanup(client.close)
        self.assertEqual(client.wait("connack")["connack"], 0)
        client.subscribe(self.broker.topic_filter)
        return client

    def resumed(self, identity, client_type=PahoClient, version=4):
        client = client_type(self.broker, identity, version)
        self.addCleanup(client.close)
        self.assertTrue(client.wait("connack")["sessionPresent"])
        return client


class Connections(WithBroker):
    def test_disconnect_one_client_and_not_the_other(self):
        for version, client_type in ((4, PahoClient), (5, PahoClient), (5, NodeClient)):
            with self.subTest(f"{client_type.__name__} {version}"):
                mine, other = self.broker.issue(), self.broker.issue()
                client = self.subscribed(mine, client_type, version)
                bystander = self.subscribed(other)
                self.broker.fault("disconnect", mine.client_id)
                client.wait("close")
                self.wait("disconnected", client=mine.client_id)
                self.resumed(mine, client_type, version)
                self.broker.publish(["still here"])
                self.assertEqual(bystander.wait("message")["message"], "still here")

    def test_mosquitto_sub_comes_back_after_a_disconnect_and_misses_nothing(self):
        for version in (4, 5):
            identity = self.broker.issue()
            with self.subTest(version), contextlib.ExitStack() as stack:
                client = stack.enter_context(MosquittoSub(self.broker, identity, version))
                client.wait("suback")
                self.broker.fault("disconnect", identity.client_id)
                if client.wait("close").get("ended"):  # MQTT 5: it was told to go
                    client = stack.enter_context(MosquittoSub(self.broker, identity, version))
                self.broker.publish(["meanwhile"])
                self.assertEqual(client.wait("message")["message"], "meanwhile")

    def test_disconnect_all_consumers(self):
        clients = [self.subscribed(self.broker.issue()) for _ in range(3)]
        self.broker.fault("disconnect")
        for client in clients:
            client.wait("close")

    def test_disconnect_before_puback_makes_the_broker_deliver_again_with_dup(self):
        for client_type, version in ((PahoClient, 4), (PahoClient, 5), (NodeClient, 4), (NodeClient, 5)):
            with self.subTest(f"{client_type.__name__} {version}"):
                identity = self.broker.issue()
                client = self.subscribed(identity, client_type, version)
                self.broker.fault("disconnect", "--before-puback", identity.client_id)
                self.broker.publish(['{"message_id":"TWICE"}'])
                self.assertFalse(client.wait("message")["dup"])
                client.wait("close")
                client.close()
                again = self.resumed(identity, client_type, version)
                delivery = again.wait("message")
                self.assertEqual((delivery["message"], delivery["dup"]), ('{"message_id":"TWICE"}', True))
                first = self.wait("delivered", client=identity.client_id)
                self.assertEqual(self.wait("redelivered", client=identity.client_id)["message"], first["message"])
                self.assertEqual(self.wait("acknowledged", client=identity.client_id)["message_id"], "TWICE")
                self.mark = len(self.broker.events())

    def test_refuse_for_a_while(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("refuse", identity.client_id, "--for", "1h")
        client.wait("close")
        with PahoClient(self.broker, identity) as refused:
            self.assertEqual(refused.wait("connack")["connack"], 5)
        self.wait("refused", client=identity.client_id, rule="refused-for-a-while")
        self.broker.fault("refuse", identity.client_id, "--for", "0")
        self.resumed(identity)

    def test_a_refusal_ends_on_its_own(self):
        identity = self.broker.issue()
        self.broker.fault("refuse", identity.client_id, "--for", "1s")

        def is_let_in():
            with PahoClient(self.broker, identity) as client:
                return client.wait("connack")["connack"] == 0
        wait_until(is_let_in, "the time is over")

    def test_expire_closes_and_refuses_until_renewed(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("expire", identity.client_id)
        client.wait("close")
        with PahoClient(self.broker, identity) as refused:
            self.assertEqual(refused.wait("connack")["connack"], 5)
        self.wait("refused", client=identity.client_id, rule="expired-certificate")
        autotape("certs", "renew", identity.client_id, "--dir", self.broker.directory)
        self.resumed(identity)

    def test_rotate_server_certificate(self):
        def fingerprint():
            said = subprocess.run(["openssl", "s_client", "-connect", f"{self.broker.host}:{self.broker.port}"],
                                  input=b"", capture_output=True, timeout=TIMEOUT, check=False).stdout
            return subprocess.run(["openssl", "x509", "-noout", "-fingerprint"], input=said, capture_output=True,
                                  check=True).stdout

        client = self.subscribed(self.broker.issue())
        before = fingerprint()
        self.assertEqual(before, fingerprint())
        self.broker.fault("rotate-server-certificate")
        self.assertNotEqual(before, fingerprint())
        self.broker.publish(["the living connection stays"])
        client.wait("message")
        self.subscribed(self.broker.issue())


class Restarts(WithBroker):
    def test_restart_keeps_sessions_and_queued_messages(self):
        for options in ((), ("--kill",)):
            with self.subTest(options):
                identity = self.broker.issue()
                client = self.subscribed(identity)
                self.broker.fault("restart", *options)
                client.wait("close")
                self.broker.publish(["queued"])
                self.broker.fault("restart", *options)
                again = self.resumed(identity)
                self.assertEqual(again.wait("message")["message"], "queued")

    def test_a_kill_without_the_proxy_is_refused_and_nothing_happens(self):
        with MockBroker("--no-proxy") as broker:
            before = broker.status()["mosquitto_pid"]
            finished = broker.command("fault", "restart", "--kill")
            self.assertEqual(finished.exit_code, USAGE, finished.messages)
            self.assertIn("--no-proxy", finished.messages)
            self.assertEqual(broker.status()["mosquitto_pid"], before)
            self.assertEqual([e["event"] for e in broker.events()], ["started"])
            broker.fault("restart")
            self.assertNotEqual(broker.status()["mosquitto_pid"], before)

    def test_forget_sessions(self):
        identity = self.broker.issue()
        self.subscribed(identity)
        self.broker.fault("restart", "--forget-sessions")
        self.wait("possible_loss")
        with PahoClient(self.broker, identity) as client:
            self.assertFalse(client.wait("connack")["sessionPresent"])
            self.assertEqual(client.subscribe(self.broker.topic(vin="+")), [1])


class Bytes(WithBroker):
    def test_pause_is_half_open_and_resume_lets_everything_through(self):
        identity = self.broker.issue()
        client, other = self.subscribed(identity), self.subscribed(self.broker.issue())
        self.broker.fault("pause", identity.client_id)
        self.broker.publish(["held"])
        other.wait("message")
        self.wait("delivered", client=identity.client_id)
        with self.assertRaises(TimeoutError):
            client.wait("message", "close", timeout=0.3)
        self.broker.fault("resume", identity.client_id)
        self.assertEqual(client.wait("message")["message"], "held")

    def test_a_paused_client_notices_by_its_keep_alive_and_comes_back(self):
        identity = self.broker.issue()
        client = self.subscribed(identity, keepalive=1)
        self.broker.fault("pause", identity.client_id)
        client.wait("close")
        self.broker.fault("resume", identity.client_id)
        self.resumed(identity)

    def test_latency_for_one_client(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("latency", "400ms", identity.client_id, "--jitter", "50ms", "--direction", "to-client")
        started = time.monotonic()
        self.broker.publish(["late"])
        client.wait("message")
        self.assertGreaterEqual(time.monotonic() - started, 0.4)
        self.broker.fault("latency", "10min", identity.client_id, "--direction", "to-client")
        self.broker.fault("resume", identity.client_id)
        self.broker.publish(["in time"])
        self.assertEqual(client.wait("message")["message"], "in time")

    def test_bandwidth(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("bandwidth", "64KiB/s", identity.client_id, "--direction", "to-client")
        started = time.monotonic()
        self.broker.publish(["x" * 60_000])
        client.wait("message")
        self.assertGreaterEqual(time.monotonic() - started, 0.8)
        self.broker.fault("bandwidth", "1KiB/s", identity.client_id, "--direction", "to-client")
        self.broker.fault("resume", identity.client_id)
        self.broker.publish(["x" * 200_000])  # would take three minutes
        client.wait("message")

    def test_pause_towards_the_broker_holds_acknowledgements_back_and_lets_messages_through(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("pause", identity.client_id, "--direction", "to-broker")
        self.broker.publish(["one way"])
        self.assertEqual(client.wait("message")["message"], "one way")
        self.broker.publish(["another"])
        client.wait("message")
        events = self.broker.events()[self.mark:]
        self.assertNotIn("acknowledged", [e["event"] for e in events if e.get("client") == identity.client_id])
        self.broker.fault("resume", identity.client_id)
        self.wait("acknowledged", client=identity.client_id, count=2)

    def test_a_cut_towards_the_broker_loses_an_acknowledgement_and_the_message_comes_again(self):
        identity = self.broker.issue()
        client = self.subscribed(identity, NodeClient, 5)
        self.broker.fault("cut", "--after-bytes", "3", identity.client_id, "--direction", "to-broker")
        self.broker.publish(["cut"])
        client.wait("close")
        again = self.resumed(identity, NodeClient, 5).wait("message")
        self.assertEqual((again["message"], again["dup"]), ("cut", True))

    def test_cut_in_the_middle_of_a_message(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("cut", "--after-bytes", "2000", identity.client_id)
        self.broker.publish(["y" * 10_000])
        client.wait("close")
        again = self.resumed(identity)
        delivery = again.wait("message")
        self.assertEqual((len(delivery["message"]), delivery["dup"]), (10_000, True))

    def test_faults_for_all_hold_for_later_connections_too(self):
        self.broker.fault("latency", "300ms", "--direction", "to-broker")
        started = time.monotonic()
        self.subscribed(self.broker.issue())
        self.assertGreaterEqual(time.monotonic() - started, 0.6)  # CONNECT and SUBSCRIBE at least


class WrongFaults(WithBroker):
    def test_unknown_clients_and_values(self):
        for arguments in (("pause", "no-such-client"), ("disconnect", "no-such-client"), ("earthquake",),
                          ("bandwidth", "much"), ("latency", "soon"), ("disconnect", "--before-puback"),
                          ("refuse", "no-such-client", "--for", "1s"), ("expire", "no-such-client")):
            with self.subTest(arguments):
                finished = self.broker.command("fault", *arguments)
                self.assertEqual(finished.exit_code, USAGE, finished.messages)
                self.assertEqual(finished.messages.count("\n"), 1, finished.messages)
        self.assertNotIn("fault", [e["event"] for e in self.broker.events()], "what was refused is not logged")


class Events(WithBroker):
    def test_wait_finds_what_has_happened_and_says_what_has_not(self):
        identity = self.broker.issue()
        self.subscribed(identity)
        found = self.broker.command("wait", "subscribed", "--client", identity.client_id, "--timeout", "60s")
        self.assertEqual(found.exit_code, 0, found.messages)
        self.assertIn(f'"filter":"{self.broker.topic_filter}"', found.output)
        missing = self.broker.command("wait", "subscribed", "--client", "nobody", "--timeout", "10ms")
        self.assertEqual(missing.exit_code, 4)
        self.assertEqual(self.broker.command("wait", "earthquake").exit_code, USAGE)

    def test_the_log_is_whole_and_in_order(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        payloads = [f'{{"message_id":"{number}"}}' for number in range(2000)]
        self.broker.publish(payloads)
        for _ in payloads:
            client.wait("message")
        self.wait("acknowledged", client=identity.client_id, count=len(payloads))
        events = [e for e in self.broker.events()[self.mark:] if e.get("client") == identity.client_id]
        for kind in ("delivered", "acknowledged"):
            ids = [e["message_id"] for e in events if e["event"] == kind]
            self.assertEqual(ids, [str(number) for number in range(2000)], kind)
        numbers = {}
        for event in self.broker.events()[self.mark:]:
            if event["event"] == "published":
                numbers[event["message"]] = event["message_id"]
            elif event["event"] in ("delivered", "acknowledged"):
                self.assertEqual(numbers[event["message"]], event["message_id"])

    def test_what_waited_for_a_client_is_not_taken_for_what_comes_later(self):
        """The last message before a client comes back is asked for twice: when it is queued, and when it is sent."""
        identity = self.broker.issue()
        self.subscribed(identity).close()
        for number, message_id in enumerate(("first", "second", "third"), 1):
            self.wait("disconnected", client=identity.client_id, count=number)
            self.broker.publish([f'{{"message_id":"{message_id}"}}'])
            client = self.resumed(identity)
            client.wait("message")
            self.wait("acknowledged", client=identity.client_id, message_id=message_id)
            client.close()
        delivered = [event["message_id"] for event in self.broker.events()[self.mark:] if event["event"] == "delivered"]
        self.assertEqual(delivered, ["first", "second", "third"])

    def test_follow_shows_events_as_they_come_and_ends_with_the_broker(self):
        with MockBroker() as broker:
            follower = popen_bound([AUTOTAPE, "broker", "events", "--follow", "--dir", broker.directory],
                                   stdout=subprocess.PIPE, text=True)
            self.assertIn('"started"', follower.stdout.readline())
            broker.down()
            self.assertIn('"stopped"', follower.communicate(timeout=TIMEOUT)[0])
            self.assertEqual(follower.returncode, 0)


if __name__ == "__main__":
    unittest.main()
