#!/usr/bin/python3
"""autotape test: real broker, real consumers, and the verdict."""
import json
import shlex
import signal
import subprocess
import unittest

from bound_process import popen_bound
from consumers import CORRECT, piped, remembers, wrong
from places import COMMUTE, ROOT
from program import AUTOTAPE, autotape
from test_command_case import DUPLICATES, TestCommandCase
from waiting import wait_until


class Verdicts(TestCommandCase):
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

    def test_a_connection_that_is_cut_while_the_consumer_is_away_is_cut_when_it_is_back(self):
        story = self.folder / "cut.yaml"
        story.write_text(f"version: 1\nname: cut\ntape: {COMMUTE}\nreplay: {{rate: max}}\nfaults:\n"
                         "- {after_deliveries: 200, fault: disconnect, client: consumer}\n"
                         "- {after_deliveries: 200, fault: cut, client: consumer, after_bytes: 3000}\n")
        finished = autotape("test", story, "--out", self.folder / "run", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 0, finished.messages + finished.output)
        events = [json.loads(line) for line in (self.folder / "run" / "events.ndjson").read_text().splitlines()]
        self.assertEqual(sum(event["event"] == "connected" and event["role"] == "consumer" for event in events), 3)

    def test_a_consumer_that_a_fault_keeps_away_is_not_blamed_for_it(self):
        # Longer than the hang timeout; paho tries again after 1, 3 and 7 s.
        stories = {"stopped": "- {after_deliveries: 2, consumer: stop, for: 7s}\n",
                   "refused": "- {after_deliveries: 2, fault: refuse, client: consumer, for: 6500ms}\n"
                              "- {after_deliveries: 2, fault: disconnect, client: consumer}\n"}
        for name, faults in stories.items():
            (self.folder / f"{name}.yaml").write_text(f"version: 1\nname: {name}\ntape: {COMMUTE}\n"
                                                      f"replay: {{rate: 1, duration: 2s}}\nfaults:\n{faults}")
        finished = autotape("test", *(self.folder / f"{name}.yaml" for name in stories), "--jobs", "2",
                            "--hang-timeout", "6s", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 0, finished.messages + finished.output)

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

    def test_a_test_that_played_nothing_is_unknown(self):
        report = self.judge("--rate", "max", "--include", "nothing/#", command=CORRECT, exit_code=7)
        self.assertEqual(report["outcome"], "unknown")
        self.assertIn("consumer: nothing was delivered", report["notes"])

    def test_a_message_id_may_be_any_text(self):
        lines = COMMUTE.read_text().splitlines(keepends=True)
        tape = self.folder / "ids.ndjson"
        ids = ["two words", "é", "x" * 200, 'a "quote" and a \\', "plain"]
        records = [json.loads(line) for line in lines[1:1 + len(ids)]]
        for record, message_id in zip(records, ids):
            record["payload"] = json.dumps({**json.loads(record["payload"]), "message_id": message_id},
                                           ensure_ascii=len(message_id) > 10)
        tape.write_text(lines[0] + "".join(json.dumps(record) + "\n" for record in records))
        finished = autotape("test", tape, "--rate", "max", "--duplicate", "100%", "--check", "dedup", "--", *CORRECT)
        self.assertEqual(finished.exit_code, 0, finished.output)

    def test_observations_may_come_on_standard_output_and_through_a_pipe(self):
        jq = "jq -c --unbuffered '{message_id}'"
        report = self.judge("--rate", "500/s", "--observations", "stdout",
                           command=piped(jq), exit_code=0)
        self.assertEqual(self.outcome(report, "completeness"), "passed")
        report = self.judge("--rate", "500/s", "--observations", "pipe",
                           command=piped(f"{jq} > $AUTOTAPE_OBSERVATIONS"), exit_code=0)
        self.assertEqual(self.outcome(report, "completeness"), "passed")

    def test_the_consumer_is_told_the_rate_and_the_application(self):
        said = self.folder / "said"
        script = f"echo $AUTOTAPE_RATE $AUTOTAPE_APP_ID $AUTOTAPE_TOPIC {{rate}} {{app_id}} >{said}; exec \"$@\""
        self.judge("--rate", "600/s", command=["sh", "-c", script, "sh", *CORRECT], exit_code=0)
        rate, app_id, topic, *same = said.read_text().split()
        self.assertEqual(rate, "600/s")
        self.assertEqual(topic.split("/")[2], app_id)
        self.assertEqual(same, [rate, app_id])

    def test_two_consumers_have_bundles_of_their_own_and_are_judged_each_or_together(self):
        report = self.judge(*DUPLICATES, "--consumers", "2", command=CORRECT, exit_code=0)
        self.assertEqual([party["party"] for party in report["parties"]], ["consumer 1", "consumer 2"])
        report = self.judge(*DUPLICATES, "--consumers", "2", "--expect", "parties=together",
                           command=CORRECT, exit_code=4)
        self.assertEqual(self.finding(report, "dedup")["kind"], "duplicated")

    def test_one_that_fails_early_keeps_the_stream_from_the_others_and_that_is_said(self):
        second_fails = 'if [ "$AUTOTAPE_CONSUMER" = 2 ]; then exit 0; else exec "$@"; fi'
        report = self.judge("--rate", "max", "--consumers", "2", exit_code=4,
                            command=["sh", "-c", second_fails, "sh", *CORRECT])
        self.assertEqual([fault["consumer"] for fault in report["consumer_faults"]], [2])
        self.assertIn("consumer 1: nothing was delivered, since consumer 2 had failed before the stream was played",
                      report["notes"])

    def test_a_counterexample_is_of_its_own_consumer_alone(self):
        only_the_second_forgets = remembers('(0 if __import__("os").environ["AUTOTAPE_CONSUMER"] == "2" else 100000)')
        report = self.judge(*DUPLICATES, "--consumers", "2", "--observations", "stdout",
                            command=only_the_second_forgets, exit_code=4)
        self.assertEqual(report.get("consumer_faults", []), [])
        first, second = report["parties"]
        self.assertEqual(first["outcome"], "passed", [first["checks"], first["facts"], report["notes"]])
        example, = second["counterexamples"]
        told = [entry for entry in example["timeline"] if entry["what"] not in ("sent", "fault")]
        self.assertEqual(len(told), 6)
        for entry in told:
            self.assertIn("consumer 2", entry["detail"])


class Metamorphic(TestCommandCase):
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


class ManyScenarios(TestCommandCase):
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

    def test_a_folder_that_is_taken_is_told_before_any_is_played(self):
        taken = self.folder / "runs" / "commute-2"
        taken.mkdir(parents=True)
        (taken / "file").touch()
        finished = autotape("test", COMMUTE, COMMUTE, "--rate", "max", "--out", taken.parent, "--", *CORRECT)
        self.assertEqual((finished.exit_code, finished.output), (5, ""))
        self.assertIn("commute-2: is not empty", finished.messages)

    def test_what_was_judged_before_a_run_that_cannot_be_made_is_reported(self):
        runs, junit = self.folder / "runs", self.folder / "report.xml"
        consumer = shlex.join(str(word) for word in CORRECT)
        finished = autotape("test", COMMUTE, COMMUTE, "--rate", "max", "--out", runs, "--json", "--junit", junit, "--",
                            "sh", "-c", f"mkdir -p {runs}/commute-2; touch {runs}/commute-2/file; exec {consumer}")
        self.assertEqual(finished.exit_code, 5, finished.messages)
        self.assertIn("commute-2: is not empty", finished.messages)
        self.assertEqual(json.loads(finished.output)["outcome"], "passed")
        self.assertIn("commute", junit.read_text())

    def test_a_stage_that_touches_nothing_is_warned_of(self):
        scenario = self.folder / "idle.yaml"
        scenario.write_text(f"version: 1\nname: idle\ntape: {COMMUTE}\nreplay: {{rate: max}}\n"
                            "shape: [{stage: duplicate, match: {car: NOSUCHCAR}}]\n")
        finished = autotape("test", scenario, "--", *CORRECT)
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertIn("warning: stage 1 (duplicate) touched no message", finished.messages)

    def test_an_interrupted_series_says_what_was_not_played(self):
        runs = self.folder / "runs"
        run = popen_bound([AUTOTAPE, "test", COMMUTE, COMMUTE, "--rate", "10", "--out", runs, "--", *CORRECT],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(run.kill)
        wait_until((runs / "commute/ledger.ndjson").exists, "the first is played")
        run.send_signal(signal.SIGINT)
        output, messages = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 3, output)
        self.assertIn(b"interrupted: 1 of 2 runs were not begun", messages)


if __name__ == "__main__":
    unittest.main()
