#!/usr/bin/python3
"""Clients that mean no good: while they do what they do, another consumer receives everything, and afterwards the
broker is as before."""
import os
import pathlib
import random
import resource
import socket
import ssl
import struct
import unittest

import broker_case
from clients import PahoClient
from mock_broker import TIMEOUT
from mqtt_packets import connect_packet
from waiting import wait_until

PROCESSES = ("pid", "mosquitto_pid")  # the supervisor and Mosquitto, as status names them
CONNECTIONS = int(os.environ.get("AUTOTAPE_ATTACK_CONNECTIONS", "1500"))


class Attacked(broker_case.WithBroker):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wanted, most = 2 * CONNECTIONS + 200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE,
                           (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))

    def setUp(self):
        super().setUp()
        self.identity = self.broker.issue()
        self.bystander = PahoClient(self.broker, self.broker.bundle())
        self.addCleanup(self.bystander.close)
        self.assertEqual(self.bystander.wait("connack")["connack"], 0)
        self.bystander.subscribe(self.broker.topic_filter)
        self.before = self.broker.status()
        self.files_before = {process: self.file_count(process) for process in PROCESSES}
        self.random = random.Random(1)

    def tearDown(self):
        """The bystander was not disturbed, and neither Mosquitto nor the supervisor has died or grown."""
        self.broker.publish(["still alive"])
        self.assertEqual(self.bystander.wait("message", "close").get("message"), "still alive")
        after = self.broker.status()
        for process in PROCESSES:
            self.assertEqual(after[process], self.before[process])
            most = self.files_before[process] + 5
            wait_until(lambda: self.file_count(process) <= most, f"{process} lets go of its files")
        kinds = {event["event"] for event in self.broker.events()[self.mark:]}
        self.assertFalse(kinds & {"died", "possible_loss"}, kinds)

    def raw(self) -> socket.socket:
        connection = socket.create_connection((self.broker.host, self.broker.port), timeout=TIMEOUT)
        self.addCleanup(connection.close)
        return connection

    def secure(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.identity.ca_file))
        context.load_cert_chain(self.identity.cert_file, self.identity.key_file)
        connection = context.wrap_socket(self.raw(), server_hostname=self.broker.host)
        self.addCleanup(connection.close)
        return connection

    def assert_closed(self, connection):
        """By the other side, whatever it has said before."""
        try:
            while connection.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass

    def file_count(self, process: str) -> int:
        return len(list(pathlib.Path(f"/proc/{self.before[process]}/fd").iterdir()))

    def test_bytes_that_are_no_tls(self):
        for payload in (b"\x00", b"GET / HTTP/1.1\r\n\r\n", connect_packet(self.identity.client_id),
                        self.random.randbytes(100_000), b"\x16\x03\x01\xff\xff" + self.random.randbytes(70_000)):
            connection = self.raw()
            try:
                connection.sendall(payload)
                connection.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass  # refused before it had said all
            self.assert_closed(connection)

    def test_packets_that_are_no_mqtt(self):
        hello = connect_packet(self.identity.client_id)
        for payload in (b"\x00\x00", b"\xf0\x00", b"\x10\xff\xff\xff\xff\x7f", b"\x10\x02\x00\x04", b"\x30\x03abc",
                        hello + hello, hello + b"\x00\x00", hello + b"\x82\x02\x00\x01", hello + b"\x82\xff\xff\xff\xff\xff",
                        hello + b"\x32\x00", hello + b"\xff" * 100, hello.replace(b"MQTT", b"MQTX"),
                        hello + b"\x82\x08\x00\x01\x00\x03\xff\xfe\xfd\x01", self.random.randbytes(5000)):
            with self.subTest(payload[:24]):
                connection = self.secure()
                connection.sendall(payload)
                self.assert_closed(connection)

    def test_huge_packets_and_many_filters(self):
        hello = connect_packet(self.identity.client_id)
        for first in (b"\x32", b"\x82"):  # PUBLISH and SUBSCRIBE that announce 256 MiB
            with self.subTest(first):
                connection = self.secure()
                connection.sendall(hello + first + b"\xff\xff\xff\x7f")
                try:
                    for _ in range(64):
                        connection.sendall(b"\x00" * 65536)
                except OSError:
                    continue  # closed before all of it had come
                connection.close()
        connection = self.secure()
        topic_filter = f"live/level13/{broker_case.APP_ID}/".encode() + b"+/" * 2000 + b"#"
        body = b"\x00\x01" + struct.pack("!H", len(topic_filter)) + topic_filter + b"\x01"
        connection.sendall(hello + b"\x82" + bytes([len(body) % 128 | 0x80, len(body) // 128]) + body)
        self.wait("connected", client=self.identity.client_id)
        connection.close()
        memory = pathlib.Path(f"/proc/{self.before['mosquitto_pid']}/status").read_text()
        resident = int(memory.split("VmRSS:")[1].split()[0])
        self.assertLess(resident, 700_000, "KiB, with the address sanitizer's share")

    def test_handshakes_that_never_end(self):
        halves = [self.raw() for _ in range(CONNECTIONS)]
        for half in halves[::2]:
            half.sendall(b"\x16\x03\x01")
        self.broker.publish(["meanwhile"])
        self.assertEqual(self.bystander.wait("message")["message"], "meanwhile")
        self.assertGreater(self.file_count("mosquitto_pid"), CONNECTIONS // 2)
        for half in halves:
            half.close()

    def test_connections_that_come_and_go_at_once(self):
        for number in range(CONNECTIONS):
            connection = socket.create_connection((self.broker.host, self.broker.port), timeout=TIMEOUT)
            if number % 2:  # with a reset
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    def test_a_consumer_that_does_not_read(self):
        """What is sent to it waits, and nobody else does."""
        slow = self.secure()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        topic_filter = self.broker.topic_filter.encode()
        body = b"\x00\x01" + struct.pack("!H", len(topic_filter)) + topic_filter + b"\x01"
        slow.sendall(connect_packet(self.identity.client_id) + bytes([0x82, len(body)]) + body)
        self.wait("subscribed", client=self.identity.client_id)
        payloads = ["x" * 60_000 + str(number) for number in range(200)]
        self.broker.publish(payloads)
        for payload in payloads:
            self.assertEqual(self.bystander.wait("message")["message"], payload)


if __name__ == "__main__":
    unittest.main()
