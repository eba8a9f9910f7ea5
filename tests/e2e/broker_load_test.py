#!/usr/bin/python3
"""The mock broker under races and under load: one connection for each certificate, and nothing lost by commanded
kills."""
import os
import socket
import ssl
import threading
import unittest

from clients import PahoClient
from mock_broker import TIMEOUT, MockBroker
from mqtt_packets import connect_packet

RACES = 1000
KILLS = int(os.environ.get("AUTOTAPE_BROKER_KILLS", "12"))


class ConnectRaces(unittest.TestCase):
    def test_a_thousand_connects_of_one_certificate_leave_one_alive(self):
        with MockBroker() as broker:
            identity = broker.bundle()
            context = ssl.create_default_context(cafile=str(identity.ca_file))
            context.load_cert_chain(identity.cert_file, identity.key_file)
            packet = connect_packet(identity.client_id)
            connections, lock = [], threading.Lock()

            def race():
                for _ in range(RACES // 20):
                    raw = socket.create_connection((broker.host, broker.port), timeout=TIMEOUT)
                    try:
                        secure = context.wrap_socket(raw, server_hostname=broker.host)
                        secure.sendall(packet)
                    except OSError:
                        raw.close()
                        continue
                    with lock:
                        connections.append(secure)

            racers = [threading.Thread(target=race) for _ in range(20)]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()
            self.assertGreater(len(connections), RACES // 2)  # a newer one may close one that is not yet made
            broker.wait("connected", count=len(connections), timeout=3 * TIMEOUT)
            broker.wait("disconnected", count=len(connections) - 1, timeout=3 * TIMEOUT)
            alive = 0  # by the log, which is in order: never two, but for the takeover itself
            most = 0
            for event in broker.events():
                alive += {"connected": 1, "disconnected": -1}.get(event["event"], 0)
                most = max(most, alive)
            self.assertEqual(most, 1)
            self.assertEqual(len(broker.status()["clients"]), 1)
            open_now = 0
            for connection in connections:
                connection.settimeout(0.001 if open_now else TIMEOUT)
                try:
                    while connection.recv(64):
                        pass
                except TimeoutError:
                    open_now += 1
                except OSError:
                    pass
                connection.close()
            self.assertLessEqual(open_now, 1)


class CommandedKills(unittest.TestCase):
    def test_nothing_that_was_acknowledged_is_lost(self):
        """A publisher publishes without end and a subscriber comes and goes, while Mosquitto is killed again and
        again: every publish that was acknowledged arrives."""
        with MockBroker() as broker:
            identity = broker.bundle()
            with PahoClient(broker, identity) as client:
                client.wait("connack")
                client.subscribe(broker.topic_filter)
            acknowledged, stop = set(), threading.Event()
            publisher = threading.Thread(target=self.publish_until, args=(broker, acknowledged, stop))
            publisher.start()
            received = set()
            for number in range(KILLS):
                reader = PahoClient(broker, identity) if number % 2 else None
                before = len(acknowledged)
                while len(acknowledged) < before + 50:  # load, by count and not by time
                    self.assertTrue(publisher.is_alive())
                    stop.wait(0.001)
                broker.fault("restart", "--kill")
                if reader:
                    reader.wait("close")
                    reader.close()
                    received |= {entry["message"] for entry in reader.seen.all if "message" in entry}
            stop.set()
            publisher.join(timeout=TIMEOUT)
            self.assertGreater(len(acknowledged), KILLS * 50 - 1)
            with PahoClient(broker, identity) as client:
                client.wait("connack")
                while not acknowledged <= received:
                    received.add(client.wait("message")["message"])
            self.assertEqual(acknowledged - received, set())

    @staticmethod
    def publish_until(broker, acknowledged, stop):
        number = 0
        while not stop.is_set():
            with PahoClient(broker, broker.publisher("loader")) as client:
                try:
                    client.wait("connack", timeout=5)
                    while not stop.is_set():
                        number += 1
                        client.publish(broker.topic(), str(number))
                        if "published" not in client.wait("published", "close"):
                            break
                        acknowledged.add(str(number))
                except TimeoutError:
                    pass


if __name__ == "__main__":
    unittest.main()
