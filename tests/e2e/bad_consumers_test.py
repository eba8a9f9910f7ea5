#!/usr/bin/python3
"""autotape test with consumers that die, hang, flood or never subscribe: a verdict in bounded time."""
import pathlib
import signal
import subprocess
import unittest

from bound_process import popen_bound
from consumers import MOSQUITTO_SUB, derived
from places import COMMUTE
from program import AUTOTAPE, autotape
from test_command_case import TestCommandCase
from waiting import wait_until


class BadConsumers(TestCommandCase):
    def fault(self, *options, command):
        report = self.judge(*options, command=command, exit_code=4)
        fault, = report["consumer_faults"]
        return fault

    def test_one_that_dies_before_it_subscribes(self):
        fault = self.fault("--rate", "max", command=["sh", "-c", "echo no luck >&2; exit 3"])
        self.assertEqual(fault["fault"], "exited with 3 before it had subscribed")
        self.assertIn("no luck", fault["output_tail"])

    def test_one_that_dies_while_the_stream_is_played(self):
        fault = self.fault("--rate", "max", command=["sh", "-c", f"timeout -s KILL 60 {MOSQUITTO_SUB} -C 10 >/dev/null"])
        self.assertIn("exited with 0", fault["fault"])

    def test_one_that_never_subscribes(self):
        fault = self.fault("--rate", "max", "--start-timeout", "1s", command=["sleep", "1000"])
        self.assertEqual(fault["fault"], "did not subscribe within 1 s")

    def test_one_that_comes_with_a_wrong_client_id(self):
        wrong = MOSQUITTO_SUB.replace("{client_id}", "somebody")
        refusal = 'the broker refused client id "somebody" (client-id): AUTOTAPE_CLIENT_ID holds the right one'
        fault = self.fault("--rate", "max", "--start-timeout", "5s", command=["sh", "-c", f"{wrong}; sleep 1000"])
        self.assertEqual(fault["fault"], f"did not subscribe within 5 s: {refusal}")
        fault = self.fault("--rate", "max", command=["sh", "-c", f"exec {wrong}"])
        self.assertIn(f" before it had subscribed: {refusal}", fault["fault"])

    def test_one_that_subscribes_to_all(self):
        wrong = MOSQUITTO_SUB.replace("{topic}", "'#'")
        fault = self.fault("--rate", "max", "--start-timeout", "5s", command=["sh", "-c", f"{wrong}; sleep 1000"])
        self.assertEqual(fault["fault"], 'did not subscribe within 5 s: the broker refused filter "#" (filter-scope): '
                                         "AUTOTAPE_TOPIC holds the right one")

    def test_one_that_hangs(self):
        hangs = derived("import time\n"
                        "class Hangs(Consumer):\n"
                        "    def on_message(self, *_): time.sleep(1000)\n"
                        "Hangs().run()")
        fault = self.fault("--rate", "max", "--hang-timeout", "2s", "--stop-timeout", "0s", command=hangs)
        self.assertRegex(fault["fault"], "took nothing for 2 s, with .* messages not acknowledged")

    def test_one_that_floods(self):
        floods = derived("class Floods(Consumer):\n"
                         "    def on_message(self, *_):\n"
                         "        while True: self.journal.write(b'{}\\n' * 10000)\n"
                         "Floods().run()")
        fault = self.fault("--rate", "max", "--stop-timeout", "0s", command=floods)
        self.assertRegex(fault["fault"], "wrote more than .* observations")

    def test_one_that_does_not_come_to_rest(self):
        restless = derived("import threading, time\n"
                           "class Restless(Consumer):\n"
                           "    def talk(self):\n"
                           "        while True: self.write({'state': {'vin': 'V', 'capability': 'c', 'property': 'p'}}); time.sleep(0.05)\n"
                           "consumer = Restless()\n"
                           "threading.Thread(target=consumer.talk, daemon=True).start()\n"
                           "consumer.run()")
        fault = self.fault("--rate", "max", "--hang-timeout", "1s", "--settle", "5s", command=restless)
        self.assertEqual(fault["fault"], "still wrote observations 1 s after it had acknowledged all")

    def test_a_command_that_is_none_is_wrong_usage(self):
        finished = autotape("test", COMMUTE, "--", "no-such-program-of-ours")
        self.assertEqual(finished.exit_code, 2)
        self.assertIn("no-such-program-of-ours: there is no such program", finished.messages)

    def test_a_tape_that_is_none_is_told_before_anything_is_started(self):
        finished = autotape("test", "no-such-tape.ndjson", "--", "true")
        self.assertEqual(finished.exit_code, 5)


class Ending(TestCommandCase):
    def test_all_consumers_are_asked_to_end_before_one_is_waited_for(self):
        asked = [self.folder / f"asked-{number}" for number in (1, 2)]
        both_asked = " && ".join(f"[ -e {path} ]" for path in asked)
        waits_for_the_other = f"touch {self.folder}/asked-{{consumer}}; until {both_asked}; do sleep 0.01; done; exit 0"
        report = self.judge("--rate", "max", "--consumers", "2", "--stop-timeout", "30s", exit_code=4,
                            command=["bash", "-c", f"trap '{waits_for_the_other}' TERM; "
                                     f"{MOSQUITTO_SUB} >/dev/null & while true; do wait; done"])
        self.assertEqual([note for note in report["notes"] if "did not end" in note], [])


class Leftovers(TestCommandCase):
    def test_a_test_that_is_killed_leaves_no_process_behind(self):
        marker = self.folder / "pid"
        run = popen_bound([AUTOTAPE, "test", COMMUTE, "--", "sh", "-c",
                           f"(setsid sleep 1234 & echo $! > {marker}.part; mv {marker}.part {marker}); sleep 1234"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(marker.exists, "the consumer runs")
        pid = int(marker.read_text())
        run.send_signal(signal.SIGKILL)
        run.wait()
        wait_until(lambda: not self.is_running(pid), "the process is gone")

    def is_running(self, pid):
        try:
            return ") Z" not in pathlib.Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
