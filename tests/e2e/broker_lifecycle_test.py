#!/usr/bin/python3
"""autotape broker up, status and down: what is made, what is refused, and that nothing is left behind."""
import datetime
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

from bound_process import popen_bound
from clients import PahoClient
from mock_broker import APP_ID, MockBroker
from places import COMMUTE
from program import AUTOTAPE, autotape
from running_program import RunningAutotape
from waiting import TIMEOUT, wait_until

USAGE, FILE, CONNECTION = 2, 5, 6
COMMUTE_MESSAGE = json.loads(COMMUTE.read_text().splitlines()[1])


def processes_of(directory) -> list[int]:
    """Whatever works in this directory or was started for it."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        try:
            if process.name.isdigit() and os.readlink(process / "cwd").startswith(str(directory)):
                found.append(int(process.name))
        except OSError:
            pass
    return found


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="autotape-lifecycle-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.broker = MockBroker(folder=self.folder)
        self.addCleanup(self.broker.end)


class Up(InFolder):
    def test_a_new_directory_gets_one_bundle_of_the_providers_form_and_private_keys(self):
        self.broker.up()
        certificates = list(self.folder.rglob("*-certificate.pem.crt"))
        self.assertEqual(len(certificates), 1)
        bundle = self.broker.bundle()
        self.assertEqual({file.name for file in bundle.folder.iterdir()},
                         {bundle.client_id + suffix for suffix in
                          ("-ca_certificates.pem", "-certificate.pem.crt", "-private.pem.key")})
        subject = subprocess.run(["openssl", "x509", "-noout", "-subject", "-in", certificates[0]],
                                 capture_output=True, text=True, check=True).stdout
        self.assertEqual(subject.strip(), f"subject=C = DE, CN = {APP_ID}")
        keys = list(self.folder.rglob("*.key"))
        self.assertEqual(len(keys), 5)
        for key in keys:
            self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600, key)

    def test_up_again_says_so_and_prints_the_same(self):
        self.broker.up()
        first = self.broker.command("up")
        again = self.broker.command("up", "--app-id", APP_ID)
        self.assertEqual((again.exit_code, again.output), (0, first.output))
        self.assertIn("already", again.messages)
        other = self.broker.command("up", "--app-id", "9FBBEDED80595912588FF4FF")
        self.assertEqual(other.exit_code, USAGE)
        self.assertIn("other settings", other.messages)

    def test_up_again_with_other_rules_names_them(self):
        self.broker.up()
        for options in (("--second-connection", "refuse"), ("--topic-filters", "5"), ("--client-id", "any"),
                        ("--events", "off"), ("--no-proxy",), ("--max-queued", "9"), ("--advertise", "h.example:1")):
            other = self.broker.command("up", *options)
            self.assertEqual(other.exit_code, USAGE, options)
            self.assertIn(f"already: {options[0]} ", other.messages)
        self.assertEqual(self.broker.command("up", "--topic-filters", "1").exit_code, 0)

    def test_an_event_log_that_cannot_be_written_any_more_is_told(self):
        self.broker.up()
        limit = 64 * 1024
        supervisor = self.broker.information["pid"]
        resource.prlimit(supervisor, resource.RLIMIT_FSIZE, (limit, limit))
        self.broker.publish([f"{number:0200}" for number in range(1000)])
        wait_until(lambda: "event_log_failure" in self.broker.status(), "the failure of the event log")
        said = self.broker.command("status")
        self.assertIn("the event log is not whole", said.messages)
        self.assertIn("events.ndjson", said.messages)
        self.assertNotEqual(said.exit_code, 0)

    def test_sessions_certificates_and_app_id_are_kept_from_run_to_run(self):
        self.broker.up()
        before = self.broker.bundle()
        with PahoClient(self.broker, before) as client:
            client.wait("connack")
            client.subscribe(self.broker.topic_filter)
        self.broker.wait("disconnected", client=before.client_id)
        self.broker.publish(["while away"])
        self.assertEqual(self.broker.down().exit_code, 0)
        self.broker.app_id = None  # the directory knows
        self.broker.up()
        self.assertEqual(self.broker.bundle(), before)
        with PahoClient(self.broker, before) as client:
            self.assertTrue(client.wait("connack")["sessionPresent"])
            self.assertEqual(client.wait("message")["message"], "while away")
            self.broker.wait("delivered", client=before.client_id, message=1)

    def test_only_loopback_is_listened_on(self):
        self.broker.up()
        ports = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout
        mine = [line.split()[3] for line in ports.splitlines() if line.split()[3].endswith(f":{self.broker.port}")]
        self.assertEqual(mine, [f"127.0.0.1:{self.broker.port}"])

    def test_who_connects_to_the_address_that_is_listened_on_finds_it_in_the_certificate(self):
        for address in ("127.0.0.2", "::1"):
            with self.subTest(address), MockBroker("--bind", address) as broker, \
                    PahoClient(broker, broker.bundle()) as client:
                self.assertEqual(broker.host, address)
                self.assertEqual(client.wait("connack")["connack"], 0)

    def test_bind_server_name_and_advertise(self):
        self.broker.options = ["--bind", "0.0.0.0", "--server-name", "192.0.2.1", "--server-name", "other.example",
                               "--advertise", "broker.example:18883"]
        self.broker.up()
        self.assertEqual((self.broker.host, self.broker.port), ("broker.example", 18883))
        names = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                                self.broker.directory / "server/server.pem"],
                               capture_output=True, text=True, check=True).stdout
        for name in ("DNS:broker.example", "DNS:other.example", "IP Address:192.0.2.1", "DNS:localhost"):
            self.assertIn(name, names)

    def test_without_the_proxy_mosquitto_listens_itself(self):
        self.broker.options = ["--no-proxy", "--events", "off"]
        self.broker.up()
        with PahoClient(self.broker, self.broker.bundle()) as client:
            client.wait("connack")
            client.subscribe(self.broker.topic_filter)
            self.broker.publish(["direct"])
            self.assertEqual(client.wait("message")["message"], "direct")
            wait_until(lambda: len(self.broker.status()["clients"]) == 1, "status shows the client")
        self.assertEqual([event["event"] for event in self.broker.events()], ["started"])

    def test_a_directory_with_a_long_path_and_blanks(self):
        self.broker.directory = self.folder / ("long " * 20) / ("path " * 20) / "broker"
        self.broker.up()
        printed = self.broker.command("up").output.replace("mosquitto_sub", "exec mosquitto_sub -C 1", 1)
        client = popen_bound(["sh", "-c", printed], stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.kill)
        self.broker.wait("subscribed")
        self.broker.publish(["quoted"])
        self.assertEqual(client.communicate(timeout=TIMEOUT)[0], "quoted\n")


class Refused(InFolder):
    def assert_refused(self, finished, code, *words):
        self.assertEqual(finished.exit_code, code, finished.messages)
        self.assertEqual(finished.messages.count("\n"), 1, finished.messages)
        for word in words:
            self.assertIn(word, finished.messages)
        wait_until(lambda: not processes_of(self.broker.directory), "nothing is left")

    def test_a_busy_port(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            for more in ((), ("--no-proxy",)):
                self.assert_refused(self.broker.command("up", "--port", port, *more), CONNECTION,
                                    f"127.0.0.1:{port}", "Address already in use")

    def test_a_directory_that_cannot_be_made(self):
        (self.folder / "file").write_text("")
        self.broker.directory = self.folder / "file" / "broker"
        self.assert_refused(self.broker.command("up", "--port", 0), FILE, "cannot make the state directory")

    def test_no_mosquitto(self):
        self.assert_refused(self.broker.command("up", "--port", 0, "--mosquitto", "/nowhere/mosquitto"), FILE,
                            "/nowhere/mosquitto", "install")

    def test_a_mosquitto_that_does_not_start(self):
        self.assert_refused(self.broker.command("up", "--port", 0, "--mosquitto", "/bin/false"), CONNECTION,
                            "did not start")

    def test_wrong_settings(self):
        for options in (("--app-id", "short"), ("--app-id", APP_ID.lower()), ("--topic-filters", 0),
                        ("--bind", "nowhere"), ("--advertise", "nowhere"), ("--advertise", "h.example:99999"), ("--message-size-limit", "much"),
                        ("--stream", "v2", "--app-id", APP_ID)):
            with self.subTest(options):
                self.assertEqual(self.broker.command("up", "--port", 0, *options).exit_code, USAGE)

    def test_a_damaged_state_directory(self):
        self.broker.up()
        self.broker.down()
        (self.broker.directory / "broker.json").write_text("{")
        self.assert_refused(self.broker.command("up", "--port", 0), FILE, "broker.json")


class Status(InFolder):
    def test_where_no_broker_runs(self):
        finished = self.broker.command("status", "--json")
        self.assertEqual(finished.exit_code, 0)
        self.assertIs(json.loads(finished.output)["running"], False)
        self.assertEqual(self.broker.down().exit_code, 0)
        self.assertEqual(self.broker.command("fault", "disconnect").exit_code, CONNECTION)


class Ending(InFolder):
    def test_down_leaves_no_process_and_no_port(self):
        self.broker.up()
        self.assertEqual(len(processes_of(self.broker.directory)), 2)
        self.assertEqual(self.broker.down().exit_code, 0)
        self.assertEqual(processes_of(self.broker.directory), [])
        self.assertFalse(listens(self.broker.port))

    def test_a_killed_supervisor_takes_mosquitto_with_it_and_the_next_up_works(self):
        self.broker.up()
        os.kill(self.broker.status()["pid"], signal.SIGKILL)
        wait_until(lambda: not processes_of(self.broker.directory), "mosquitto is gone too")
        self.assertIs(self.broker.status()["running"], False)
        self.broker.up()
        self.broker.wait("possible_loss")
        with PahoClient(self.broker, self.broker.bundle()) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)

    def test_sigterm_is_as_good_as_down(self):
        self.broker.up()
        os.kill(self.broker.status()["pid"], signal.SIGTERM)
        wait_until(lambda: not processes_of(self.broker.directory), "ended")
        self.broker.up()
        self.assertEqual([e["event"] for e in self.broker.events()], ["started"])

    def test_a_mosquitto_that_dies_is_told_as_possible_loss_and_started_again(self):
        self.broker.up()
        os.kill(self.broker.status()["mosquitto_pid"], signal.SIGKILL)
        self.broker.wait("died")
        self.broker.wait("possible_loss")
        self.broker.wait("started", count=2)
        with PahoClient(self.broker, self.broker.bundle()) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)


class Owned(InFolder):
    """A broker that lives as long as a process: `up --owner`, and what `autotape test` starts for itself."""

    def start(self, directory, owner) -> int:
        """Gives its port."""
        done = autotape("broker", "up", "--dir", directory, "--port", 0, "--owner", owner, "--temporary", "--json")
        self.assertEqual(done.exit_code, 0, done.messages)
        return json.loads(done.output)["port"]

    def test_fifty_brokers_leave_nothing_behind_also_when_their_owner_is_killed(self):
        for number in range(50):
            directory = self.folder / str(number)
            owner = popen_bound(["sleep", "infinity"])
            self.addCleanup(owner.kill)
            port = self.start(directory, owner.pid)
            self.assertTrue(listens(port))
            if number % 3 == 0:
                self.assertEqual(autotape("broker", "down", "--dir", directory).exit_code, 0)
            owner.send_signal(signal.SIGKILL if number % 2 else signal.SIGTERM)
            owner.wait(timeout=TIMEOUT)
            wait_until(lambda: not directory.exists() and not processes_of(directory), "all is gone")
            self.assertFalse(listens(port))

    def test_an_owner_that_does_not_exist_and_a_directory_with_files_in_it(self):
        dead = subprocess.Popen(["true"])
        dead.wait(timeout=TIMEOUT)
        for arguments in (("--owner", dead.pid), ("--owner", 0), ("--temporary",)):
            (self.broker.directory / "precious").mkdir(parents=True, exist_ok=True)
            done = self.broker.command("up", "--port", 0, *arguments)
            self.assertEqual(done.exit_code, USAGE, done.messages)
            self.assertTrue((self.broker.directory / "precious").exists())

    def test_a_killed_test_run_takes_its_broker_with_it(self):
        said = self.folder / "said"
        consumer = f"echo $AUTOTAPE_CA_FILE >{said}.new; mv {said}.new {said}; exec sleep infinity"
        with RunningAutotape("test", COMMUTE, "--", "sh", "-c", consumer) as running:
            wait_until(said.exists, "the consumer runs")
            directory = pathlib.Path(said.read_text().strip()).parents[2]
            self.assertTrue(processes_of(directory))
            running.kill()
        wait_until(lambda: not directory.exists() and not processes_of(directory), "all is gone")


class Unprivileged(InFolder):
    @unittest.skipIf(os.geteuid() != 0, "all other tests run without privileges already")
    def test_a_user_without_privileges_has_a_broker_of_its_own(self):
        for file in (pathlib.Path(AUTOTAPE), pathlib.Path(AUTOTAPE).with_name("autotape_broker_plugin.so")):
            shutil.copy(file, self.folder)  # where everyone can read it
        self.folder.chmod(0o777)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", self.folder / "autotape", "broker"]
        place = ["--dir", self.folder / "home"]
        up = subprocess.run([*nobody, "up", "--port", "0", "--owner", str(os.getpid()), *place], capture_output=True,
                            text=True, timeout=TIMEOUT, check=False)
        self.assertEqual(up.returncode, 0, up.stderr)
        self.addCleanup(subprocess.run, [*nobody, "down", *place], capture_output=True, timeout=TIMEOUT, check=False)
        for process in processes_of(self.folder / "home"):
            self.assertEqual(os.stat(f"/proc/{process}").st_uid, 65534)
        command = up.stdout.replace("mosquitto_sub", "exec mosquitto_sub -d", 1)
        client = popen_bound(["stdbuf", "-oL", "sh", "-c", command], stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.communicate)
        self.addCleanup(client.kill)
        for line in client.stdout:
            if "Subscribed (mid: 1): 1" in line:
                break
        else:
            self.fail("never subscribed")


class StartingOver(InFolder):
    """What the C++ API and each run of a search ask of a broker that is used again."""

    def ask(self, request: dict) -> dict:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.broker.directory / "control.sock"))
            control.sendall(json.dumps(request).encode())
            control.shutdown(socket.SHUT_WR)
            return json.loads(b"".join(iter(lambda: control.recv(65536), b"")))

    def test_it_is_as_if_it_had_just_been_started(self):
        self.broker.up()
        identity = self.broker.bundle()
        with PahoClient(self.broker, identity) as client:
            client.wait("connack")
            client.subscribe(self.broker.topic_filter)
        self.broker.wait("disconnected", client=identity.client_id)
        self.broker.publish(["queued, and retained"], retain=True)
        self.broker.fault("refuse", identity.client_id, "--for", "1h")
        self.broker.fault("pause")
        self.assertNotIn("error", self.ask({"do": "start over"}))
        with PahoClient(self.broker, identity) as client:
            self.assertEqual(client.wait("connack"), {"connack": 0, "sessionPresent": False})
            client.subscribe(self.broker.topic_filter)
            self.broker.publish(["the first of the new life"])
            self.assertEqual(client.wait("message")["message"], "the first of the new life")
        self.broker.forget_events()
        self.broker.wait("connected", client=identity.client_id)
        self.assertEqual([event["event"] for event in self.broker.events()].count("started"), 1)


class Certificates(InFolder):
    def test_issue_list_renew_and_zip(self):
        self.broker.up()
        issued = self.broker.issue("--zip", "--days", "7", app_id="9FBBEDED80595912588FF4FF")
        archive = issued.folder.with_name(issued.client_id + ".zip")
        names = subprocess.run(["unzip", "-Z1", archive], capture_output=True, text=True, check=True).stdout
        self.assertEqual(set(names.split()), {file.name for file in issued.folder.iterdir()})
        self.assertEqual(stat.S_IMODE(archive.stat().st_mode), 0o600)

        def listed():
            done = autotape("certs", "list", "--dir", self.broker.directory, "--json")
            return [c for c in json.loads(done.output) if c["certificate_id"] == issued.client_id]

        self.assertEqual([c["state"] for c in listed()], ["good"])
        done = autotape("certs", "renew", issued.client_id, "--dir", self.broker.directory, "--days", "30")
        self.assertEqual(done.exit_code, 0, done.messages)
        self.assertEqual(len(listed()), 2)
        with PahoClient(self.broker, issued) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
        renewed = subprocess.run(["unzip", "-p", archive, "*-certificate.pem.crt"], capture_output=True, check=True)
        self.assertEqual(renewed.stdout, issued.cert_file.read_bytes(), "the archive is renewed too")

    def test_a_downloaded_zip_is_all_that_a_connection_needs(self):
        self.broker.up()
        issued = self.broker.issue("--zip")
        connection = ["--bundle", issued.folder.with_name(issued.client_id + ".zip"), "--environment", "live",
                      "-h", self.broker.host, "-p", self.broker.port, "--count", 1]
        tape = self.folder / "tape.ndjson"
        vin, capability, _, name = COMMUTE_MESSAGE["topic"].split("/")[3:]
        for command, is_ready in ((["validate"], "validating what is published"),
                                  (["record", "-o", tape, "--end-session"], "recording live")):
            with self.subTest(command), RunningAutotape(*command, *connection) as running:
                running.wait_for(is_ready)
                self.broker.publish([COMMUTE_MESSAGE["payload"]], self.broker.topic(vin, capability, name))
                self.assertEqual(running.wait(), 0, running.messages())
        self.assertEqual(json.loads(tape.read_text().splitlines()[-2])["payload"], COMMUTE_MESSAGE["payload"])

    def test_kinds_of_certificates_and_their_days(self):
        self.broker.up()
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        for options, state, begins, ends in (
                ((), "good", now, now + 365 * day), (("--days", "7"), "good", now, now + 7 * day),
                (("--expired", "--days", "7"), "expired", now - 8 * day, now - day),
                (("--not-yet-valid",), "not yet valid", now + day, now + 366 * day),
                (("--wrong-authority",), "foreign", now, now + 365 * day)):
            with self.subTest(options):
                issued = self.broker.issue(*options)
                listed = json.loads(autotape("certs", "list", "--dir", self.broker.directory, "--json").output)
                entry, = [c for c in listed if c["certificate_id"] == issued.client_id]
                self.assertEqual((entry["state"], entry["app_id"], entry["role"]), (state, APP_ID, "consumer"))
                said = subprocess.run(["openssl", "x509", "-noout", "-startdate", "-enddate", "-dateopt", "iso_8601",
                                       "-in", issued.cert_file], capture_output=True, text=True, check=True).stdout
                for line, wanted in zip(said.splitlines(), (begins, ends)):
                    moment = datetime.datetime.fromisoformat(line.split("=")[1].replace("Z", "+00:00"))
                    self.assertLess(abs(moment - wanted), datetime.timedelta(hours=1), line)
                verified = subprocess.run(["openssl", "verify", "-CAfile", issued.ca_file, "-no_check_time",
                                           issued.cert_file], capture_output=True, check=False)
                self.assertEqual(verified.returncode == 0, "--wrong-authority" not in options)
        text = autotape("certs", "list", "--dir", self.broker.directory).lines
        self.assertEqual(len(text), 8)  # the publisher's, the recorder's and the first bundle's too

    def test_a_revoked_certificate_is_listed_and_its_renewal_works(self):
        self.broker.up()
        one, two = self.broker.issue(), self.broker.issue()
        done = autotape("certs", "revoke", one.client_id, two.client_id, "--dir", self.broker.directory)
        self.assertEqual(done.exit_code, 0, done.messages)
        text = autotape("certs", "list", "--dir", self.broker.directory).output
        self.assertEqual(text.count("revoked"), 2)
        autotape("certs", "renew", one.client_id, "--dir", self.broker.directory)
        for identity, code in ((one, 0), (two, 5)):
            with PahoClient(self.broker, identity) as client:
                self.assertEqual(client.wait("connack")["connack"], code)

    def test_a_key_that_others_can_read_is_warned_of_with_the_command_that_helps(self):
        self.broker.up()
        bundle = self.broker.bundle()
        bundle.key_file.chmod(0o644)
        done = autotape("record", "--bundle", bundle.folder, "-h", self.broker.host, "-p", self.broker.port,
                        "-o", self.folder / "tape.ndjson", "--duration", "1ms")
        self.assertIn(f"chmod 600 '{bundle.key_file}'", done.messages)

    def test_unknown_certificates_and_directories(self):
        self.broker.up()
        for command in ("revoke", "renew"):
            done = autotape("certs", command, "no-such-id", "--dir", self.broker.directory)
            self.assertEqual(done.exit_code, USAGE)
        self.assertEqual(autotape("certs", "list", "--dir", self.folder / "nowhere").exit_code, FILE)
        self.assertEqual(autotape("certs", "issue", "--dir", self.folder / "nowhere").exit_code, FILE)


if __name__ == "__main__":
    unittest.main()
