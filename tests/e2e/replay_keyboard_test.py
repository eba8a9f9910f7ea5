#!/usr/bin/python3
"""autotape replay on a terminal: keys steer it, a line shows how far it is, and the terminal is left as it was."""
import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
import unittest

from bound_process import popen_bound
from places import COMMUTE
from program import AUTOTAPE
from stock_broker_case import StockBrokerCase

UP, DOWN = "\x1b[A", "\x1b[B"
TIMEOUT = 60


class TerminalPlayer:
    """A replay whose standard input and error are a terminal of its own."""

    def __init__(self, *arguments):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x18\x00\xc8\x00\x00\x00\x00\x00")  # 24 lines of 200
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.shown = ""
        self.process = popen_bound(
            [AUTOTAPE, "replay", *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
            preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        os.close(self._ours)
        os.close(self._theirs)

    def press(self, keys):
        os.write(self._ours, keys.encode())

    def wait_to_show(self, pattern):
        """The match in what is shown from now on, or since the last wait."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            found = re.search(pattern, self.shown)
            if found:
                self.shown = self.shown[found.end():]
                return found
            if not select.select([self._ours], [], [], deadline - time.monotonic())[0]:
                raise AssertionError(f"never showed {pattern!r}, but {self.shown[-500:]!r}")
            self.shown += os.read(self._ours, 65536).decode()

    def forget_shown(self):
        while select.select([self._ours], [], [], 0)[0]:
            os.read(self._ours, 65536)
        self.shown = ""

    def wait(self):
        return self.process.wait(TIMEOUT)

    def settings_now(self):
        return termios.tcgetattr(self._theirs)


class Keyboard(StockBrokerCase):
    def player(self, *arguments):
        self.ledger = self.folder / "ledger"
        player = TerminalPlayer(COMMUTE, *self.broker.connection("player"), "--ledger", self.ledger, *arguments)
        self.addCleanup(player.__exit__)
        return player

    def sent(self):
        return len([line for line in self.ledger.read_text().splitlines() if line]) - 1

    def test_space_pauses_n_steps_and_q_ends(self):
        player = self.player("--rate", 60, "--start-paused")
        player.wait_to_show("PAUSED")
        self.assertEqual(self.sent(), 0)
        for sent in (1, 2, 3):
            player.press("n")
            player.wait_to_show(f" {sent} sent, .*PAUSED")
        self.assertEqual(self.sent(), 3)
        player.press(" ")
        player.wait_to_show(r" \d\d+ sent, [^P\r]*\r")
        player.press(" ")
        player.wait_to_show("PAUSED")
        paused_at = self.sent()
        player.forget_shown()
        player.wait_to_show("PAUSED")
        self.assertEqual(self.sent(), paused_at)
        player.press("q")
        self.assertEqual(player.wait(), 3)

    def test_arrows_change_the_rate(self):
        player = self.player("--rate", 1)
        player.wait_to_show(" at 1x ")
        player.press(UP)
        player.wait_to_show(" at 2x ")
        player.press(UP + UP)
        player.wait_to_show(" at 8x ")
        player.press(DOWN)
        player.wait_to_show(" at 4x ")
        player.press("q")
        self.assertEqual(player.wait(), 3)

    def test_a_line_shows_time_percent_rate_lag_and_counts_by_kind(self):
        player = self.player("--rate", 120, "--duplicate", "50%", "--duplicate-delay", "1s")
        player.wait_to_show(r"\d s \(\d+ %\) at 120x  [\d,]+ sent, \d+/s, lag [\d.]+ .?s, \d+ in flight, \d+ copied")
        player.press("q")
        self.assertEqual(player.wait(), 3)

    def test_the_terminal_is_as_it_was(self):
        player = self.player("--rate", 1)
        player.wait_to_show(" sent")
        self.assertNotEqual(player.settings_now(), player.before)
        player.press("\x03")  # as Ctrl-C
        self.assertEqual(player.wait(), 3)
        self.assertEqual(player.settings_now(), player.before)


if __name__ == "__main__":
    unittest.main()
