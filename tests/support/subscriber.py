"""A subscriber that keeps what arrives."""
import ssl
import threading

import paho.mqtt.client as mqtt

from identity import Identity
from waiting import TIMEOUT


class Subscriber:
    """paho in a thread; connects and subscribes at its making."""

    def __init__(self, broker, identity: Identity, topic_filter: str = "#"):
        self.received = []  # (topic, payload), in the order of their arrival
        self._changed = threading.Condition()
        subscribed = threading.Event()
        self._client = mqtt.Client(identity.client_id, clean_session=True)
        context = ssl.create_default_context(cafile=str(identity.ca_file))
        context.load_cert_chain(identity.cert_file, identity.key_file)
        self._client.tls_set_context(context)
        self._client.on_connect = lambda client, *_: client.subscribe(topic_filter, 1)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = self._on_message
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        if not subscribed.wait(TIMEOUT):
            raise AssertionError("never subscribed")

    def _on_message(self, _client, _data, message):
        with self._changed:
            self.keep(message.topic, message.payload)
            self._changed.notify_all()

    def keep(self, topic: str, payload: bytes):
        self.received.append((topic, payload))

    def wait_until(self, reached, timeout: float = TIMEOUT):
        """Until what has arrived is enough: `reached` is asked after each message, and more cannot arrive meanwhile."""
        with self._changed:
            if not self._changed.wait_for(reached, timeout):
                raise AssertionError(f"not reached within {timeout} s; the last: {self.received[-3:]}")

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()
