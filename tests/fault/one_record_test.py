#!/usr/bin/python3
"""What a broker sends in the TLS record of its CONNACK is dealt with as if it came alone."""
import os
import unittest

from folder_case import FolderCase
from mqtt_packets import connack_packet, publish_packet
from program import autotape
from recorded import FILTER, TOPIC, ids_on, message_id, payload, records
from scripted_broker import DISCONNECT, PUBACK, PUBCOMP, PUBREC, SUBSCRIBE, ScriptedBroker


def publish(number, qos=1):
    return publish_packet(TOPIC, payload(number), number, qos)


class OneRecord(FolderCase):
    def setUp(self):
        super().setUp()
        os.environ["XDG_STATE_HOME"] = str(self.folder)
        self.tape = self.folder / "tape.ndjson"

    def record(self, broker, *options):
        return autotape("record", "-o", self.tape, *broker.connection, "-t", FILTER, *options)

    def test_messages_of_another_programs_session_are_not_acknowledged(self):
        whole = connack_packet(True) + publish(1) + publish(2)
        for command in (["record", "-o", self.tape], ["validate", "--count", "1"]):
            with self.subTest(command[0]), ScriptedBroker(self.folder, [whole]) as broker:
                refused = autotape(*command, *broker.connection, "-t", FILTER)
                self.assertEqual(refused.exit_code, 6, refused.messages)
                self.assertFalse({PUBACK, PUBREC, SUBSCRIBE} & set(broker.kinds()), broker.received)
        self.assertFalse(self.tape.exists())

    def test_no_more_messages_are_recorded_and_acknowledged_than_asked_for(self):
        with ScriptedBroker(self.folder, [connack_packet(False) + publish(1) + publish(2) + publish(3)]) as broker:
            recorded = self.record(broker, "--count", "1")
            self.assertEqual(recorded.exit_code, 0, recorded.messages)
        self.assertEqual([packet for packet in broker.received if packet[0] == PUBACK], [(PUBACK, 1)])
        self.assertEqual(broker.kinds()[-1], DISCONNECT)
        self.assertEqual(ids_on(self.tape), {message_id(1)})
        told = [line.get("marker", "message") for line in records(self.tape)[1:]]
        self.assertLess(told.index("connected"), told.index("message"))

    def test_a_message_of_qos_2_is_on_tape_before_it_is_acknowledged(self):
        on_tape = {}

        def look(kind):
            if kind in (PUBREC, PUBCOMP):
                on_tape[kind] = ids_on(self.tape)

        with ScriptedBroker(self.folder, [connack_packet(True) + publish(7, qos=2)], on_packet=look) as broker:
            recorded = self.record(broker, "--take-over", "--count", "1")
            self.assertEqual(recorded.exit_code, 0, recorded.messages)
        self.assertEqual(on_tape[PUBREC], {message_id(7)})

    def test_half_a_message_is_completed_by_the_next_record(self):
        second = publish(2)
        with ScriptedBroker(self.folder, [connack_packet(False) + publish(1) + second[:40], second[40:]]) as broker:
            recorded = self.record(broker, "--count", "2")
            self.assertEqual(recorded.exit_code, 0, recorded.messages)
        self.assertEqual(ids_on(self.tape), {message_id(1), message_id(2)})

    def test_a_subscription_of_a_lower_qos_than_asked_for_is_refused(self):
        with ScriptedBroker(self.folder, [connack_packet(False)], qos=0) as broker:
            refused = self.record(broker)
            self.assertEqual(refused.exit_code, 6, refused.messages)
            self.assertIn("the broker grants QoS 0", refused.messages)


if __name__ == "__main__":
    unittest.main()
