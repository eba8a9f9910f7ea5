"""autotape's own mock broker, for one test: in a folder of its own, on a port that the system chooses, gone
for certain at the end, also if this process is killed. Wait for what happens with wait(); never sleep.

    with MockBroker() as broker:
        consumer = broker.bundle()
        ...
        broker.wait("subscribed", client=consumer.client_id)
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from bound_process import popen_bound
from identity import Identity
from program import Finished, autotape
from waiting import TIMEOUT

APP_ID = "1FBBEDED80595912588FF4FF"


def bundle_in(folder: pathlib.Path) -> Identity:
    name = folder.name
    return Identity(name, folder / f"{name}-ca_certificates.pem", folder / f"{name}-certificate.pem.crt",
                    folder / f"{name}-private.pem.key", folder)


class MockBroker:
    def __init__(self, *options, app_id: str | None = APP_ID, environment: str = "live",
                 folder: pathlib.Path | None = None):
        self._temporary = folder is None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="autotape-mock-")) if folder is None else \
            pathlib.Path(folder) / "broker"
        self.options = list(options)
        self.app_id = app_id
        self.environment = environment
        self.information = {}
        self._seen = []
        self._offset = 0

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def up(self):
        arguments = ["--environment", self.environment, "--json", "--owner", str(os.getpid()), *self.options]
        if self._temporary:
            arguments.append("--temporary")
        if self.app_id:
            arguments += ["--app-id", self.app_id]
        if "--port" not in self.options:
            arguments += ["--port", "0"]
        finished = self.command("up", *arguments)
        if finished.exit_code != 0:
            raise RuntimeError(finished.messages + self.log())
        self.information = json.loads(finished.output)
        self.forget_events()

    def down(self) -> Finished:
        return self.command("down")

    def end(self):
        """Whatever has happened: afterwards no process and no file is left."""
        pid = self.information.get("pid")
        try:
            self.command("down", timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            if pid:
                os.kill(pid, signal.SIGKILL)
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def command(self, *arguments, **options) -> Finished:
        """autotape broker arguments… --dir"""
        return autotape("broker", *arguments, "--dir", self.directory, **options)

    def fault(self, *arguments) -> Finished:
        finished = self.command("fault", *arguments)
        if finished.exit_code != 0:
            raise RuntimeError(finished.messages)
        return finished

    @property
    def host(self) -> str:
        return self.information["host"]

    @property
    def port(self) -> int:
        return self.information["port"]

    @property
    def topic_filter(self) -> str:
        return self.information["topic"]

    def topic(self, vin="V0000000000000001", capability="diagnostics", name="odometer") -> str:
        return f"{self.environment}/level13/{self.information['app_id']}/{vin}/{capability}/get/{name}"

    def status(self) -> dict:
        return json.loads(self.command("status", "--json").output)

    def log(self) -> str:
        path = self.directory / "broker.log"
        return path.read_text() if path.exists() else ""

    # Identities

    def bundle(self) -> Identity:
        """The one that `broker up` has made."""
        return Identity(self.information["client_id"], *(pathlib.Path(self.information[name])
                        for name in ("ca_file", "cert_file", "key_file")),
                        pathlib.Path(self.information["cert_file"]).parent)

    def issue(self, *options, app_id: str = APP_ID) -> Identity:
        """A new bundle: autotape certs issue."""
        finished = autotape("certs", "issue", "--dir", self.directory, "--app-id", app_id, "--json",
                            *options)
        if finished.exit_code != 0:
            raise RuntimeError(finished.messages)
        return bundle_in(pathlib.Path(json.loads(finished.output)["folder"]))

    def publisher(self, client_id="test-publisher") -> Identity:
        return Identity(client_id, self.directory / "ca/ca.pem",
                        self.directory / "publisher/publisher.pem",
                        self.directory / "publisher/publisher.key")

    # Clients

    def connect_options(self, identity: Identity) -> list[str]:
        return ["-h", self.host, "-p", str(self.port), *identity.options()]

    def publish(self, payloads, topic: str | None = None, retain=False):
        """Returns when the broker has acknowledged all."""
        lines = "".join(payload + "\n" for payload in payloads)
        subprocess.run(["mosquitto_pub", *self.connect_options(self.publisher()), "-q", "1", "-t",
                        topic or self.topic(), "-l", *(["-r"] if retain else [])],
                       input=lines.encode(), check=True, timeout=TIMEOUT)

    def mosquitto_sub(self, identity: Identity, *options, filters=None) -> subprocess.Popen:
        """As on the provider's page; standard output and error are pipes."""
        arguments = ["mosquitto_sub", "--disable-clean-session", *self.connect_options(identity), "-q", "1"]
        for topic_filter in filters or [self.topic_filter]:
            arguments += ["-t", topic_filter]
        return popen_bound([*arguments, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    # Events

    def events(self) -> list[dict]:
        """Everything that has happened so far."""
        path = self.directory / "events.ndjson"
        with path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._seen += [json.loads(line) for line in whole.splitlines()]
        return self._seen

    def forget_events(self):
        """Reads from the beginning: the broker has begun a new log."""
        self._seen, self._offset = [], 0

    def wait(self, event: str, count: int = 1, after: int = 0, timeout: float = TIMEOUT, **members) -> dict:
        """The count-th event of that name and members, among those from place `after` on."""
        deadline = time.monotonic() + timeout
        while True:
            found = [e for e in self.events()[after:] if e["event"] == event
                     and all(e.get(name) == value for name, value in members.items())]
            if len(found) >= count:
                return found[count - 1]
            if time.monotonic() > deadline:
                raise TimeoutError(f"no '{event}' {members} within {timeout} s; last events: "
                                   f"{self.events()[-5:]}")
            time.sleep(0.005)
