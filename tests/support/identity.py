"""What a client says who it is."""
import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate to connect with."""
    client_id: str
    ca_file: pathlib.Path
    cert_file: pathlib.Path | None
    key_file: pathlib.Path | None
    folder: pathlib.Path | None = None

    def options(self) -> list[str]:
        """As mosquitto_sub, mosquitto_pub and autotape take them."""
        own = ["--cert", str(self.cert_file), "--key", str(self.key_file)] if self.cert_file else []
        return ["-i", self.client_id, "--cafile", str(self.ca_file), *own]

    def named(self, client_id: str) -> "Identity":
        """The same certificate with another client id."""
        return dataclasses.replace(self, client_id=client_id)

    def without_certificate(self) -> "Identity":
        return dataclasses.replace(self, cert_file=None, key_file=None)
