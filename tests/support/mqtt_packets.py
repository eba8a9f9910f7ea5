"""MQTT packets as bytes, for clients that mean no good."""
import struct


def connect_packet(client_id: str, version: int = 4) -> bytes:
    """The session stays; keep-alive 60 s."""
    rest = b"\x00\x04MQTT" + bytes([version, 0]) + b"\x00\x3c" + (b"\x00" if version == 5 else b"")
    rest += struct.pack("!H", len(client_id)) + client_id.encode()
    return bytes([0x10, len(rest)]) + rest


def packet(first: int, body: bytes) -> bytes:
    length, head = len(body), bytes([first])
    while True:
        length, low = divmod(length, 128)
        head += bytes([low | 0x80 if length else low])
        if not length:
            return head + body


def connack_packet(session_present: bool) -> bytes:
    return packet(0x20, bytes([session_present, 0]))


def publish_packet(topic: str, payload: str, packet_id: int, qos: int = 1) -> bytes:
    return packet(0x30 | qos << 1, struct.pack("!H", len(topic)) + topic.encode() + struct.pack("!H", packet_id) +
                  payload.encode())
