#!/usr/bin/python3
"""autotape broker up, status and down: what is made, what is refused, and that nothing is left behind."""
import json
import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest

from clients import PahoClient
from mock_broker import APP_ID, TIMEOUT, MockBroker
from program import AUTOTAPE, autotape

USAGE, FILE, CONNECTION = 2, 5, 6


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


def wait_until(is_so, what: str):
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.01)


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

    def test_bind_server_name_and_advertise(self):
        self.broker.options = ["--bind", "0.0.0.0", "--server-name", "broker.example", "--advertise",
                               "broker.example:18883"]
        self.broker.up()
        self.assertEqual((self.broker.host, self.broker.port), ("broker.example", 18883))
        names = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                                self.broker.directory / "server/server.pem"],
                               capture_output=True, text=True, check=True).stdout
        self.assertIn("DNS:broker.example", names)

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
        client = subprocess.Popen(["sh", "-c", printed], stdout=subprocess.PIPE, text=True)
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
                        ("--bind", "nowhere"), ("--advertise", "nowhere"), ("--message-size-limit", "much"),
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
    """What Broker::start does for a program that owns its broker, step by step (harness/supervisor.hpp)."""

    OWNER = """
import json, os, socket, sys
ours, theirs = socket.socketpair()
lifeline, held = os.pipe()
if os.fork() == 0:
    for number, wanted in ((os.dup(theirs.fileno()), 3), (os.dup(lifeline), 4)):
        os.dup2(os.dup(number), wanted + 100)
    os.dup2(103, 3); os.dup2(104, 4)
    os.execv(sys.argv[1], [sys.argv[1], "broker-supervisor"])
theirs.close(); os.close(lifeline)
settings = {"directory": sys.argv[2], "port": 0, "owned": True, "temporary": True, "app_id": sys.argv[3]}
ours.sendall(json.dumps(settings).encode()); ours.shutdown(socket.SHUT_WR)
print(b"".join(iter(lambda: ours.recv(65536), b"")).decode(), flush=True)
sys.stdin.read()
"""

    def test_fifty_brokers_leave_nothing_behind_also_when_their_owner_is_killed(self):
        for number in range(50):
            directory = self.folder / str(number)
            owner = subprocess.Popen(["/usr/bin/python3", "-c", self.OWNER, AUTOTAPE, directory, APP_ID],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            port = json.loads(owner.stdout.readline())["port"]
            self.assertTrue(listens(port))
            owner.send_signal(signal.SIGKILL if number % 2 else signal.SIGTERM)
            owner.communicate(timeout=TIMEOUT)
            wait_until(lambda: not directory.exists() and not processes_of(directory), "all is gone")
            self.assertFalse(listens(port))


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

    def test_unknown_certificates_and_directories(self):
        self.broker.up()
        for command in ("revoke", "renew"):
            done = autotape("certs", command, "no-such-id", "--dir", self.broker.directory)
            self.assertEqual(done.exit_code, USAGE)
        self.assertEqual(autotape("certs", "list", "--dir", self.folder / "nowhere").exit_code, FILE)
        self.assertEqual(autotape("certs", "issue", "--dir", self.folder / "nowhere").exit_code, FILE)


if __name__ == "__main__":
    unittest.main()
