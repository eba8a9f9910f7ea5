#!/usr/bin/python3
"""autotape record on a real Mosquitto over mutual TLS: what it says, keeps and refuses."""
import json
import os
import signal
import stat
import subprocess
import time
import unittest

from program import autotape
from recorded import FILTER, TOPIC, VIN, drain, leave_session, markers, message_id, messages, payload, records
from running_program import RunningAutotape
from stock_broker import APP_ID, Authority
from stock_broker_case import StockBrokerCase
from waiting import wait_until


class RecordCase(StockBrokerCase):
    FORMAT = "ndjson"

    def setUp(self):
        super().setUp()
        self.tape = self.folder / f"tape.{self.FORMAT}"
        self.client_id += f"-{self.FORMAT}"

    def connection(self, **replace):
        return [*self.broker.connection(self.client_id, replace={
            {"host": "-h", "port": "-p"}.get(name, f"--{name}"): value
            for name, value in replace.items()}), "-t", FILTER]

    def record(self, *options, **replace):
        return autotape("record", "-o", self.tape, *self.connection(**replace), *options)

    def open_session(self):
        """Leaves a session behind that queues from now on."""
        leave_session(self.tape, *self.connection())

    def publish(self, first: int, last: int):
        self.broker.publish(TOPIC, [payload(i) for i in range(first, last)])


class Recording(RecordCase):
    def test_every_byte_of_a_message_and_its_topic_are_on_tape_in_order(self):
        self.open_session()
        self.publish(0, 300)
        finished = self.record("--count", 300, "--json")
        self.assertEqual(finished.exit_code, 0, finished.messages)
        recorded = messages(self.tape)
        self.assertEqual([m["payload"] for m in recorded], [payload(i) for i in range(300)])
        self.assertEqual({m["topic"] for m in recorded}, {TOPIC})
        self.assertEqual({m["qos"] for m in recorded}, {1})
        self.assertEqual(json.loads(finished.output)["messages"], 300)

    def test_the_header_names_the_stream(self):
        self.open_session()
        header = records(self.tape)[0]
        self.assertEqual(header["environment"], "sandbox")
        self.assertEqual(header["app_id"], APP_ID)
        self.assertEqual(header["broker"], f"localhost:{self.broker.port}")
        self.assertEqual(header["topic_filter"], FILTER)

    def test_only_its_owner_may_read_a_raw_recording(self):
        self.open_session()
        self.assertEqual(stat.S_IMODE(os.stat(self.tape).st_mode), 0o600)

    def test_a_count_is_exact_and_the_rest_stays_with_the_broker(self):
        self.open_session()
        self.publish(0, 100)
        self.assertEqual(self.record("--count", 40).exit_code, 0)
        self.assertEqual(len(messages(self.tape)), 40)
        self.assertEqual(self.record("--count", 60).exit_code, 0)
        self.assertEqual({m["payload"] for m in messages(self.tape)}, {payload(i) for i in range(100)})

    def test_repeated_message_ids_are_counted(self):
        self.open_session()
        self.broker.publish(TOPIC, [payload(1), payload(2), payload(1)])
        finished = self.record("--count", 3, "--json")
        self.assertEqual(json.loads(finished.output)["repeated_ids"], 1)

    def test_topics_can_be_left_out_and_are_counted(self):
        self.open_session()
        self.publish(0, 5)
        self.broker.publish(TOPIC.replace("odometer", "speed"), [payload(9)])
        finished = self.record("--exclude", "+/+/+/+/diagnostics/get/odometer", "--count", 1, "--json")
        self.assertEqual(json.loads(finished.output)["filtered"], 5)
        self.assertEqual([m["payload"] for m in messages(self.tape)], [payload(9)])

    def test_with_mqtt_5_the_properties_of_a_message_are_on_tape(self):
        self.open_session()
        subprocess.run(["mosquitto_pub", *self.broker.connection("p5"), "-V", "5", "-q", "1", "-t", TOPIC,
                        "-m", payload(1), "-D", "publish", "content-type", "application/json",
                        "-D", "publish", "user-property", "source", "car"], check=True)
        self.assertEqual(self.record("-V", "5", "--count", 1).exit_code, 0)
        properties = messages(self.tape)[0]["properties"]
        self.assertEqual(properties["content_type"], "application/json")
        self.assertEqual(properties["user_properties"], [["source", "car"]])

    def test_an_interrupt_ends_it_with_a_summary_and_a_whole_tape(self):
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            with RunningAutotape("record", "-o", self.tape, *self.connection(), "--end-session") as recorder:
                recorder.wait_for("recording sandbox")
                self.publish(0, 10)
                wait_until(lambda: len(messages(self.tape)) == 10, "all messages are on the tape")
                recorder.send_signal(signal_number)
                self.assertEqual(recorder.wait(), 0)
                self.assertIn("messages recorded", recorder.messages())
            self.assertEqual(markers(self.tape)[-1], "recording_stopped")
            self.tape.unlink()

    def test_end_session_leaves_nothing_behind_that_queues(self):
        leave_session(self.tape, *self.connection(), "--end-session")
        self.publish(0, 10)
        # A kept session would give the ten messages, and be refused to a new tape.
        self.tape.unlink()
        self.assertEqual(drain(self.broker, self.tape, self.connection()), set())

    def test_a_recording_in_parts_has_one_index_over_whole_tapes(self):
        self.open_session()
        self.publish(0, 200)
        self.tape.unlink()
        finished = self.record("--count", 200, "--split-size", "20kB")
        self.assertEqual(finished.exit_code, 0, finished.messages)
        parts = json.loads((self.folder / "tape.parts.json").read_text())["parts"]
        self.assertGreater(len(parts), 2)
        recorded = [messages(self.folder / part["file"]) for part in parts]
        self.assertEqual([len(part) for part in recorded], [part["messages"] for part in parts])
        self.assertEqual([(self.folder / part["file"]).stat().st_size for part in parts],
                         [part["size"] for part in parts])
        self.assertEqual([m["payload"] for part in recorded for m in part],
                         [payload(i) for i in range(200)])

    def test_a_part_that_spans_its_time_is_followed_by_another(self):
        options = [*self.connection(), "--split-duration", "1s", "--end-session"]

        def parts():
            return json.loads((self.folder / "tape.parts.json").read_text())["parts"]
        with RunningAutotape("record", "-o", self.tape, *options) as recorder:
            recorder.wait_for("recording sandbox")
            self.publish(0, 10)
            deadline, sent = time.monotonic() + 30, 10
            while len(parts()) < 3:
                self.assertLess(time.monotonic(), deadline, "no third part was begun")
                self.publish(sent, sent + 1)
                sent += 1
            wait_until(lambda: sum(len(messages(self.folder / part["file"])) for part in parts()) == sent,
                       "all messages are on the tape")
            recorder.send_signal(signal.SIGTERM)
            self.assertEqual(recorder.wait(), 0, recorder.messages())
        recorded = [messages(self.folder / part["file"]) for part in parts()]
        self.assertEqual([len(part) for part in recorded], [part["messages"] for part in parts()])
        self.assertEqual([m["payload"] for part in recorded for m in part], [payload(i) for i in range(sent)])

    def test_messages_of_qos_2_in_a_session_that_is_taken_over_are_recorded(self):
        subprocess.run(["mosquitto_sub", "-c", "-q", "2", *self.connection(), "-E"], check=True)
        subprocess.run(["mosquitto_pub", *self.broker.connection("twice"), "-q", "2", "-t", TOPIC, "-l"],
                       input="".join(payload(i) + "\n" for i in range(100)).encode(), check=True)
        self.assertEqual(self.record("--take-over", "--count", 100).exit_code, 0)
        self.assertEqual([m["payload"] for m in messages(self.tape)], [payload(i) for i in range(100)])
        self.assertEqual({m["qos"] for m in messages(self.tape)}, {2})

    def test_a_size_limit_ends_it(self):
        self.open_session()
        self.publish(0, 2000)
        finished = self.record("--max-size", "100kB")
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertLess(len(messages(self.tape)), 2000)

    def test_only_what_is_included_is_put_on_tape(self):
        self.open_session()
        self.publish(0, 5)
        self.broker.publish(TOPIC.replace("odometer", "speed"), [payload(9)])
        self.assertEqual(self.record("--include", "+/+/+/+/+/+/speed", "--count", 1).exit_code, 0)
        self.assertEqual([m["payload"] for m in messages(self.tape)], [payload(9)])

    def test_what_the_broker_had_retained_can_be_left_out_and_is_counted(self):
        retained = TOPIC.replace("odometer", "retained")
        publish = ["mosquitto_pub", *self.broker.connection("retainer"), "-q", "1", "-t", retained, "-r"]
        subprocess.run([*publish, "-m", payload(1)], check=True)
        try:
            with RunningAutotape("record", "-o", self.tape, *self.connection(), "--strip-retained", "--count", 1,
                                 "--json") as recorder:
                recorder.wait_for("recording sandbox")
                self.publish(2, 3)
                self.assertEqual(recorder.wait(), 0, recorder.messages())
        finally:
            subprocess.run([*publish, "-n"], check=True)
        self.assertEqual(json.loads(recorder.output())["retained_stripped"], 1)
        self.assertEqual([m["payload"] for m in messages(self.tape)], [payload(2)])

    def test_a_fast_recording_says_what_it_risks_and_loses_nothing_when_it_is_killed(self):
        self.open_session()
        self.publish(0, 500)
        with RunningAutotape("record", "-o", self.tape, *self.connection(), "--durability", "fast") as recorder:
            recorder.wait_for("if the machine stops")
            recorder.wait_for("recording sandbox")
            recorder.kill()
        self.assertEqual(drain(self.broker, self.tape, self.connection()), {message_id(i) for i in range(500)})


class RecordingMcap(Recording):
    FORMAT = "mcap"

    def test_a_closed_tape_has_its_summary_and_no_journal(self):
        self.open_session()
        self.publish(0, 20)
        self.assertEqual(self.record("--count", 20).exit_code, 0)
        self.assertEqual([path.name for path in self.folder.glob("tape*")], ["tape.mcap"])
        finished = autotape("tape", "info", "--json", self.tape)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertEqual(json.loads(finished.output)["messages"], 20)


class Anonymized(RecordCase):
    def setUp(self):
        super().setUp()
        self.key = self.folder / "fleet.key"

    def test_nothing_raw_reaches_the_disk_and_the_tape_may_be_given_away(self):
        anonymize = ["--anonymize", "--key-file", self.key]
        leave_session(self.tape, *self.connection(), *anonymize)
        self.publish(0, 50)
        self.assertEqual(self.record("--count", 50, *anonymize).exit_code, 0)
        text = self.tape.read_text()
        for known in (VIN, APP_ID, f"{1:064X}", self.client_id):
            self.assertNotIn(known, text)
        self.assertEqual(len(messages(self.tape)), 50)
        self.assertEqual(autotape("anonymize", "--check", self.tape).exit_code, 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.key).st_mode), 0o600)

    def test_raw_and_anonymised_never_come_onto_one_tape(self):
        self.open_session()
        self.assertEqual(autotape("anonymize", "--check", self.tape).exit_code, 4)
        mixed = self.record("--duration", "0.2s", "--anonymize", "--key-file", self.key)
        self.assertEqual(mixed.exit_code, 2)
        self.assertIn("is raw", mixed.messages)


class Connections(RecordCase):
    def test_after_a_restart_of_the_broker_it_goes_on_and_misses_nothing(self):
        def recorded():
            return {m["payload"] for m in messages(self.tape)}
        with RunningAutotape("record", "-o", self.tape, *self.connection()) as recorder:
            recorder.wait_for("recording sandbox")
            self.publish(0, 100)
            self.broker.stop()
            recorder.wait_for("connection lost")
            self.broker.start()
            recorder.wait_for("recording sandbox", times=2)
            self.publish(100, 200)
            wait_until(lambda: recorded() >= {payload(i) for i in range(200)}, "all messages are on the tape")
            recorder.send_signal(signal.SIGTERM)
            self.assertEqual(recorder.wait(), 0, recorder.messages())
        self.assertEqual(recorded(), {payload(i) for i in range(200)})
        self.assertEqual(markers(self.tape).count("disconnected"), 1)

    def test_a_broker_that_forgot_the_session_is_loss_that_is_said_and_marked(self):
        with RunningAutotape("record", "-o", self.tape, *self.connection(), "--count", 1) as recorder:
            recorder.wait_for("recording sandbox")
            self.broker.stop(signal.SIGKILL)
            (self.broker.folder / "mosquitto.db").unlink(missing_ok=True)
            self.broker.start()
            recorder.wait_for("recording sandbox", times=2)
            self.publish(0, 1)
            self.assertEqual(recorder.wait(), 3)
        self.assertIn("session_lost", markers(self.tape))
        self.assertIn("had not kept the session", recorder.messages())

    def test_silence_is_said_with_what_could_be_the_reason(self):
        with RunningAutotape("record", "-o", self.tape, *self.connection()) as recorder:
            recorder.wait_for("nothing has arrived for 10")
            self.assertIn("live or sandbox", recorder.messages())

    def test_a_session_of_somebody_else_is_left_alone_unless_taken_over(self):
        for form in ("ndjson", "mcap"):
            with self.subTest(form):
                self.leave_alone(f"{self.client_id}-{form}", self.folder / f"foreign.{form}")

    def leave_alone(self, client_id, foreign):
        self.client_id = client_id
        os.environ["XDG_STATE_HOME"] = str(self.folder / "state")
        leave_session(foreign.with_stem("owner"), *self.connection())
        self.publish(0, 20)
        os.environ["XDG_STATE_HOME"] = str(self.folder / "another-user")
        refused = autotape("record", "-o", foreign, *self.connection(), "--count", 20)
        self.assertEqual(refused.exit_code, 6)
        self.assertIn("--take-over", refused.messages)
        self.assertEqual(list(self.folder.glob("foreign*")), [])
        # Nothing was acknowledged: the owner gets all of it.
        taken = autotape("record", "-o", foreign, *self.connection(), "--count", 20, "--take-over")
        self.assertEqual(taken.exit_code, 0, taken.messages)
        self.assertEqual({m["payload"] for m in messages(foreign)}, {payload(i) for i in range(20)})
        foreign.unlink()

    def test_a_session_that_a_recording_left_is_used_for_another_tape(self):
        self.open_session()
        self.publish(0, 20)
        self.tape = self.folder / "another.ndjson"
        finished = self.record("--count", 20)
        self.assertEqual(finished.exit_code, 0)
        self.assertIn("the broker kept the session of an earlier recording", finished.messages)
        self.assertIn("--end-session", finished.messages)
        self.publish(20, 30)
        self.assertNotIn("kept the session", self.record("--count", 10).messages)  # the same tape goes on


class Refusals(RecordCase):
    """One clear line, the exit code of the table, and no tape that looks like one."""

    def assert_refused(self, finished, exit_code, *words):
        self.assertEqual(finished.exit_code, exit_code, finished.messages)
        (line,) = finished.messages.splitlines()
        for word in words:
            self.assertIn(word, line)
        self.assertFalse(self.tape.exists())

    def test_a_broker_that_is_down(self):
        self.assert_refused(self.record(host="127.0.0.2"), 6, "Connection refused", "is the broker running")

    def test_a_host_that_does_not_exist(self):
        self.assert_refused(self.record(host="nowhere.invalid"), 6, "no such host")

    def test_a_wrong_authority(self):
        other = Authority(self.folder)
        self.assert_refused(self.record(cafile=other.certificate), 6, "does not verify", "--cafile")

    def test_an_expired_certificate(self):
        certificate, key = self.broker.authority.issue("expired", APP_ID, days=-1)
        self.assert_refused(self.record(cert=certificate, key=key), 6, "certificate", "expired")

    def test_a_certificate_of_another_authority(self):
        certificate, key = Authority(self.folder).issue("foreign", APP_ID)
        self.assert_refused(self.record(cert=certificate, key=key), 6, "certificate")

    def test_a_missing_certificate_file(self):
        self.assert_refused(self.record(cert=self.folder / "none.pem"), 5, "none.pem", "No such file")

    def test_a_key_of_another_certificate(self):
        _, key = self.broker.authority.issue("other", APP_ID)
        self.assert_refused(self.record(key=key), 6, "does not belong")

    def test_a_key_that_others_may_read_is_used_with_a_warning(self):
        certificate, key = self.broker.authority.issue("careless", APP_ID)
        os.chmod(key, 0o644)
        said = leave_session(self.tape, *self.connection(cert=certificate, key=key))
        self.assertIn(f"warning: {key}: others may read this private key (chmod 600 '{key}')", said)

    def test_no_tls_where_tls_is_asked_for(self):
        finished = autotape("record", "-o", self.tape, "-h", "localhost", "-p", self.broker.port, "-i", "x",
                            "-t", FILTER)
        self.assert_refused(finished, 6, "does it want TLS")

    def test_a_wrong_topic_filter(self):
        finished = autotape("record", "-o", self.tape, *self.broker.connection("x"), "-t", "a/#/b")
        self.assert_refused(finished, 2, "no topic filter")

    def test_a_format_that_nothing_is_recorded_in(self):
        self.tape = self.folder / "tape.ndjson.zst"
        for options in ([], ["--split-size", "1MB"]):
            self.assert_refused(self.record(*options), 2, "nothing is recorded in this format", "convert")
        self.assertEqual(list(self.folder.glob("tape*")), [])

    def test_a_folder_that_does_not_exist(self):
        self.tape = self.folder / "none" / "tape.ndjson"
        self.assert_refused(self.record(), 5, "No such file")

    def test_a_tape_that_another_recorder_writes(self):
        with RunningAutotape("record", "-o", self.tape, *self.connection()) as recorder:
            recorder.wait_for("recording sandbox")
            for options in ([], ["--force"]):
                finished = self.record(*options)
                self.assertEqual(finished.exit_code, 5, finished.messages)
                self.assertIn("being written by another program", finished.messages)
            recorder.send_signal(signal.SIGTERM)
            self.assertEqual(recorder.wait(), 0, recorder.messages())
        self.assertEqual(markers(self.tape)[-1], "recording_stopped")

    def test_with_force_a_tape_is_replaced_when_there_is_a_connection_and_not_before(self):
        self.open_session()
        before = self.tape.read_bytes()
        finished = self.record("--force", host="127.0.0.2")
        self.assertEqual(finished.exit_code, 6, finished.messages)
        self.assertEqual(self.tape.read_bytes(), before)
        leave_session(self.tape, *self.connection(), "--force")
        self.assertEqual(markers(self.tape)[0], "recording_started")
        self.assertNotIn("recording_resumed", markers(self.tape))
        self.assertEqual(list(self.folder.glob("*replaced*")), [])


if __name__ == "__main__":
    unittest.main()
