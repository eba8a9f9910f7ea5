#!/usr/bin/python3
"""The consumers that may be copied are right, in V1 and V2, and so is mosquitto_sub with jq."""
import json
import os
import pathlib
import sys
import unittest

from consumers import CORRECT, MOSQUITTO_SUB, derived, piped
from places import ROOT, SCENARIOS
from program import autotape

CONSUMERS = ROOT / "fixtures/consumers"
NODE_MODULES = pathlib.Path(os.environ["AUTOTAPE_NODE_CLIENTS"]) / "node_modules"
JAVASCRIPT = ["env", f"NODE_PATH={NODE_MODULES}", "node", CONSUMERS / "javascript/consumer.js"]
CPP = [os.environ["AUTOTAPE_CPP_CONSUMER"]]
LONGEST = 150  # lines: one that is to be copied must be read first


def scenarios(*names):
    return [SCENARIOS / f"{name}.yaml" for name in names]


class ConsumerTest(unittest.TestCase):
    def play(self, *arguments, command):
        finished = autotape("test", *arguments, "--json", "--", *command)
        self.assertNotEqual(finished.output, "", finished.messages)
        reports = json.loads(finished.output)
        return finished.exit_code, reports if isinstance(reports, list) else [reports]

    def assert_passes(self, *arguments, command):
        exit_code, reports = self.play(*arguments, command=command)
        failed = [f"{report['name']}: {report['outcome']} {check['check']} {check['summary']} {check['findings'][:1]}"
                  for report in reports for party in report["parties"] for check in party["checks"]
                  if check["outcome"] in ("failed", "unknown")]
        failed += [f"{report['name']}: {fault}" for report in reports for fault in report["consumer_faults"]]
        self.assertEqual(exit_code, 0, failed)
        return reports


class Correct(ConsumerTest):
    HARD = scenarios("everything-at-once", "malformed-among-good", "consumer-killed", "duplicate-after-reconnect",
                     "list-property-interleaved", "clocks-go-back")

    def assert_is_worth_copying(self, command, source):
        self.assertLess(len(source.read_text().splitlines()), LONGEST)
        self.assert_passes(*self.HARD, "--rate", "max", "--jobs", "2", "--expect", "state=default",
                           "--expect", "order=default", command=command)
        self.assert_passes(SCENARIOS / "v2-commute.yaml", "--rate", "max", "--duplicate", "10%", "--reorder", "40",
                           "--check", "dedup", "--check", "state", command=command)

    def test_python(self):
        self.assert_is_worth_copying(CORRECT, CONSUMERS / "python/consumer.py")

    def test_javascript(self):
        self.assert_is_worth_copying(JAVASCRIPT, CONSUMERS / "javascript/consumer.js")

    def test_cpp(self):
        self.assert_is_worth_copying(CPP, CONSUMERS / "cpp/consumer.cpp")

    def test_a_line_that_a_kill_tore_costs_nothing(self):
        torn = """printf '{"message_id": "torn' >> "$AUTOTAPE_OBSERVATIONS"; exec "$0" "$@" """
        for command in (CORRECT, JAVASCRIPT, CPP):
            with self.subTest(str(command[-1])):
                self.assert_passes(SCENARIOS / "consumer-restart.yaml", "--rate", "max", command=["sh", "-c", torn, *command])

    def test_python_as_two_replicas_that_share_their_memory(self):
        self.assert_passes(SCENARIOS / "two-replicas.yaml", "--rate", "max",
                           command=[sys.executable, CONSUMERS / "python/replica.py"])


class MosquittoSub(ConsumerTest):
    JQ = "jq -c --unbuffered '{message_id}'"

    def test_with_jq_it_handles_every_message_of_v1_and_v2(self):
        for name in ("clean-commute", "v2-commute"):
            self.assert_passes(SCENARIOS / f"{name}.yaml", "--rate", "500/s", "--observations", "stdout",
                               "--expect", "dedup=off", command=piped(self.JQ))

    def test_and_it_knows_no_duplicates(self):
        exit_code, reports = self.play(SCENARIOS / "duplicate-now.yaml", "--rate", "500/s", "--observations", "stdout",
                                       command=piped(self.JQ))
        self.assertEqual(exit_code, 4)
        check, = [check for check in reports[0]["parties"][0]["checks"] if check["outcome"] == "failed"]
        self.assertEqual(check["check"], "dedup")


class Late(ConsumerTest):
    """What was acknowledged before it was observed is waited for, and what is no observation is not."""

    def test_a_filter_that_reads_late_has_lost_nothing(self):
        late = ("import json, sys, time\n"
                "for number, line in enumerate(sys.stdin, 1):\n"
                "    if number == 1300: time.sleep(0.6)\n"
                "    print(json.dumps({'message_id': json.loads(line)['message_id']}), flush=True)\n")
        self.assert_passes(SCENARIOS / "clean-commute.yaml", "--rate", "max", "--observations", "stdout",
                           command=["sh", "-c", f'{MOSQUITTO_SUB} | "$0" -S -c "$1"', sys.executable, late])

    def test_a_heartbeat_in_json_is_no_observation(self):
        talks = derived("import json, os, threading, time\n"
                        "def say(line): os.write(1, json.dumps(line).encode() + b'\\n')\n"
                        "def beat():\n"
                        "    while True: say({'level': 'info', 'message': 'alive'}); time.sleep(0.1)\n"
                        "class Talks(Consumer):\n"
                        "    def write(self, line): super().write(line); say(line)\n"
                        "threading.Thread(target=beat, daemon=True).start()\n"
                        "Talks(os.environ['AUTOTAPE_FOLDER'] + '/journal').run()")
        report, = self.assert_passes(SCENARIOS / "clean-commute.yaml", "--rate", "max", "--observations", "stdout",
                                     "--hang-timeout", "1s", command=talks)
        self.assertGreater(report["parties"][0]["facts"]["unreadable_lines"], 0)


class Channels(ConsumerTest):
    def test_observations_may_be_posted(self):
        post = ("import http.client, json, os, sys, urllib.parse\n"
                "where = urllib.parse.urlparse(os.environ['AUTOTAPE_OBSERVATIONS_URL']).netloc\n"
                "connection = http.client.HTTPConnection(where)\n"
                "for line in sys.stdin:\n"
                "    connection.request('POST', '/', json.dumps({'message_id': json.loads(line)['message_id']}))\n"
                "    assert connection.getresponse().read() == b''\n")
        self.assert_passes(SCENARIOS / "clean-commute.yaml", "--rate", "500/s", "--observations", "http",
                           command=[*piped('"$0" -c "$1"'), sys.executable, post])

    def test_a_state_command_speaks_for_a_consumer_that_has_a_database(self):
        consumer = derived("import os, json, sqlite3\n"
                           "class Stored(Consumer):\n"
                           "    def write(self, line):\n"
                           "        database = sqlite3.connect(os.environ['AUTOTAPE_FOLDER'] + '/state.db')\n"
                           "        database.execute('create table if not exists state (key text primary key, line text)')\n"
                           "        for reading in line.get('readings', []):\n"
                           "            if reading['applied']:\n"
                           "                database.execute('insert or replace into state values (?, ?)',\n"
                           "                                 (str(self.key(reading)), json.dumps({'state': reading})))\n"
                           "        database.commit()\n"
                           "        super().write({'message_id': line['message_id']})\n"
                           "Stored().run()")
        query = ("import os, sqlite3\n"
                 "for line, in sqlite3.connect(os.environ['AUTOTAPE_FOLDER'] + '/state.db').execute('select line from state'):\n"
                 "    print(line)\n")
        report, = self.assert_passes(ROOT / "fixtures/tapes/clocks-go-back.ndjson", "--rate", "max", "--check", "state",
                                     "--state-command", f'{sys.executable} -c "{query}"',
                                     command=consumer)
        self.assertEqual(report["parties"][0]["facts"]["state_lines"], 2)


if __name__ == "__main__":
    unittest.main()
