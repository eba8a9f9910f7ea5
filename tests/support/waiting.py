"""Waiting for what no event tells."""
import time

TIMEOUT = 60  # seconds, for anything that is waited for: a loaded machine is slow


def wait_until(is_so, what: str, timeout: float = TIMEOUT):
    """Asks again and again; `what` says in the error what never came to pass."""
    deadline = time.monotonic() + timeout
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout} s: {what}")
        time.sleep(0.01)
