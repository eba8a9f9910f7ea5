"""Runs the autotape program of this build and captures what it says.

CTest gives the program's path in AUTOTAPE.
"""
import dataclasses
import os
import subprocess

AUTOTAPE = os.environ["AUTOTAPE"]


@dataclasses.dataclass
class Finished:
    exit_code: int
    output: str  # standard output
    messages: str  # standard error

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()


def autotape(*arguments, stdin: bytes | None = None, timeout: float = 120, **options) -> Finished:
    """Runs `autotape arguments…` to its end."""
    done = subprocess.run([AUTOTAPE, *map(str, arguments)], input=stdin, timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    return Finished(done.returncode, done.stdout.decode(errors="replace"),
                    done.stderr.decode(errors="replace"))
