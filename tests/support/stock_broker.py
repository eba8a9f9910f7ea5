"""A plain Mosquitto with mutual TLS, without our plugin: for tests that need a broker and none of the
provider's rules. Certificates are made for each run; the system chooses the port."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

from bound_process import popen_bound
from identity import Identity
from waiting import wait_until

MOSQUITTO = "/usr/sbin/mosquitto"
APP_ID = "1FBBEDED80595912588FF4FF"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


class Authority:
    def __init__(self, folder: pathlib.Path, name: str = "ca"):
        self.folder = folder
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-keyout", self.key, "-out", self.certificate)

    def issue(self, name: str, common_name: str, days: int = 2, server: bool = False):
        """(certificate, key); expired yesterday for days = -1."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n" if server else
                              "extendedKeyUsage=clientAuth\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/C=DE/CN={common_name}",
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key


class StockBroker:
    """Use with `with`. Queues without limit, so that nothing is lost by the broker itself."""

    host = "localhost"

    def __init__(self, more_configuration: str = ""):
        self._more_configuration = more_configuration
        self._folder = tempfile.TemporaryDirectory(prefix="autotape-broker-")
        self.folder = pathlib.Path(self._folder.name)
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        self.server = self.authority.issue("server", "localhost", server=True)
        self.client = self.authority.issue("client", APP_ID)
        self.process = None
        self.configuration = self.folder / "mosquitto.conf"
        self.log = self.folder / "mosquitto.log"
        self._choose_port()
        self._has_run = False

    def _choose_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        user = "user root\n" if os.geteuid() == 0 else ""
        self.configuration.write_text(
            f"{user}listener {self.port} 127.0.0.1\ncafile {self.authority.certificate}\n"
            f"certfile {self.server[0]}\nkeyfile {self.server[1]}\nrequire_certificate true\n"
            "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
            f"set_tcp_nodelay true\npersistence true\npersistence_location {self.folder}/\n"
            f"log_dest file {self.log}\n{self._more_configuration}\n")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self._folder.cleanup()

    def start(self):
        while not self._runs():
            # Another program may have taken the port after it was chosen.
            if self._has_run or "Address already in use" not in self._log_text():
                raise RuntimeError(self._log_text())
            self.log.unlink()
            self._choose_port()
        self._has_run = True

    def _log_text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def _runs(self) -> bool:
        """Starts it, and waits until it listens or has ended."""
        before = self._log_text().count(" running\n")
        self.process = popen_bound([MOSQUITTO, "-c", self.configuration], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   start_new_session=True)  # as the mock broker: scheduled alike
        wait_until(lambda: self._log_text().count(" running\n") > before or self.process.poll() is not None,
                   "Mosquitto listens")
        return self.process.poll() is None

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            process, self.process = self.process, None
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)  # a test may have failed while it was frozen
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise

    def identity(self, client_id: str) -> Identity:
        return Identity(client_id, self.authority.certificate, *self.client)

    def connection(self, client_id: str, **changes) -> list[str]:
        """The options of mosquitto_sub and of autotape alike."""
        options = {"-h": "localhost", "-p": self.port, "-i": client_id,
                   "--cafile": self.authority.certificate, "--cert": self.client[0],
                   "--key": self.client[1]}
        options.update(changes.get("replace", {}))
        return [str(word) for option in options.items() for word in option]

    def publish(self, topic: str, lines: list[str], client_id: str = "publisher"):
        """Returns when the broker has acknowledged all of them."""
        subprocess.run(["mosquitto_pub", *self.connection(client_id), "-q", "1", "-t", topic, "-l"],
                       input="".join(line + "\n" for line in lines).encode(), check=True, timeout=120)
