#!/usr/bin/python3
"""The rules of mockbroker/README.md, each against the running broker, by clients that know nothing of it."""
import subprocess
import time
import unittest

from clients import CLIENTS, NodeClient, PahoClient
from mock_broker import APP_ID, TIMEOUT, Identity, MockBroker

OTHER_APP_ID = "9FBBEDED80595912588FF4FF"
NOT_AUTHORIZED = {4: 5, 5: 0x87}
REFUSED_FILTER = {4: 0x80, 5: 0x87}


def kind_of(client, version):
    return f"{client.__name__} with MQTT {'5' if version == 5 else '3.1.1'}"


class WithBroker(unittest.TestCase):
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.broker = MockBroker(*cls.OPTIONS)
        cls.addClassCleanup(cls.broker.end)
        cls.broker.up()

    def setUp(self):
        self.mark = len(self.broker.events())

    def wait(self, event, **members):
        return self.broker.wait(event, after=self.mark, **members)

    def assert_refused(self, client_type, version, identity, rule, broker=None):
        """CONNACK 5 or 0x87, and an event that names rule and client."""
        broker = broker or self.broker
        with client_type(broker, identity, version) as client:
            said = client.wait("connack", "error")
        if "connack" in said:
            self.assertEqual(said["connack"], NOT_AUTHORIZED[version])
        else:  # MQTT.js has no words but these
            self.assertIn("Not authorized", said["error"])
        broker.wait("refused", after=self.mark if broker is self.broker else 0,
                    client=identity.client_id, rule=rule)


class Connecting(WithBroker):
    def test_each_client_connects_subscribes_and_receives(self):
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)):
                identity = self.broker.issue()
                with client_type(self.broker, identity, version) as client:
                    self.assertEqual(client.wait("connack")["connack"], 0)
                    self.assertEqual(client.subscribe(self.broker.topic_filter), [1])
                    self.broker.publish(["hello"])
                    self.assertEqual(client.wait("message")["message"], "hello")
                self.wait("connected", client=identity.client_id, protocol=version, app_id=APP_ID,
                          session_present=False)

    def test_the_printed_command_receives_and_status_shows_its_client(self):
        printed = self.broker.command("up").output
        command = printed.replace("mosquitto_sub", "exec mosquitto_sub -C 1", 1)
        client = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.kill)
        self.wait("subscribed", client=self.broker.bundle().client_id)
        status = self.broker.status()
        self.assertIn({"id": self.broker.bundle().client_id, "role": "consumer", "app_id": APP_ID,
                       "topic_filters": [f"live/level13/{APP_ID}/#"]}, status["clients"])
        self.broker.publish(["over the wire"])
        self.assertEqual(client.communicate(timeout=TIMEOUT)[0], "over the wire\n")
        self.assertEqual(client.returncode, 0)

    def test_a_wrong_client_id_is_refused(self):
        bundle = self.broker.bundle()
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)):
                wrong = Identity(f"not-{version}-{client_type.__name__}", bundle.ca_file, bundle.cert_file,
                                 bundle.key_file)
                self.assert_refused(client_type, version, wrong, "client-id")

    def test_another_certificates_id_is_a_wrong_client_id(self):
        mine, other = self.broker.bundle(), self.broker.issue()
        self.assert_refused(PahoClient, 4, Identity(other.client_id, mine.ca_file, mine.cert_file, mine.key_file),
                            "client-id")

    def test_without_a_certificate_nobody_gets_in(self):
        bundle = self.broker.bundle()
        done = subprocess.run(["mosquitto_sub", "--cafile", bundle.ca_file, "-h", self.broker.host, "-p",
                               str(self.broker.port), "-t", self.broker.topic_filter, "-i", bundle.client_id,
                               "-W", "20"], capture_output=True, timeout=TIMEOUT, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.wait("refused", rule="no-certificate")

    def test_a_certificate_of_another_authority_is_refused_by_tls(self):
        identity = self.broker.issue("--wrong-authority")
        done = subprocess.run(["mosquitto_sub", *self.broker.connect_options(identity), "-t",
                               self.broker.topic_filter, "-W", "20"], capture_output=True, timeout=TIMEOUT,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.wait("refused", rule="unknown-authority", client=identity.client_id, app_id=APP_ID)

    def test_a_certificate_that_is_not_in_the_registry_is_refused(self):
        identity = self.broker.issue()
        registry = self.broker.directory / "registry"
        lines = [line for line in registry.read_text().splitlines(True) if identity.client_id not in line]
        (self.broker.directory / "registry.new").write_text("".join(lines))
        (self.broker.directory / "registry.new").rename(registry)
        deadline = time.monotonic() + TIMEOUT  # the plugin looks several times a second
        while True:
            with PahoClient(self.broker, identity) as client:
                if client.wait("connack")["connack"] != 0 or time.monotonic() > deadline:
                    break
        self.assert_refused(PahoClient, 4, identity, "unregistered-certificate")

    def test_expired_and_not_yet_valid_certificates_are_refused_by_name(self):
        for option, rule in (("--expired", "expired-certificate"),
                             ("--not-yet-valid", "certificate-not-yet-valid")):
            identity = self.broker.issue(option)
            for client_type, version in ((PahoClient, 4), (NodeClient, 5)):
                with self.subTest(f"{rule}, {kind_of(client_type, version)}"):
                    self.assert_refused(client_type, version, identity, rule)

    def test_a_bundle_issued_while_the_broker_runs_works_at_once(self):
        with PahoClient(self.broker, self.broker.issue(app_id=OTHER_APP_ID)) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
            self.assertEqual(client.subscribe(f"live/level13/{OTHER_APP_ID}/#"), [1])

    def test_revoking_closes_the_live_connection_and_refuses_the_next(self):
        from program import autotape
        identity = self.broker.issue()
        with PahoClient(self.broker, identity) as client:
            client.wait("connack")
            self.wait("connected", client=identity.client_id)
            done = autotape("certs", "revoke", identity.client_id, "--dir", self.broker.directory)
            self.assertEqual(done.exit_code, 0, done.messages)
            client.wait("close")
        self.assert_refused(PahoClient, 5, identity, "revoked-certificate")


class SecondConnections(WithBroker):
    def test_the_newer_connection_wins(self):
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)):
                identity = self.broker.issue()
                with client_type(self.broker, identity, version) as older:
                    older.wait("connack")
                    with client_type(self.broker, identity, version) as newer:
                        self.assertEqual(newer.wait("connack")["connack"], 0)
                        older.wait("close")
                        self.assertEqual(newer.subscribe(self.broker.topic_filter), [1])
                    self.wait("disconnected", client=identity.client_id)


class SecondConnectionsRefused(WithBroker):
    OPTIONS = ("--second-connection", "refuse")

    def test_the_older_connection_stays(self):
        identity = self.broker.bundle()
        with PahoClient(self.broker, identity) as older:
            older.wait("connack")
            for client_type, version in CLIENTS:
                with self.subTest(kind_of(client_type, version)):
                    self.assert_refused(client_type, version, identity, "second-connection")
            self.assertEqual(older.subscribe(self.broker.topic_filter), [1])
        self.wait("disconnected", client=identity.client_id)
        with PahoClient(self.broker, identity) as later:
            self.assertEqual(later.wait("connack")["connack"], 0)


class AnyClientId(WithBroker):
    OPTIONS = ("--client-id", "any")

    def test_still_one_connection_for_each_certificate_and_no_session_of_another(self):
        mine, other = self.broker.bundle(), self.broker.issue()
        named = [Identity(name, mine.ca_file, mine.cert_file, mine.key_file) for name in ("one", "two")]
        with PahoClient(self.broker, named[0]) as older:
            self.assertEqual(older.wait("connack")["connack"], 0)
            with PahoClient(self.broker, named[1]) as newer:
                self.assertEqual(newer.wait("connack")["connack"], 0)
                older.wait("close")
        thief = Identity("one", other.ca_file, other.cert_file, other.key_file)
        self.assert_refused(PahoClient, 4, thief, "client-id")


class TopicFilters(WithBroker):
    def filters(self, *names):
        return [f"live/level13/{APP_ID}/+/{name}/get/+" for name in names]

    def test_one_filter_and_no_second(self):
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)):
                identity = self.broker.issue()
                first, second, third = self.filters("diagnostics", "charging", "doors")
                refused = REFUSED_FILTER[version]
                with client_type(self.broker, identity, version) as client:
                    client.wait("connack")
                    self.assertEqual(client.subscribe(first), [1])
                    self.assertEqual(client.subscribe(first), [1], "the same again is fine")
                    self.assertEqual(client.subscribe(second), [refused])
                    self.wait("subscribe_refused", client=identity.client_id, rule="filter-count",
                              filter=second)
                    client.unsubscribe(first)
                    self.assertEqual(client.subscribe(second), [1], "another may come now")
                    client.unsubscribe(second)
                    self.assertEqual(client.subscribe(third, first, third), [1, refused, 1],
                                     "several in one packet are judged one by one")

    def test_a_resumed_session_still_counts(self):
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)):
                identity = self.broker.issue()
                first, second = self.filters("diagnostics", "charging")
                with client_type(self.broker, identity, version) as client:
                    client.wait("connack")
                    client.subscribe(first)
                self.broker.fault("restart")
                with client_type(self.broker, identity, version) as client:
                    self.assertTrue(client.wait("connack")["sessionPresent"])
                    self.assertEqual(client.subscribe(second), [REFUSED_FILTER[version]])
                    self.assertEqual(client.subscribe(first), [1])

    def test_a_new_session_starts_without_filters(self):
        first, second = self.filters("diagnostics", "charging")
        identity = self.broker.issue()
        with PahoClient(self.broker, identity) as client:
            client.wait("connack")
            client.subscribe(first)
        with PahoClient(self.broker, identity, clean=True) as client:
            client.wait("connack")
            self.assertEqual(client.subscribe(second), [1])
        with PahoClient(self.broker, identity) as client:  # the clean session ended with its connection
            client.wait("connack")
            self.assertEqual(client.subscribe(first), [1])

    def test_an_expired_session_of_mqtt_5_starts_without_filters(self):
        first, second = self.filters("diagnostics", "charging")
        identity = self.broker.issue()
        with PahoClient(self.broker, identity, 5, session_expiry=0) as client:
            client.wait("connack")
            client.subscribe(first)
        self.wait("disconnected", client=identity.client_id)
        with PahoClient(self.broker, identity, 5) as client:
            self.assertFalse(client.wait("connack")["sessionPresent"])
            self.assertEqual(client.subscribe(second), [1])


class TwoTopicFilters(WithBroker):
    OPTIONS = ("--topic-filters", "2")

    def test_two_and_no_third(self):
        a, b, c = (f"live/level13/{APP_ID}/+/{name}/get/+" for name in ("diagnostics", "charging", "doors"))
        with PahoClient(self.broker, self.broker.bundle()) as client:
            client.wait("connack")
            self.assertEqual(client.subscribe(a, b, c), [1, 1, 0x80])


class Scope(WithBroker):
    FOREIGN = ["#", "+/#", "live/#", "+/level13/" + APP_ID + "/#", f"live/level13/{OTHER_APP_ID}/#",
               f"live/level13/{APP_ID.lower()}/#", "live/level13/+/#", f"sandbox/level13/{APP_ID}/#",
               f"live/+/{APP_ID}/#", f"$share/group/live/level13/{APP_ID}/#", "$share/group/#", "$SYS/#",
               "$CONTROL/#", "$CONTROL/dynamic-security/v1", f"/live/level13/{APP_ID}/#",
               f"live/level13/{APP_ID}x/#", "live/level13", "+/+/+/+/+/+/+"]

    def test_filters_outside_are_refused(self):
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)):
                identity = self.broker.issue()
                with client_type(self.broker, identity, version) as client:
                    client.wait("connack")
                    for topic_filter in self.FOREIGN:
                        with self.subTest(topic_filter):
                            self.assertEqual(client.subscribe(topic_filter), [REFUSED_FILTER[version]])
                self.wait("subscribe_refused", client=identity.client_id, rule="filter-scope",
                          filter=self.FOREIGN[-1])

    def test_only_its_own_messages_reach_a_consumer(self):
        mine, other = self.broker.issue(), self.broker.issue(app_id=OTHER_APP_ID)
        topic = "{}/level13/{}/V0000000000000001/diagnostics/get/odometer"
        for retain in (False, True):
            with self.subTest(retain=retain), PahoClient(self.broker, mine) as me, \
                    PahoClient(self.broker, other) as them:
                me.wait("connack")
                them.wait("connack")
                if retain:  # stored before they subscribe
                    self.broker.publish(["theirs"], topic.format("live", OTHER_APP_ID), retain=True)
                    self.broker.publish(["sandbox"], topic.format("sandbox", APP_ID), retain=True)
                    self.broker.publish(["mine"], topic.format("live", APP_ID), retain=True)
                me.subscribe(f"live/level13/{APP_ID}/#")
                them.subscribe(f"live/level13/{OTHER_APP_ID}/#")
                if not retain:
                    self.broker.publish(["theirs"], topic.format("live", OTHER_APP_ID))
                    self.broker.publish(["sandbox"], topic.format("sandbox", APP_ID))
                    self.broker.publish(["mine"], topic.format("live", APP_ID))
                self.assertEqual(me.wait("message")["message"], "mine")
                self.assertEqual(them.wait("message")["message"], "theirs")

    def test_consumers_publish_nothing(self):
        watcher = self.broker.issue()
        with PahoClient(self.broker, watcher) as watching:
            watching.wait("connack")
            watching.subscribe(self.broker.topic_filter)
            for client_type, version in CLIENTS:
                with self.subTest(kind_of(client_type, version)):
                    identity = self.broker.issue()
                    with client_type(self.broker, identity, version) as client:
                        client.wait("connack")
                        client.publish(self.broker.topic(), "forged")
                        self.wait("publish_refused", client=identity.client_id, rule="consumer-publishes",
                                  topic=self.broker.topic())
            self.broker.publish(["genuine"])
            self.assertEqual(watching.wait("message")["message"], "genuine")

    def test_a_consumers_will_is_not_published(self):
        watcher, identity = self.broker.issue(), self.broker.issue()
        with PahoClient(self.broker, watcher) as watching:
            watching.wait("connack")
            watching.subscribe(self.broker.topic_filter)
            with PahoClient(self.broker, identity, will=self.broker.topic()) as client:
                client.wait("connack")
                self.broker.fault("disconnect", identity.client_id)
                self.wait("publish_refused", client=identity.client_id, rule="consumer-publishes")
            self.broker.publish(["genuine"])
            self.assertEqual(watching.wait("message")["message"], "genuine")

    def test_the_publisher_cannot_subscribe_nor_take_a_consumers_id(self):
        with PahoClient(self.broker, self.broker.publisher("a-publisher")) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
            self.assertEqual(client.subscribe("#"), [0x80])
        self.wait("subscribe_refused", client="a-publisher", rule="publisher-subscribes")
        self.assert_refused(PahoClient, 4, self.broker.publisher(self.broker.bundle().client_id), "client-id")


class NothingIsLost(WithBroker):
    def test_an_absent_subscriber_gets_all_of_three_thousand_messages(self):
        identity = self.broker.bundle()
        with PahoClient(self.broker, identity) as client:
            client.wait("connack")
            client.subscribe(self.broker.topic_filter)
        self.wait("disconnected", client=identity.client_id)
        expected = [str(number) for number in range(3000)]
        self.broker.publish(expected)
        done = self.broker.mosquitto_sub(identity, "-C", "3000")
        self.assertEqual(done.communicate(timeout=TIMEOUT)[0].split(), expected)

    def test_messages_over_the_size_limit_are_refused(self):
        with PahoClient(self.broker, self.broker.publisher("large")) as client:
            client.wait("connack")
            client.publish(self.broker.topic(), "x" * (256 * 1024 - 200))
            client.wait("published")
            client.publish(self.broker.topic(), "x" * (256 * 1024 + 1))
            client.wait("close")


class V2(WithBroker):
    OPTIONS = ("--stream", "v2")
    ID = "2b3e4f56-7890-4abc-8def-0123456789ab"

    @classmethod
    def setUpClass(cls):
        cls.broker = MockBroker(*cls.OPTIONS, app_id=cls.ID)
        cls.addClassCleanup(cls.broker.end)
        cls.broker.up()

    def test_one_topic_for_all_cars(self):
        topic = f"live/level13/{self.ID}"
        self.assertEqual(self.broker.topic_filter, topic)
        for client_type, version in CLIENTS:
            with self.subTest(kind_of(client_type, version)), \
                    client_type(self.broker, self.broker.issue(app_id=self.ID), version) as client:
                self.assertEqual(client.wait("connack")["connack"], 0)
                for foreign in (topic + "/#", "live/level13/+", f"live/level13/{self.ID.upper()}", "#"):
                    self.assertEqual(client.subscribe(foreign), [REFUSED_FILTER[version]], foreign)
                self.assertEqual(client.subscribe(topic), [1])
                self.broker.publish(["v2"], topic)
                self.assertEqual(client.wait("message")["message"], "v2")


if __name__ == "__main__":
    unittest.main()
