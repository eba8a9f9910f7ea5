"""MQTT packets as bytes, for clients that mean no good."""
import struct


def connect_packet(client_id: str, version: int = 4) -> bytes:
    """The session stays; keep-alive 60 s."""
    rest = b"\x00\x04MQTT" + bytes([version, 0]) + b"\x00\x3c" + (b"\x00" if version == 5 else b"")
    rest += struct.pack("!H", len(client_id)) + client_id.encode()
    return bytes([0x10, len(rest)]) + rest
