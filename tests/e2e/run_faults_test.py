#!/usr/bin/python3
"""Runs of autotape test with faults, and runs that are cut short: what a consumer is blamed for, and what it is not."""
import json
import signal
import subprocess
import unittest

from bound_process import popen_bound
from consumers import CORRECT, MOSQUITTO_SUB, derived
from places import COMMUTE
from program import AUTOTAPE, autotape
from test_command_case import TestCommandCase
from waiting import wait_until


class FaultsOfAScenario(TestCommandCase):
    def judge_with(self, faults, exit_code, *options):
        story = self.folder / "story.yaml"
        story.write_text(f"version: 1\nname: story\ntape: {COMMUTE}\nreplay: {{rate: max}}\nfaults:\n{faults}"
                         "expect: {completeness: required}\n")
        finished = autotape("test", story, "--json", *options, "--", *CORRECT)
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)

    def test_one_that_did_not_strike_is_told_and_leaves_what_was_required_unknown(self):
        junit = self.folder / "junit.xml"
        report = self.judge_with("- {after_deliveries: 99999, consumer: restart}\n- {at: 2h, fault: restart}\n", 7,
                                 "--junit", junit)
        self.assertEqual(self.outcome(report, "completeness"), "unknown")
        self.assertEqual([note.split(",")[0] for note in report["notes"]],
                         ["fault 1 did not strike", "fault 2 did not strike"])
        self.assertIn("fault 2 did not strike", junit.read_text())

    def test_one_at_a_time_has_its_place_in_the_stream_however_fast_it_is_played(self):
        run = self.folder / "run"
        self.judge_with("- {at: 4min, fault: restart}\n", 0, "--out", run)
        due = [json.loads(line)["due"] for line in (run / "deliveries.ndjson").read_text().splitlines()]
        events = [json.loads(line)["event"] for line in (run / "events.ndjson").read_text().splitlines()]
        before = events[:events.index("fault")].count("published")
        self.assertEqual(before, sum(time < 240e9 for time in due))


# Correct; each message takes it 20 ms.
SLOW = derived("import time\n"
               "class Slow(Consumer):\n"
               "    def handle(self, *message): time.sleep(0.02); super().handle(*message)\n"
               "Slow().run()")


class CutShort(TestCommandCase):
    """A consumer is not blamed for what it had in hand when it was ended."""

    def test_an_interrupted_run_of_a_slow_consumer_did_not_fail(self):
        run = popen_bound([AUTOTAPE, "test", COMMUTE, "--rate", "max", "--check", "state", "--json", "--out",
                           self.folder / "run", "--", *SLOW],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        observations = self.folder / "run/observations.ndjson"
        wait_until(lambda: observations.exists() and observations.read_text().count("\n") > 100, "it works")
        run.send_signal(signal.SIGINT)
        output, messages = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 3, messages + output)
        report = json.loads(output)
        self.assertNotIn("failed", [check["outcome"] for check in report["parties"][0]["checks"]])
        self.assertGreater(report["parties"][0]["facts"]["delivered"], report["parties"][0]["facts"]["handled"] + 100)

    def test_one_that_crashes_does_not_take_the_others_with_it(self):
        second_crashes = f'if [ "$AUTOTAPE_CONSUMER" = 2 ]; then exec {MOSQUITTO_SUB} -C 100 >/dev/null; else exec "$@"; fi'
        report = self.judge("--rate", "max", "--consumers", "2", exit_code=4,
                            command=["sh", "-c", second_crashes, "sh", *SLOW])
        self.assertEqual([fault["consumer"] for fault in report["consumer_faults"]], [2])
        self.assertEqual(report["parties"][0]["party"], "consumer 1")
        self.assertNotEqual(self.outcome(report, "completeness"), "failed")


class HeldBack(TestCommandCase):
    """A fault that holds bytes back, and that nothing ends, is not the consumer's."""

    def story(self, name, replay, *faults):
        path = self.folder / f"{name}.yaml"
        path.write_text(f"version: 1\nname: {name}\ntape: {COMMUTE}\nreplay: {replay}\nfaults:\n"
                        + "".join(f"- {fault}\n" for fault in faults) + "expect: {completeness: required}\n")
        return path

    def test_a_correct_consumer_passes_what_is_lifted_at_the_end(self):
        pause = "{after_deliveries: 20, fault: pause, client: consumer}"
        stories = [
            self.story("no-resume", "{rate: max, duration: 30s}", pause),
            self.story("resume-never-reached", "{rate: max, duration: 30s}", pause, "{at: 1min, fault: resume}"),
            self.story("resume-after-the-end", "{rate: 10, duration: 30s}", "{at: 20s, fault: pause, client: consumer}",
                       "{at: 70s, fault: resume, client: consumer}"),
            self.story("acknowledgements-of-the-replay", "{rate: 60, duration: 60s}", "{at: 58s, fault: pause}"),
            self.story("replay-stands-still", "{rate: max}", "{after_deliveries: 20, fault: pause}"),
            self.story("a-trickle", "{rate: max, duration: 30s}",
                       "{after_deliveries: 20, fault: bandwidth, client: consumer, bytes_per_second: 10}"),
        ]
        finished = autotape("test", *stories, "--jobs", "3", "--hang-timeout", "2s", "--json", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 0, finished.messages + finished.output)
        notes = {report["name"]: [note.split(": {")[0] for note in report["notes"]]
                 for report in json.loads(finished.output)}
        lifted = "fault 1 was still on when the stream had ended, and was lifted then"
        self.assertEqual(notes, {
            "no-resume": [lifted],
            "resume-never-reached": [lifted, "fault 2 did not strike, since the stream ended before"],
            "resume-after-the-end": [],
            "acknowledgements-of-the-replay": [lifted],
            "replay-stands-still": ["fault 1 was still on when the replay could not go on, and was lifted then"],
            "a-trickle": [lifted]})

    def test_one_that_takes_nothing_afterwards_fails(self):
        story = self.story("no-resume", "{rate: max, duration: 30s}",
                           "{after_deliveries: 20, fault: pause, client: consumer}")
        hangs = derived("import time\n"
                        "class Hangs(Consumer):\n"
                        "    count = 0\n"
                        "    def on_message(self, *message):\n"
                        "        self.count += 1\n"
                        "        time.sleep(1000 if self.count > 22 else 0); super().on_message(*message)\n"
                        "Hangs().run()")
        finished = autotape("test", story, "--hang-timeout", "2s", "--stop-timeout", "0s", "--json", "--", *hangs)
        self.assertEqual(finished.exit_code, 4, finished.messages + finished.output)
        fault, = json.loads(finished.output)["consumer_faults"]
        self.assertRegex(fault["fault"], "took nothing for 2 s, with 3. messages not acknowledged")

    def test_one_whose_certificate_expired_cannot_come_back_and_what_was_required_is_unknown(self):
        expire = "{after_deliveries: 20, fault: expire, client: consumer}"
        finished = autotape("test", self.story("expired", "{rate: max, duration: 30s}", expire),
                            "--hang-timeout", "2s", "--json", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 7, finished.messages + finished.output)
        report = json.loads(finished.output)
        self.assertEqual((self.outcome(report, "completeness"), report["consumer_faults"]), ("unknown", []))
        self.assertIn("consumer 1 could not come back for the rest of the stream", report["notes"][0])


class Interrupted(TestCommandCase):
    """Ctrl-C ends a run soon, whatever it waits for."""
    SOON = 20  # seconds; what is waited for takes longer

    def interrupt(self, *arguments, when):
        run = popen_bound([AUTOTAPE, "test", *arguments, "--json", "--out", self.folder / "run", "--", *CORRECT],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        wait_until((self.folder / "run/consumer-1" / when).exists, "the run goes on")
        run.send_signal(signal.SIGINT)
        output, messages = run.communicate(timeout=self.SOON)
        self.assertTrue(json.loads(output)["interrupted"], messages)

    def test_while_the_connections_are_paused_and_a_takeover_goes_on(self):
        story = self.folder / "story.yaml"
        story.write_text(f"version: 1\nname: story\ntape: {COMMUTE}\nfaults:\n"
                         "- {after_deliveries: 2, fault: pause}\n"
                         "- {after_deliveries: 3, consumer: takeover, for: 10min}\n")
        self.interrupt(story, when="output-2.log")

    def test_while_the_consumer_is_asked_for_its_state(self):
        self.interrupt(COMMUTE, "--rate", "max", "--state-command", "sleep 60", when="state-command")


if __name__ == "__main__":
    unittest.main()
