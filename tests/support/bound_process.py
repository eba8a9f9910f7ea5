"""Processes that end with the test, also when it is killed: a client that comes back forever would never end."""
import subprocess


def popen_bound(command, **options) -> subprocess.Popen:
    """subprocess.Popen; the process is killed when the thread that has started it ends."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command)], **options)
