#!/usr/bin/python3
"""What a client may subscribe to, receive and publish (mockbroker/README.md): each rule against the running broker."""
import contextlib
import subprocess
import unittest
from random import Random

from broker_case import OTHER_APP_ID, REFUSED_FILTER, WithBroker, for_each_client, kind_of
from clients import ALL_CLIENTS, CLIENTS, MosquittoSub, PahoClient
from mock_broker import APP_ID, TIMEOUT


def matches(topic_filter: str, topic: str) -> bool:
    """As MQTT says, for topics without $."""
    wanted, words = topic_filter.split("/"), topic.split("/")
    for place, word in enumerate(wanted):
        if word == "#":
            return True
        if place == len(words) or word not in ("+", words[place]):
            return False
    return len(wanted) == len(words)


def within_scope(topic_filter: str, app_id: str) -> bool:
    """As the provider says: nothing but the App ID's own topics, in this environment."""
    return topic_filter.split("/")[:3] == ["live", "level13", app_id]


class TopicFilters(WithBroker):
    def filters(self, *names):
        return [f"live/level13/{APP_ID}/+/{name}/get/+" for name in names]

    @for_each_client(*CLIENTS)
    def test_one_filter_and_no_second(self, client_type, version):
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

    def test_mosquitto_sub_gets_one_filter_and_keeps_it_over_a_restart(self):
        for version in (4, 5):
            with self.subTest(version):
                identity = self.broker.issue()
                first, second = self.filters("diagnostics", "charging")
                with MosquittoSub(self.broker, identity, version, filters=[first, second]) as client:
                    self.assertEqual(client.wait("suback")["suback"], [1, REFUSED_FILTER[version]])
                self.broker.fault("restart")
                with MosquittoSub(self.broker, identity, version, filters=[second, first]) as client:
                    self.assertEqual(client.wait("suback")["suback"], [REFUSED_FILTER[version], 1])

    @for_each_client(*CLIENTS)
    def test_a_resumed_session_still_counts(self, client_type, version):
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

    @for_each_client(*CLIENTS)
    def test_filters_outside_are_refused(self, client_type, version):
        identity = self.broker.issue()
        with client_type(self.broker, identity, version) as client:
            client.wait("connack")
            for topic_filter in self.FOREIGN:
                with self.subTest(topic_filter):
                    self.assertEqual(client.subscribe(topic_filter), [REFUSED_FILTER[version]])
        self.wait("subscribe_refused", client=identity.client_id, rule="filter-scope",
                  filter=self.FOREIGN[-1])

    def test_mosquitto_sub_is_granted_none_of_them(self):
        for version in (4, 5):
            with self.subTest(version), MosquittoSub(self.broker, self.broker.issue(), version,
                                                     filters=self.FOREIGN) as client:
                self.assertEqual(client.wait("suback")["suback"], [REFUSED_FILTER[version]] * len(self.FOREIGN))

    @for_each_client(*ALL_CLIENTS)
    def test_only_its_own_messages_reach_a_consumer(self, client_type, version):
        topics = [f"live/level13/{OTHER_APP_ID}/{{}}", f"sandbox/level13/{APP_ID}/{{}}", f"live/level13/{APP_ID.lower()}/{{}}",
                  f"live/level14/{APP_ID}/{{}}", f"live/level13/{APP_ID}/{{}}"]  # the last is its own
        for retain in (False, True):
            place = f"V0000000000000001/{'stored' if retain else 'live'}/get/{client_type.__name__}{version}"
            identity = self.broker.issue()
            if retain:  # before it subscribes
                for topic in topics:
                    self.broker.publish([topic], topic.format(place), retain=True)
            with client_type(self.broker, identity, version, **self.only(client_type, place)) as client:
                client.wait("connack")
                if client_type is not MosquittoSub:
                    client.subscribe(f"live/level13/{APP_ID}/{place}")
                self.wait("subscribed", client=identity.client_id)
                if not retain:
                    for topic in topics:
                        self.broker.publish([topic], topic.format(place))
                self.assertEqual(client.wait("message")["message"], topics[-1])

    @staticmethod
    def only(client_type, place):
        return {"filters": [f"live/level13/{APP_ID}/{place}"]} if client_type is MosquittoSub else {}

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
            identity = self.broker.issue()
            subprocess.run(["mosquitto_pub", *self.broker.connect_options(identity), "-q", "1", "-t",
                            self.broker.topic(), "-m", "forged"], timeout=TIMEOUT, check=False, capture_output=True)
            self.wait("publish_refused", client=identity.client_id, rule="consumer-publishes")
            self.broker.publish(["genuine"])
            self.assertEqual(watching.wait("message")["message"], "genuine")

    def test_a_consumers_will_is_not_published(self):
        watcher = self.broker.issue()
        with PahoClient(self.broker, watcher) as watching:
            watching.wait("connack")
            watching.subscribe(self.broker.topic_filter)
            for client_type, version in ((PahoClient, 4), (PahoClient, 5), (MosquittoSub, 4), (MosquittoSub, 5)):
                with self.subTest(kind_of(client_type, version)):
                    identity = self.broker.issue()
                    will = {"options": ("--will-topic", self.broker.topic(), "--will-payload", "gone")} \
                        if client_type is MosquittoSub else {"will": self.broker.topic()}
                    with client_type(self.broker, identity, version, **will) as client:
                        client.wait("connack")
                        self.broker.fault("disconnect", identity.client_id)
                        self.wait("publish_refused", client=identity.client_id, rule="consumer-publishes")
            self.broker.publish(["genuine"])
            self.assertEqual(watching.wait("message")["message"], "genuine")

    @for_each_client(*ALL_CLIENTS)
    def test_the_publisher_cannot_subscribe_nor_take_a_consumers_id(self, client_type, version):
        name = f"{client_type.__name__}{version}"
        with client_type(self.broker, self.broker.publisher(name), version) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
            codes = client.wait("suback")["suback"] if client_type is MosquittoSub else client.subscribe("#")
            self.assertEqual(codes, [REFUSED_FILTER[version]])
        self.wait("subscribe_refused", client=name, rule="publisher-subscribes")
        self.assert_refused(client_type, version, self.broker.publisher(self.broker.bundle().client_id), "client-id")


class Leaks(WithBroker):
    """Random topics and filters against the running broker: a model of MQTT and of the rules says for each filter
    whether it is granted, and for each message who gets it."""
    LEVELS = [["live"] * 4 + ["sandbox", "Live"], ["level13"] * 3 + ["level14"],
              [APP_ID, OTHER_APP_ID, APP_ID.lower()], ["V1", "V2", ""], ["charging", "doors"], ["get"], ["a", "b"]]

    def setUp(self):
        super().setUp()
        self.random = Random(20260302)

    def random_topic(self, wildcards: float = 0) -> str:
        words = [self.random.choice(words) if self.random.random() > wildcards else self.random.choice("+#")
                 for words in self.LEVELS[:self.random.randint(2, 7)]]
        return "/".join(words[:words.index("#") + 1] if "#" in words else words)

    def subscribe_at_random(self, client, app_id: str) -> str:
        """Asks for many filters in one packet; gives the one that was granted."""
        filters = [self.random_topic(wildcards=0.2) for _ in range(40)]
        filters.append(self.random.choice(["{}/#", "{}/+/#", "{}/V1/#"]).format(f"live/level13/{app_id}"))
        granted = next(one for one in filters if within_scope(one, app_id))
        codes = client.subscribe(*filters)
        self.assertEqual([code < 0x80 for code in codes], [one == granted for one in filters],
                         list(zip(filters, codes)))
        return granted

    def publish_each(self, topics: list[str]):
        with PahoClient(self.broker, self.broker.publisher("topics")) as client:
            client.wait("connack")
            for topic in topics:
                client.publish(topic, "x")
                client.wait("published")

    def test_each_gets_what_it_may_and_nothing_else(self):
        app_ids = [APP_ID, APP_ID, OTHER_APP_ID]
        identities = [self.broker.issue(app_id=app_id) for app_id in app_ids]
        for _ in range(4):
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(PahoClient(self.broker, identity, version, clean=True))
                           for identity, version in zip(identities, (4, 5, 5))]
                for client in clients:
                    self.assertEqual(client.wait("connack")["connack"], 0)
                granted = [self.subscribe_at_random(*pair) for pair in zip(clients, app_ids)]
                topics = [self.random_topic() for _ in range(200)]
                self.publish_each(topics)
                for client, topic_filter, app_id in zip(clients, granted, app_ids):
                    wanted = [one for one in topics if matches(topic_filter, one) and within_scope(one, app_id)]
                    self.assertEqual([client.wait("message")["topic"] for _ in wanted], wanted, topic_filter)
                    client.subscribe(topic_filter)  # whatever else was to come came before its answer
                    self.assertEqual(len([e for e in client.seen.all if "message" in e]), len(wanted), topic_filter)


class NothingIsLost(WithBroker):
    @for_each_client(*ALL_CLIENTS)
    def test_an_absent_subscriber_gets_all_of_three_thousand_messages(self, client_type, version):
        identity = self.broker.issue()
        with client_type(self.broker, identity, version) as client:
            client.wait("connack")
            if client_type is not MosquittoSub:
                client.subscribe(self.broker.topic_filter)
            self.wait("subscribed", client=identity.client_id)
        self.wait("disconnected", client=identity.client_id)
        expected = [str(number) for number in range(3000)]
        self.broker.publish(expected)
        with client_type(self.broker, identity, version) as client:
            self.assertEqual([client.wait("message")["message"] for _ in expected], expected)

    @for_each_client(*CLIENTS)
    def test_messages_over_the_size_limit_are_refused(self, client_type, version):
        with client_type(self.broker, self.broker.publisher("large"), version) as client:
            client.wait("connack")
            client.publish(self.broker.topic(), "x" * (256 * 1024 - 200))
            client.wait("published")
            client.publish(self.broker.topic(), "x" * (256 * 1024 + 1))
            client.wait("close", "ended")


class QueueLimit(WithBroker):
    OPTIONS = ("--max-queued", "10", "--events", "off")

    def test_what_a_limit_drops_is_told_as_possible_loss(self):
        identity = self.broker.bundle()
        with MosquittoSub(self.broker, identity) as client:
            client.wait("suback")
        self.broker.fault("disconnect")  # in any case: it is gone now
        self.broker.publish([str(number) for number in range(2000)])
        self.wait("possible_loss", client=identity.client_id)


class V2(WithBroker):
    OPTIONS = ("--stream", "v2")
    BROKER_APP_ID = ID = "2b3e4f56-7890-4abc-8def-0123456789ab"

    @for_each_client(*CLIENTS)
    def test_one_topic_for_all_cars(self, client_type, version):
        topic = f"live/level13/{self.ID}"
        self.assertEqual(self.broker.topic_filter, topic)
        with client_type(self.broker, self.broker.issue(app_id=self.ID), version) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
            for foreign in (topic + "/#", "live/level13/+", f"live/level13/{self.ID.upper()}", "#"):
                self.assertEqual(client.subscribe(foreign), [REFUSED_FILTER[version]], foreign)
            self.assertEqual(client.subscribe(topic), [1])
            self.broker.publish(["v2"], topic)
            self.assertEqual(client.wait("message")["message"], "v2")


if __name__ == "__main__":
    unittest.main()
