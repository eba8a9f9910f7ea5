#!/usr/bin/python3
"""Who may connect (mockbroker/README.md): each rule against the running broker, by clients that know nothing of it."""
import subprocess
import unittest

from bound_process import popen_bound
from broker_case import OTHER_APP_ID, WithBroker, for_each_client
from clients import ALL_CLIENTS, CLIENTS, MosquittoSub, PahoClient
from mock_broker import APP_ID
from program import autotape
from waiting import TIMEOUT, wait_until


class Connecting(WithBroker):
    def assert_tls_refuses(self, client_type, version, identity, rule, **members):
        mark = len(self.broker.events())
        with client_type(self.broker, identity, version) as client:
            said = client.wait("connack", "error", "close", "ended")
        self.assertNotIn("connack", said)
        self.broker.wait("refused", after=mark, rule=rule, **members)

    @for_each_client(*CLIENTS)
    def test_each_client_connects_subscribes_and_receives(self, client_type, version):
        identity = self.broker.issue()
        with client_type(self.broker, identity, version) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
            self.assertEqual(client.subscribe(self.broker.topic_filter), [1])
            self.broker.publish(["hello"])
            self.assertEqual(client.wait("message")["message"], "hello")
        self.wait("connected", client=identity.client_id, protocol=version, app_id=APP_ID,
                  session_present=False)

    def test_the_printed_command_receives_and_status_shows_its_client(self):
        printed = self.broker.command("up").output
        command = printed.replace("mosquitto_sub", "exec mosquitto_sub -C 1", 1)
        client = popen_bound(["sh", "-c", command], stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.kill)
        self.wait("subscribed", client=self.broker.bundle().client_id)
        status = self.broker.status()
        self.assertIn({"id": self.broker.bundle().client_id, "role": "consumer", "app_id": APP_ID,
                       "topic_filters": [f"live/level13/{APP_ID}/#"]}, status["clients"])
        self.broker.publish(["over the wire"])
        self.assertEqual(client.communicate(timeout=TIMEOUT)[0], "over the wire\n")
        self.assertEqual(client.returncode, 0)

    @for_each_client(*ALL_CLIENTS)
    def test_a_wrong_client_id_is_refused(self, client_type, version):
        wrong = self.broker.bundle().named(f"not-{version}-{client_type.__name__}")
        self.assert_refused(client_type, version, wrong, "client-id")

    @for_each_client(*ALL_CLIENTS)
    def test_another_certificates_id_is_a_wrong_client_id(self, client_type, version):
        mine, other = self.broker.bundle(), self.broker.issue()
        self.assert_refused(client_type, version, mine.named(other.client_id), "client-id")

    @for_each_client(*ALL_CLIENTS)
    def test_without_a_certificate_nobody_gets_in(self, client_type, version):
        self.assert_tls_refuses(client_type, version, self.broker.bundle().without_certificate(), "no-certificate")

    @for_each_client(*ALL_CLIENTS)
    def test_a_certificate_of_another_authority_is_refused_by_tls(self, client_type, version):
        identity = self.broker.issue("--wrong-authority")
        self.assert_tls_refuses(client_type, version, identity, "unknown-authority", client=identity.client_id,
                                app_id=APP_ID)

    @for_each_client(*ALL_CLIENTS)
    def test_a_certificate_that_is_not_in_the_registry_is_refused(self, client_type, version):
        identity = self.broker.issue()
        registry = self.broker.directory / "registry"
        lines = [line for line in registry.read_text().splitlines(True) if identity.client_id not in line]
        (self.broker.directory / "registry.new").write_text("".join(lines))
        (self.broker.directory / "registry.new").rename(registry)

        def is_refused():
            with PahoClient(self.broker, identity) as client:
                return client.wait("connack")["connack"] != 0
        wait_until(is_refused, "the plugin has read the registry")  # it looks several times a second
        self.assert_refused(client_type, version, identity, "unregistered-certificate")

    @for_each_client(*ALL_CLIENTS)
    def test_expired_and_not_yet_valid_certificates_are_refused_by_name(self, client_type, version):
        for option, rule in (("--expired", "expired-certificate"),
                             ("--not-yet-valid", "certificate-not-yet-valid")):
            self.assert_refused(client_type, version, self.broker.issue(option), rule)

    def test_a_bundle_issued_while_the_broker_runs_works_at_once(self):
        with PahoClient(self.broker, self.broker.issue(app_id=OTHER_APP_ID)) as client:
            self.assertEqual(client.wait("connack")["connack"], 0)
            self.assertEqual(client.subscribe(f"live/level13/{OTHER_APP_ID}/#"), [1])

    @for_each_client(*ALL_CLIENTS)
    def test_revoking_closes_the_live_connection_and_refuses_the_next(self, client_type, version):
        identity = self.broker.issue()
        with client_type(self.broker, identity, version) as client:
            client.wait("connack")
            self.wait("connected", client=identity.client_id)
            done = autotape("certs", "revoke", identity.client_id, "--dir", self.broker.directory)
            self.assertEqual(done.exit_code, 0, done.messages)
            self.wait("disconnected", client=identity.client_id)
            client.wait("close")
        self.assert_refused(client_type, version, identity, "revoked-certificate")


class SecondConnections(WithBroker):
    @for_each_client(*ALL_CLIENTS)
    def test_the_newer_connection_wins(self, client_type, version):
        identity = self.broker.issue()
        with client_type(self.broker, identity, version) as older:
            older.wait("connack")
            with PahoClient(self.broker, identity, version) as newer:
                self.assertEqual(newer.wait("connack")["connack"], 0)
                older.wait("close")
                older.close()  # mosquitto_sub would come back
                if client_type is not MosquittoSub:
                    self.assertEqual(newer.subscribe(self.broker.topic_filter), [1])
            self.wait("disconnected", client=identity.client_id, count=2)


class SecondConnectionsRefused(WithBroker):
    OPTIONS = ("--second-connection", "refuse")

    @for_each_client(*ALL_CLIENTS)
    def test_the_older_connection_stays(self, client_type, version):
        identity = self.broker.issue()
        with PahoClient(self.broker, identity) as older:
            older.wait("connack")
            self.assert_refused(client_type, version, identity, "second-connection")
            self.assertEqual(older.subscribe(self.broker.topic_filter), [1])
        self.wait("disconnected", client=identity.client_id)
        with PahoClient(self.broker, identity) as later:
            self.assertEqual(later.wait("connack")["connack"], 0)


class AnyClientId(WithBroker):
    OPTIONS = ("--client-id", "any")

    @for_each_client(*ALL_CLIENTS)
    def test_still_one_connection_for_each_certificate_and_no_session_of_another(self, client_type, version):
        mine, other = self.broker.bundle(), self.broker.issue()
        named = [mine.named(name) for name in ("one", "two")]
        with PahoClient(self.broker, named[0]) as older:
            self.assertEqual(older.wait("connack")["connack"], 0)
            with PahoClient(self.broker, named[1]) as newer:
                self.assertEqual(newer.wait("connack")["connack"], 0)
                older.wait("close")
        self.assert_refused(client_type, version, other.named("one"), "client-id")


if __name__ == "__main__":
    unittest.main()
