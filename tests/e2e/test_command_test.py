#!/usr/bin/python3
"""autotape test and verify: real broker, real consumers, and the verdict."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

from program import AUTOTAPE, autotape

ROOT = pathlib.Path(__file__).parents[2]
COMMUTE = ROOT / "fixtures/tapes/commute.ndjson"
CORRECT = [sys.executable, ROOT / "fixtures/consumers/python/consumer.py"]
DUPLICATES = ("--rate", "max", "--duplicate", "10%", "--reorder", "5")


def wrong(name):
    return [sys.executable, ROOT / "fixtures/consumers/wrong" / f"{name}.py"]


class TestCommand(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def judge(self, *options, command, exit_code):
        """Runs a test of the commute and gives its report."""
        finished = autotape("test", COMMUTE, "--json", *options, "--", *command)
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)

    def outcome(self, report, check):
        return {one["check"]: one["outcome"] for one in report["parties"][0]["checks"]}[check]

    def wait_until(self, holds):
        deadline = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), deadline, "it did not come to pass")
            os.sched_yield()
            time.sleep(0.02)

    def finding(self, report, check):
        return next(one["findings"][0] for one in report["parties"][0]["checks"] if one["check"] == check)


class Verdicts(TestCommand):
    def test_a_correct_consumer_passes(self):
        report = self.judge(*DUPLICATES, "--check", "dedup", "--check", "completeness", command=CORRECT, exit_code=0)
        self.assertEqual(self.outcome(report, "completeness"), "passed")
        self.assertEqual(self.outcome(report, "dedup"), "passed")
        facts = report["parties"][0]["facts"]
        self.assertEqual(facts["messages"], 1330)
        self.assertGreater(facts["duplicates"], 50)

    def test_one_that_does_not_dedup_fails_with_the_first_message_named_and_its_story(self):
        report = self.judge(*DUPLICATES, command=wrong("no_dedup"), exit_code=4)
        self.assertEqual(self.outcome(report, "dedup"), "failed")
        message_id = self.finding(report, "dedup")["message_id"]
        self.assertIn(message_id, COMMUTE.read_text())
        example, = report["parties"][0]["counterexamples"]
        story = [entry["what"] for entry in example["timeline"]]
        self.assertEqual(sorted(story), ["acknowledged", "acknowledged", "delivered", "delivered",
                                         "observed", "observed", "sent", "sent"])

    def test_what_the_broker_may_have_lost_is_not_the_consumers(self):
        run = self.folder / "run"
        self.judge("--rate", "max", "-o", run, command=CORRECT, exit_code=0)
        observations = run / "observations.ndjson"
        observations.write_text("".join(observations.read_text().splitlines(True)[:-100]))
        lost = autotape("verify", run, "--json")
        self.assertEqual(lost.exit_code, 4, lost.messages)
        with (run / "events.ndjson").open("a") as events:
            events.write('{"time":"2026-01-02T03:04:05Z","event":"possible_loss","detail":"Mosquitto ended on its own"}\n')
        unclear = autotape("verify", run, "--json")
        self.assertEqual(unclear.exit_code, 7, unclear.messages)
        self.assertIn("Mosquitto ended on its own", unclear.output)

    def test_the_last_arrival_must_not_win(self):
        options = ("--rate", "max", "--reorder", "20", "--check", "order", "--check", "state")
        self.assertEqual(self.judge(*options, command=CORRECT, exit_code=0)["outcome"], "passed")
        report = self.judge(*options, command=wrong("last_arrival_wins"), exit_code=4)
        self.assertEqual(self.finding(report, "order")["kind"], "reordered")

    def test_a_check_that_nothing_exercised_is_unknown_if_it_was_asked_for(self):
        report = self.judge("--rate", "max", "--check", "dedup", command=CORRECT, exit_code=7)
        self.assertEqual(self.outcome(report, "dedup"), "unknown")
        report = self.judge("--rate", "max", command=CORRECT, exit_code=0)
        self.assertEqual(self.outcome(report, "dedup"), "unexercised")

    def test_observations_may_come_on_standard_output_and_through_a_pipe(self):
        shell = ("exec mosquitto_sub -c -q 1 -h {host} -p {port} --cafile {ca_file} --cert {cert_file}"
                 " --key {key_file} -i {client_id} -t {topic}")
        jq = "jq -c --unbuffered '{message_id}'"
        report = self.judge("--rate", "200/s", "--observations", "stdout",
                           command=["sh", "-c", f"({shell}) | {jq}"], exit_code=0)
        self.assertEqual(self.outcome(report, "completeness"), "passed")
        report = self.judge("--rate", "200/s", "--observations", "pipe",
                           command=["sh", "-c", f"({shell}) | {jq} > $AUTOTAPE_OBSERVATIONS"], exit_code=0)
        self.assertEqual(self.outcome(report, "completeness"), "passed")

    def test_two_consumers_have_bundles_of_their_own_and_are_judged_each_or_together(self):
        report = self.judge(*DUPLICATES, "--consumers", "2", command=CORRECT, exit_code=0)
        self.assertEqual([party["party"] for party in report["parties"]], ["consumer 1", "consumer 2"])
        report = self.judge(*DUPLICATES, "--consumers", "2", "--expect", "parties=together",
                           command=CORRECT, exit_code=4)
        self.assertEqual(self.finding(report, "dedup")["kind"], "duplicated")


class Metamorphic(TestCommand):
    OPTIONS = ("--rate", "max", "--reorder", "200", "--check", "metamorphic")

    def test_the_consumer_must_end_as_it_does_after_the_clean_stream(self):
        run = self.folder / "run"
        report = self.judge(*self.OPTIONS, "--out", run, command=CORRECT, exit_code=0)
        self.assertEqual(self.outcome(report, "metamorphic"), "passed")
        self.assertEqual(json.loads((run / "clean/manifest.json").read_text())["sent"], 1330)
        report = self.judge(*self.OPTIONS, command=wrong("last_arrival_wins"), exit_code=4)
        self.assertEqual(self.finding(report, "metamorphic")["kind"], "stale")

    def test_a_stream_that_is_clean_itself_proves_nothing(self):
        report = self.judge("--rate", "max", "--check", "metamorphic", command=CORRECT, exit_code=7)
        self.assertEqual(self.outcome(report, "metamorphic"), "unknown")


class ManyScenarios(TestCommand):
    def test_each_has_a_report_and_a_folder_whatever_the_order_in_which_they_end(self):
        names = ["duplicate-now", "clean-commute", "v2-commute"]
        scenarios = [ROOT / f"scenarios/{name}.yaml" for name in names]
        runs, page = self.folder / "runs", self.folder / "report.html"
        finished = autotape("test", *scenarios, scenarios[1], "--jobs", "2", "--rate", "max", "--out", runs,
                            "--html", page, "--", *wrong("no_dedup"))
        self.assertEqual(finished.exit_code, 4, finished.messages)
        headings = [line.split()[1] for line in finished.lines if line.startswith(("PASSED", "FAILED"))]
        self.assertEqual(headings, [*names, "clean-commute"])
        self.assertEqual(finished.lines[-1], "4 runs: 2 passed; 2 failed (duplicate-now, v2-commute)")
        self.assertEqual(sorted(run.name for run in runs.iterdir()), sorted([*names, "clean-commute-2"]))
        self.assertEqual(page.read_text().count("<h2"), 4)
        again = autotape("verify", *(runs / name for name in names), "--json")
        self.assertEqual([report["outcome"] for report in json.loads(again.output)], ["failed", "passed", "failed"])

    def test_a_scenario_that_is_none_is_told_before_any_is_played(self):
        finished = autotape("test", COMMUTE, "no-such.yaml", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 5)
        self.assertEqual(finished.output, "")

    def test_an_interrupted_series_says_what_was_not_played(self):
        runs = self.folder / "runs"
        run = subprocess.Popen([AUTOTAPE, "test", COMMUTE, COMMUTE, "--rate", "10", "--out", runs, "--", *CORRECT],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        self.wait_until((runs / "commute/ledger.ndjson").exists)
        run.send_signal(signal.SIGINT)
        output, messages = run.communicate(timeout=60)
        self.assertNotEqual(run.returncode, 0, output)
        self.assertIn(b"interrupted: 1 of 2 runs were not begun", messages)


class BadConsumers(TestCommand):
    def fault(self, *options, command):
        report = self.judge(*options, command=command, exit_code=4)
        fault, = report["consumer_faults"]
        return fault

    def test_one_that_dies_before_it_subscribes(self):
        fault = self.fault("--rate", "max", command=["sh", "-c", "echo no luck >&2; exit 3"])
        self.assertEqual(fault["fault"], "exited with 3 before it had subscribed")
        self.assertIn("no luck", fault["output_tail"])

    def test_one_that_dies_while_the_stream_is_played(self):
        fault = self.fault("--rate", "max", command=[
            "sh", "-c", "timeout -s KILL 60 mosquitto_sub -q 1 -h {host} -p {port} --cafile {ca_file}"
            " --cert {cert_file} --key {key_file} -i {client_id} -t {topic} -C 10 >/dev/null"])
        self.assertIn("exited with 0", fault["fault"])

    def test_one_that_never_subscribes(self):
        fault = self.fault("--rate", "max", "--start-timeout", "1s", command=["sleep", "1000"])
        self.assertEqual(fault["fault"], "did not subscribe within 1 s")

    def test_one_that_the_broker_refuses_and_why(self):
        fault = self.fault("--rate", "max", "--start-timeout", "2s", command=[
            "mosquitto_sub", "-q", "1", "-h", "{host}", "-p", "{port}", "--cafile", "{ca_file}", "--cert",
            "{cert_file}", "--key", "{key_file}", "-i", "somebody", "-t", "{topic}"])
        self.assertIn("before it had subscribed", fault["fault"])

    def test_one_that_hangs(self):
        script = ("import os, sys, time, signal; sys.path.insert(0, {path!r}); from consumer import Consumer\n"
                  "class Hangs(Consumer):\n"
                  "    def on_message(self, *_): time.sleep(1000)\n"
                  "Hangs().run()").format(path=str(ROOT / "fixtures/consumers/python"))
        fault = self.fault("--rate", "max", "--hang-timeout", "2s", "--stop-timeout", "0s",
                           command=[sys.executable, "-c", script])
        self.assertRegex(fault["fault"], "took nothing for 2 s, with .* messages not acknowledged")

    def test_one_that_floods(self):
        script = ("import os, sys; sys.path.insert(0, {path!r}); from consumer import Consumer\n"
                  "class Floods(Consumer):\n"
                  "    def on_message(self, *_):\n"
                  "        while True: self.journal.write(b'{{}}\\n' * 10000)\n"
                  "Floods().run()").format(path=str(ROOT / "fixtures/consumers/python"))
        fault = self.fault("--rate", "max", "--stop-timeout", "0s", command=[sys.executable, "-c", script])
        self.assertRegex(fault["fault"], "wrote more than .* observations")

    def test_one_that_does_not_come_to_rest(self):
        script = ("import os, sys, threading, time; sys.path.insert(0, {path!r}); from consumer import Consumer\n"
                  "class Restless(Consumer):\n"
                  "    def talk(self):\n"
                  "        while True: self.write({{'nothing': 'new'}}); time.sleep(0.05)\n"
                  "consumer = Restless()\n"
                  "threading.Thread(target=consumer.talk, daemon=True).start()\n"
                  "consumer.run()").format(path=str(ROOT / "fixtures/consumers/python"))
        fault = self.fault("--rate", "max", "--hang-timeout", "1s", command=[sys.executable, "-c", script])
        self.assertEqual(fault["fault"], "still wrote observations 1 s after it had acknowledged all")

    def test_a_command_that_is_none_is_wrong_usage(self):
        finished = autotape("test", COMMUTE, "--", "no-such-program-of-ours")
        self.assertEqual(finished.exit_code, 2)
        self.assertIn("no-such-program-of-ours: there is no such program", finished.messages)

    def test_a_tape_that_is_none_is_told_before_anything_is_started(self):
        finished = autotape("test", "no-such-tape.ndjson", "--", "true")
        self.assertEqual(finished.exit_code, 5)


class Evidence(TestCommand):
    def test_what_a_torn_tape_lost_is_said(self):
        torn = self.folder / "torn.ndjson"
        torn.write_bytes(COMMUTE.read_bytes()[:-30])
        finished = autotape("test", torn, "--rate", "max", "--json", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertIn("the last record is torn", json.loads(finished.output)["notes"][0])

    def test_verify_gives_the_same_verdict_from_the_folder_alone(self):
        run = self.folder / "run"
        self.judge(*DUPLICATES, "--out", run, command=wrong("no_dedup"), exit_code=4)
        moved = self.folder / "moved"
        run.rename(moved)
        finished = autotape("verify", moved, "--json")
        self.assertEqual(finished.exit_code, 4)
        self.assertEqual(json.loads(finished.output), json.loads((moved / "verdict.json").read_text()))

    def test_evidence_that_was_changed_is_told(self):
        run = self.folder / "run"
        self.judge("--rate", "max", "--out", run, command=CORRECT, exit_code=0)
        self.assertEqual(json.loads(autotape("verify", run, "--json").output)["notes"], [])
        log = run / "observations.ndjson"
        lines = log.read_text().splitlines(keepends=True)
        log.write_text("".join(lines[1:]))
        finished = autotape("verify", run)
        self.assertEqual(finished.exit_code, 4)
        self.assertIn("observations.ndjson is not as the run left it", finished.output)
        self.assertIn("1 of 1,330 messages broken", finished.output)

    def test_junit_has_a_case_for_each_check_and_an_error_for_an_unknown_one(self):
        junit = self.folder / "junit.xml"
        self.judge("--rate", "max", "--check", "dedup", "--junit", junit, command=CORRECT, exit_code=7)
        suite, = ElementTree.parse(junit).getroot()
        cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
        self.assertEqual(cases, {"completeness": [], "dedup": ["error"]})

    def test_a_folder_that_is_no_run_and_one_that_is_taken(self):
        self.assertEqual(autotape("verify", self.folder).exit_code, 5)
        (self.folder / "mine").touch()
        finished = autotape("test", COMMUTE, "--out", self.folder, "--", "true")
        self.assertEqual(finished.exit_code, 5)
        self.assertIn("is not empty", finished.messages)


class Leftovers(TestCommand):
    def test_a_test_that_is_killed_leaves_no_process_behind(self):
        marker = self.folder / "pid"
        run = subprocess.Popen([AUTOTAPE, "test", COMMUTE, "--", "sh", "-c",
                                f"(setsid sleep 1234 & echo $! > {marker}.part; mv {marker}.part {marker}); sleep 1234"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_until(marker.exists)
        pid = int(marker.read_text())
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.wait_until(lambda: not self.is_running(pid))

    def is_running(self, pid):
        try:
            return ") Z" not in pathlib.Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
