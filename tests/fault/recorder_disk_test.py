#!/usr/bin/python3
"""When the disk takes no more: what was acknowledged is on a whole tape, the rest stays with the broker."""
import pathlib
import re
import resource
import unittest

from program import autotape
from recorded import FILTER, FORMATS, TOPIC, drain, ids_on, leave_session, message_id, payload
from small_disk import NO_MOUNT, small_disk
from stock_broker_case import StockBrokerCase

MESSAGES = 3000
ALL = {message_id(number) for number in range(MESSAGES)}


class FullDisk(StockBrokerCase):
    def assert_nothing_lost(self, tape: pathlib.Path, reason: str, **limits):
        connection = [*self.broker.connection(f"{self.client_id}{tape.suffix}"), "-t", FILTER]
        session = self.folder / f"session{tape.suffix}"
        leave_session(session, *connection)
        self.broker.publish(TOPIC, [payload(number) for number in range(MESSAGES)])

        failed = autotape("record", "-o", tape, *connection, "--count", MESSAGES, **limits)
        self.assertEqual(failed.exit_code, 5, failed.messages)
        (error,) = [line for line in failed.messages.splitlines() if "error:" in line]
        self.assertIn(reason, error)
        self.assertIn(str(tape), error)
        said = int(re.search(r"([\d,]+) messages recorded", failed.messages)[1].replace(",", ""))

        on_tape = ids_on(tape)
        self.assertLessEqual(said, len(on_tape))
        self.assertLess(len(on_tape), MESSAGES)
        # What is not on the tape was not acknowledged: another recording gets it.
        rest = drain(self.broker, self.folder / f"rest{tape.suffix}", connection)
        self.assertEqual(ALL - on_tape - rest, set(), "lost")

    def test_a_file_that_may_not_grow(self):
        def limit_file_size():
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

        for form in FORMATS:
            with self.subTest(form):
                self.assert_nothing_lost(self.folder / f"limited.{form}", "File too large",
                                         preexec_fn=limit_file_size)

    def test_a_file_system_that_is_full(self):
        disk = self.folder / "disk"
        disk.mkdir()
        for form in FORMATS:
            with self.subTest(form), small_disk(disk, 256 * 1024) as mounted:
                if mounted is None:
                    self.skipTest(NO_MOUNT)
                self.assert_nothing_lost(disk / f"full.{form}", "No space left")


if __name__ == "__main__":
    unittest.main()
