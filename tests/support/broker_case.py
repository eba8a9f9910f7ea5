"""A test case with a mock broker of its own, and what rules look like from outside."""
import functools
import unittest

from mock_broker import APP_ID, MockBroker

OTHER_APP_ID = "9FBBEDED80595912588FF4FF"
NOT_AUTHORIZED = {4: 5, 5: 0x87}  # in CONNACK, by protocol level
REFUSED_FILTER = {4: 0x80, 5: 0x87}  # in SUBACK


def kind_of(client_type, version):
    return f"{client_type.__name__} with MQTT {'5' if version == 5 else '3.1.1'}"


def for_each_client(*clients):
    """A test method that takes a client class and a protocol level: run for each, as a subtest."""
    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for client_type, version in clients:
                with self.subTest(kind_of(client_type, version)):
                    test(self, client_type, version)
        return run
    return decorate


class WithBroker(unittest.TestCase):
    OPTIONS = ()
    BROKER_APP_ID = APP_ID

    @classmethod
    def setUpClass(cls):
        cls.broker = MockBroker(*cls.OPTIONS, app_id=cls.BROKER_APP_ID)
        cls.addClassCleanup(cls.broker.end)
        cls.broker.up()

    def setUp(self):
        self.mark = len(self.broker.events())

    def wait(self, event, **members):
        """Among what has happened since the test began."""
        return self.broker.wait(event, after=self.mark, **members)

    def assert_refused(self, client_type, version, identity, rule):
        """CONNACK 5 or 0x87, and an event that names rule and client."""
        mark = len(self.broker.events())
        with client_type(self.broker, identity, version) as client:
            said = client.wait("connack", "error")
        if "connack" in said:
            self.assertEqual(said["connack"], NOT_AUTHORIZED[version])
        else:  # MQTT.js has no words but these
            self.assertIn("Not authorized", said["error"])
        self.broker.wait("refused", after=mark, client=identity.client_id, rule=rule)
