#!/usr/bin/python3
"""autotape record that does not get the stream it was asked for: it says so, and its exit code says which way."""
import os
import signal
import socket
import subprocess
import unittest

from folder_case import FolderCase
from mock_broker import MockBroker
from program import autotape
from recorded import leave_session, markers, messages, records
from running_program import RunningAutotape
from stock_broker import StockBroker
from stock_broker_case import StockBrokerCase
from waiting import wait_until


class WithTape(StockBrokerCase):
    def setUp(self):
        super().setUp()
        self.tape = self.folder / "tape.ndjson"

    def connection(self, topic_filter="live/#"):
        return [*self.broker.connection(self.client_id), "-t", topic_filter]


class NeverSubscribed(WithTape):
    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("127.0.0.1", 0))  # takes connections and says nothing
        self.addCleanup(self.listener.close)
        self.silent = ["-h", "127.0.0.1", "-p", self.listener.getsockname()[1], "-i", "nobody", "-t", "live/#"]

    def test_a_duration_that_passes_without_an_answer_is_no_success(self):
        finished = autotape("record", "-o", self.tape, *self.silent, "--duration", "1s")
        self.assertEqual(finished.exit_code, 6, finished.messages)
        self.assertIn("nothing was recorded", finished.messages)
        self.assertFalse(self.tape.exists())

    def test_nor_is_an_interruption_before_the_answer(self):
        with RunningAutotape("record", "-o", self.tape, *self.silent) as recorder:
            connection, _ = self.listener.accept()
            self.addCleanup(connection.close)
            recorder.send_signal(signal.SIGINT)
            self.assertEqual(recorder.wait(), 6, recorder.messages())
            self.assertIn("before the interruption", recorder.messages())
        self.assertFalse(self.tape.exists())


class NoAnswerToTcp(FolderCase):
    """A host that drops what is sent to it; the system gives it up after two minutes."""

    def setUp(self):
        super().setUp()
        listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(listener.close)
        self.port = listener.getsockname()[1]
        for _ in range(4):  # they fill the backlog: Linux drops the SYN of whoever comes behind them
            before = socket.socket()
            before.setblocking(False)
            self.addCleanup(before.close)
            before.connect_ex(("127.0.0.1", self.port))
        self.record = ["record", "-o", self.folder / "tape.ndjson", "-h", "127.0.0.1", "-p", self.port, "-i", "nobody", "-t", "live/#"]

    def test_a_duration_ends_the_attempt(self):
        finished = autotape(*self.record, "--duration", "1s")
        self.assertEqual(finished.exit_code, 6, finished.messages)
        self.assertIn("was not subscribed within --duration", finished.messages)

    def test_an_interruption_ends_the_attempt(self):
        before = self.attempts()
        with RunningAutotape(*self.record) as recorder:
            wait_until(lambda: self.attempts() > before, "the recorder connects")
            recorder.send_signal(signal.SIGINT)
            self.assertEqual(recorder.wait(), 6, recorder.messages())

    def attempts(self):
        return len(subprocess.run(["ss", "-Htn", "state", "syn-sent", f"dport = :{self.port}"], stdout=subprocess.PIPE,
                                  check=True, text=True).stdout.splitlines())


class Lost(WithTape):
    def test_a_broker_that_does_not_come_back_is_loss(self):
        self.addCleanup(self.broker.start)
        with RunningAutotape("record", "-o", self.tape, *self.connection()) as recorder:
            recorder.wait_for("recording live")
            self.broker.stop(signal.SIGKILL)
            recorder.wait_for("still not connected", times=2)
            recorder.send_signal(signal.SIGINT)
            self.assertEqual(recorder.wait(), 3, recorder.messages())
            self.assertIn("while the connection was lost", recorder.messages())
            self.assertIn(", 1 connections lost", recorder.messages())
        self.assertEqual(markers(self.tape).count("disconnected"), 1)

    def test_why_the_broker_ended_the_connection_is_said_with_mqtt_5(self):
        with MockBroker() as broker, \
                RunningAutotape("record", "-o", self.tape, "--dir", broker.directory, "-V", "5") as recorder:
            recorder.wait_for("recording live")
            broker.fault("disconnect")
            recorder.wait_for("the broker closed the connection: Administrative action (reason code 152)")


class AnotherFilter(WithTape):
    """A kept session is subscribed to what the recording before wanted."""

    def record(self, topic_filter, *options):
        return autotape("record", "-o", self.tape, *self.connection(topic_filter), "--count", 1, *options)

    def leave_session(self, topic_filter):
        leave_session(self.tape, *self.connection(topic_filter))
        self.tape.unlink()

    def test_its_stream_does_not_come_onto_a_tape_of_another(self):
        self.leave_session("live/a/#")
        self.broker.publish("live/a/1", ["one"])
        refused = self.record("live/b/#")
        self.assertEqual(refused.exit_code, 6, refused.messages)
        self.assertIn('subscribed to "live/a/#"', refused.messages)
        self.assertFalse(self.tape.exists())
        # Nothing was acknowledged.
        self.assertEqual(self.record("live/a/#").exit_code, 0)
        self.assertEqual([m["topic"] for m in messages(self.tape)], ["live/a/1"])

    def test_to_end_the_session_is_the_way_out(self):
        self.leave_session("live/a/#")
        refused = self.record("live/b/#", "--end-session")
        self.assertEqual(refused.exit_code, 6, refused.messages)
        self.assertIn("the session was ended", refused.messages)
        self.broker.publish("live/a/1", ["one"])
        self.leave_session("live/b/#")
        self.broker.publish("live/b/1", ["another"])
        self.assertEqual(self.record("live/b/#").exit_code, 0)
        self.assertEqual([m["topic"] for m in messages(self.tape)], ["live/b/1"])
        self.assertEqual(records(self.tape)[0]["topic_filter"], "live/b/#")


class OneFilterAllowed(FolderCase):
    """The mock broker grants a session one filter, as the provider does."""

    def test_a_filter_that_the_kept_session_has_no_room_for_is_refused_with_the_way_out(self):
        with MockBroker() as broker:
            tape = self.folder / "tape.ndjson"
            narrow = broker.topic_filter.replace("#", "V0000000000000001/#")

            options = ["--dir", broker.directory, "--force"]
            leave_session(tape, *options, "-t", narrow)
            refused = autotape("record", "-o", tape, *options)
            self.assertEqual(refused.exit_code, 6, refused.messages)
            self.assertIn("--end-session", refused.messages)
            self.assertEqual(autotape("record", "-o", tape, *options, "--end-session").exit_code, 6)
            leave_session(tape, *options)


class ServerKeepAlive(FolderCase):
    def test_the_brokers_keep_alive_takes_the_place_of_ours(self):
        with StockBroker("max_keepalive 10\nlog_type all") as broker:
            os.environ["XDG_STATE_HOME"] = str(self.folder)
            tape = self.folder / "tape.ndjson"
            log = subprocess.Popen(["tail", "-n", "+1", "-f", broker.folder / "mosquitto.log"],
                                   stdout=subprocess.PIPE, text=True)
            try:
                with RunningAutotape("record", "-o", tape, *broker.connection("idle"), "-t", "live/#", "-V", "5",
                                    "-k", 30):
                    for line in log.stdout:
                        self.assertNotIn("exceeded timeout", line)
                        if "Received PINGREQ from idle" in line:
                            break
            finally:
                log.kill()
                log.wait()
                log.stdout.close()


if __name__ == "__main__":
    unittest.main()
