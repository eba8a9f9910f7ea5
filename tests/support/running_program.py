"""The autotape program while it runs: waits for what it says, sends signals, and never outlives its test."""
import subprocess
import threading
import time

from bound_process import popen_bound
from program import AUTOTAPE


class RunningAutotape:
    """Use with `with`: whatever happens, the process is gone at the end."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, **options):
        self._process = popen_bound([AUTOTAPE, *arguments], stdin=stdin,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self._said = {"stdout": "", "stderr": ""}
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._collect, args=(name,), daemon=True)
                         for name in self._said]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        for thread in self._threads:
            thread.join()
        self._process.stdout.close()
        self._process.stderr.close()

    def _collect(self, name):
        for line in getattr(self._process, name):
            with self._changed:
                self._said[name] += line.decode(errors="replace")
                self._changed.notify_all()

    @property
    def pid(self):
        return self._process.pid

    def messages(self) -> str:
        """What it has written to standard error so far; all of it once wait() is over."""
        return self._said["stderr"]

    def output(self) -> str:
        return self._said["stdout"]

    def wait_for(self, text: str, times: int = 1, timeout: float = 60):
        """Waits until standard error has `text` that many times."""
        self._wait_for("stderr", text, times, timeout)

    def wait_for_output(self, text: str, times: int = 1, timeout: float = 60):
        """The same of standard output."""
        self._wait_for("stdout", text, times, timeout)

    def _wait_for(self, stream: str, text: str, times: int, timeout: float):
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._said[stream].count(text) < times:
                ended = self._process.poll() is not None and not any(t.is_alive() for t in self._threads)
                if ended or time.monotonic() > deadline:
                    raise AssertionError(f"never said {text!r}, but: {self._said}")
                self._changed.wait(0.1)

    def send_signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def wait(self, timeout: float = 60) -> int:
        """The exit code."""
        code = self._process.wait(timeout)
        for thread in self._threads:
            thread.join()
        return code
