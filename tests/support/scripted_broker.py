"""A TLS broker that says just what a test wants, each part in one TLS record, and tells what it was sent."""
import pathlib
import socket
import ssl
import threading

from mqtt_packets import packet
from stock_broker import APP_ID, Authority

CONNECT, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14)


class ScriptedBroker:
    """Use with `with`. Each connection gets `records` after its CONNECT; SUBSCRIBE is granted with `qos`."""

    def __init__(self, folder: pathlib.Path, records: list[bytes], qos: int = 1, on_packet=lambda kind: None):
        self.records, self.qos, self.on_packet = records, qos, on_packet
        self.received = []  # (type, packet id) of all packets; 0 where there is none
        authority = Authority(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.issue("server", "localhost", server=True))
        certificate, key = authority.issue("client", APP_ID)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.connection = [str(word) for word in (
            "-h", "localhost", "-p", self.listener.getsockname()[1], "-i", "scripted", "--cafile",
            authority.certificate, "--cert", certificate, "--key", key)]
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def kinds(self) -> list[int]:
        return [kind for kind, _ in self.received]

    def _serve(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:  # the test is over
                return
            with accepted:
                try:
                    with self.context.wrap_socket(accepted, server_side=True) as client:
                        self._converse(client)
                except OSError:  # the client is gone
                    pass

    def _converse(self, client):
        while (read := self._read_packet(client)) is not None:
            kind, body = read
            has_id = kind in (PUBACK, PUBREC, PUBCOMP, SUBSCRIBE)
            self.received.append((kind, int.from_bytes(body[:2], "big") if has_id else 0))
            self.on_packet(kind)
            if kind == CONNECT:
                for record in self.records:
                    client.sendall(record)
            elif kind == SUBSCRIBE:
                client.sendall(packet(SUBACK << 4, body[:2] + bytes([self.qos])))
            elif kind == PUBREC:
                client.sendall(packet(PUBREL << 4 | 2, body[:2]))
            elif kind == PINGREQ:
                client.sendall(packet(PINGRESP << 4, b""))

    def _read_packet(self, client):
        head = client.recv(2)
        if len(head) < 2:
            return None
        length, shift = head[1] & 0x7F, 7
        last = head[1]
        while last & 0x80:
            last = client.recv(1)[0]
            length |= (last & 0x7F) << shift
            shift += 7
        body = b""
        while len(body) < length:
            more = client.recv(length - len(body))
            if not more:
                return None
            body += more
        return head[0] >> 4, body
