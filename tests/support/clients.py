"""Independent MQTT clients for tests: MQTT.js and mosquitto_sub as processes, paho in this one. Each keeps what it
saw as a list of dictionaries and waits for the next that matters."""
import json
import os
import pathlib
import queue
import re
import ssl
import subprocess
import threading

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from bound_process import popen_bound
from mock_broker import TIMEOUT, Identity, MockBroker


class Seen:
    """What a client saw, in order, from any thread."""

    def __init__(self):
        self._queue = queue.Queue()
        self.all = []

    def add(self, entry: dict):
        self.all.append(entry)
        self._queue.put(entry)

    def wait(self, *names: str, timeout: float = TIMEOUT) -> dict:
        """The next entry that has one of these members; what comes before is passed over."""
        while True:
            try:
                entry = self._queue.get(timeout=timeout)
            except queue.Empty:
                raise TimeoutError(f"no {names} within {timeout} s; seen: {self.all[-10:]}") from None
            if any(name in entry for name in names):
                return entry


class Client:
    """Use with `with`: whatever happens, it is gone at the end."""

    def __init__(self):
        self.seen = Seen()

    def wait(self, *names: str, **options) -> dict:
        return self.seen.wait(*names, **options)

    def close(self):
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class ProcessClient(Client):
    def __init__(self, command, **options):
        super().__init__()
        self._process = popen_bound(command, stdout=subprocess.PIPE, text=True, **options)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        """Notes what its output says, until that ends."""
        raise NotImplementedError

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(timeout=TIMEOUT)
        self._reader.join(timeout=TIMEOUT)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()


class NodeClient(ProcessClient):
    """MQTT.js (tests/e2e/node/client.js)."""

    def __init__(self, broker: MockBroker, identity: Identity, version: int = 4, **options):
        folder = pathlib.Path(os.environ["AUTOTAPE_NODE_CLIENTS"])
        settings = {"protocolVersion": version, "clientId": identity.client_id, "clean": False,
                    "host": broker.host, "port": broker.port, "ca": str(identity.ca_file), **options}
        if identity.cert_file:
            settings |= {"cert": str(identity.cert_file), "key": str(identity.key_file)}
        if version == 5:
            settings.setdefault("properties", {"sessionExpiryInterval": 3600})
        super().__init__(["node", folder / "client.js", json.dumps(settings)], stdin=subprocess.PIPE)

    def _read(self):
        for line in self._process.stdout:
            self.seen.add(json.loads(line))
        self.seen.add({"ended": True})

    def _tell(self, what: dict):
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def subscribe(self, *filters: str) -> list[int]:
        self._tell({"subscribe": list(filters)})
        return self.wait("suback")["suback"]

    def unsubscribe(self, topic_filter: str):
        self._tell({"unsubscribe": topic_filter})
        self.wait("unsuback")

    def publish(self, topic: str, payload: str):
        self._tell({"publish": topic, "payload": payload})


class PahoClient(Client):
    """paho with its own network thread; PUBACK follows the callback."""

    def __init__(self, broker: MockBroker, identity: Identity, version: int = 4, clean: bool = False,
                 will: str | None = None, session_expiry: int = 3600, keepalive: int = 30):
        super().__init__()
        self.version = version
        more = {} if version == 5 else {"clean_session": clean}
        self.client = paho.Client(client_id=identity.client_id, protocol=version, reconnect_on_failure=False,
                                  **more)
        context = ssl.create_default_context(cafile=str(identity.ca_file))
        if identity.cert_file:
            context.load_cert_chain(identity.cert_file, identity.key_file)
        self.client.tls_set_context(context)
        if will:
            self.client.will_set(will, "gone", qos=1)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_unsubscribe = lambda *_: self.seen.add({"unsuback": True})
        self.client.on_message = self._on_message
        self.client.on_publish = lambda client, data, mid: self.seen.add({"published": mid})
        self.client.on_disconnect = self._on_disconnect
        properties = None
        if version == 5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = session_expiry
        try:
            self.client.connect(broker.host, broker.port, keepalive=keepalive,
                                **({"clean_start": clean, "properties": properties} if version == 5 else {}))
            self.client.loop_start()
            # Where the broker resets a TLS connection, paho's thread may end without a word.
            threading.Thread(target=self._note_end, args=(self.client._thread,), daemon=True).start()
        except OSError as error:
            self.seen.add({"error": str(error)})

    def _note_end(self, network: threading.Thread):
        network.join()
        self.seen.add({"close": True, "ended": True})

    def _on_connect(self, client, data, flags, code, *_):
        value = code if isinstance(code, int) else code.value
        self.seen.add({"connack": value, "sessionPresent": bool(flags["session present"])})

    def _on_subscribe(self, client, data, mid, codes, *_):
        self.seen.add({"suback": [c if isinstance(c, int) else c.value for c in codes]})

    def _on_message(self, client, data, message):
        self.seen.add({"message": message.payload.decode(), "topic": message.topic, "dup": bool(message.dup)})

    def _on_disconnect(self, client, data, code, *_):
        self.seen.add({"close": True, "code": code if isinstance(code, int) else code.value})

    def subscribe(self, *filters: str) -> list[int]:
        if self.version == 5:
            self.client.subscribe([(f, SubscribeOptions(qos=1)) for f in filters])
        else:
            self.client.subscribe([(f, 1) for f in filters])
        return self.wait("suback")["suback"]

    def unsubscribe(self, topic_filter: str):
        self.client.unsubscribe(topic_filter)
        self.wait("unsuback")

    def publish(self, topic: str, payload: str):
        self.client.publish(topic, payload, qos=1)

    def disconnect(self):
        self.client.disconnect()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class MosquittoSub(ProcessClient):
    """mosquitto_sub: connects and subscribes at its making. Where a connection is lost it makes a new one of its own
    accord, which is seen as "close"; after MQTT 5's DISCONNECT it ends."""

    PATTERNS = (
        (r"received CONNACK \((\d+)\)", lambda found: {"connack": int(found[1])}),
        (r"Subscribed \(mid: \d+\): ([\d, ]+)", lambda found: {"suback": [int(c) for c in found[1].split(",")]}),
        (r"received PUBLISH \(d(\d)", None),  # the line before a message
        (r"^=> ([^ ]*) (.*)", None),
        (r"Error|Connection error|error:", lambda found: {"error": found.string}),
    )

    def __init__(self, broker: MockBroker, identity: Identity, version: int = 4, filters=None, options=()):
        arguments = ["stdbuf", "-oL", "mosquitto_sub", "-d", "-c", "-q", "1", "-F", "=> %t %p", "-V",
                     "mqttv5" if version == 5 else "mqttv311", "-h", broker.host, "-p", str(broker.port),
                     *identity.options(), *options]
        if version == 5:
            arguments += ["-x", "3600"]
        for topic_filter in filters or [broker.topic_filter]:
            arguments += ["-t", topic_filter]
        super().__init__(arguments, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def _read(self):
        dup, connects = False, 0
        for line in self._process.stdout:
            if "sending CONNECT" in line:
                connects += 1
                if connects > 1:
                    self.seen.add({"close": True})
            for pattern, entry in self.PATTERNS:
                if not (found := re.search(pattern, line.rstrip("\n"))):
                    continue
                if entry:
                    self.seen.add(entry(found))
                elif pattern.startswith("^=>"):
                    self.seen.add({"message": found[2], "topic": found[1], "dup": dup})
                else:
                    dup = found[1] == "1"
                break
        self.seen.add({"close": True, "ended": True})


# (client, protocol level): those that do what they are told, and all.
CLIENTS = [(PahoClient, 4), (PahoClient, 5), (NodeClient, 4), (NodeClient, 5)]
ALL_CLIENTS = [*CLIENTS, (MosquittoSub, 4), (MosquittoSub, 5)]
