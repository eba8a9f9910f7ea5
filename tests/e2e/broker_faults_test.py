#!/usr/bin/python3
"""Each fault of the mock broker, as a real client sees it, and that the client recovers."""
import subprocess
import time
import unittest

from clients import NodeClient, PahoClient
from mock_broker import TIMEOUT, MockBroker

USAGE = 2


class WithBroker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = MockBroker()
        cls.addClassCleanup(cls.broker.end)
        cls.broker.up()

    def setUp(self):
        self.mark = len(self.broker.events())
        self.addCleanup(self.broker.fault, "resume")

    def wait(self, event, **members):
        return self.broker.wait(event, after=self.mark, **members)

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

    def test_expire_closes_and_refuses_until_renewed(self):
        from program import autotape
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

    def test_bandwidth(self):
        identity = self.broker.issue()
        client = self.subscribed(identity)
        self.broker.fault("bandwidth", "64KiB/s", identity.client_id, "--direction", "to-client")
        started = time.monotonic()
        self.broker.publish(["x" * 60_000])
        client.wait("message")
        self.assertGreaterEqual(time.monotonic() - started, 0.8)

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

    def test_follow_shows_events_as_they_come_and_ends_with_the_broker(self):
        with MockBroker() as broker:
            follower = subprocess.Popen([__import__("program").AUTOTAPE, "broker", "events", "--follow", "--dir",
                                         broker.directory], stdout=subprocess.PIPE, text=True)
            self.assertIn('"started"', follower.stdout.readline())
            broker.down()
            self.assertIn('"stopped"', follower.communicate(timeout=TIMEOUT)[0])
            self.assertEqual(follower.returncode, 0)


if __name__ == "__main__":
    unittest.main()
