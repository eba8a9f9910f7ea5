#!/usr/bin/python3
"""How fast a backlog is drained to a file beside mosquitto_sub, over mutual TLS on one machine, and what a message
costs. Every subscriber drains the same backlog from a session of its own, one after the other; medians of the rounds.

    scripts/bench record [MESSAGES [ROUNDS]]      AUTOTAPE_BENCH_FOLDER: where the files go, a disk rather than memory
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from program import AUTOTAPE
from stock_broker import APP_ID, StockBroker

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 240_000
MOST_AT_ONCE = 60_000  # mosquitto_pub -l loses what is beyond 65,535
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FILTER = f"sandbox/level13/{APP_ID}/#"
TOPIC = f"sandbox/level13/{APP_ID}/WATDEMPT0TRA1N001/diagnostics/get/speed"


def payload(number: int) -> str:
    text = (f'{{"message_id":"{number:064X}","version":1,"vin":"WATDEMPT0TRA1N001","capability":"diagnostics",'
            f'"property":"speed","data":{{"diagnostics":{{"speed":{{"data":{{"unit":"kilometers_per_hour",'
            f'"value":{number % 200}}},"timestamp":"2026-03-02T06:45:00.000Z"}}}}}}}}')
    return text[:-1] + ',"padding":"' + "x" * (400 - len(text) - 13) + '"}'


class Drain:
    """One subscriber: how it leaves a session behind, and how it drains the session to a file."""

    def __init__(self, broker, name: str, folder: pathlib.Path):
        self.name = name
        self.file = folder / f"drained{name[name.index('.'):] if '.' in name else '.txt'}"
        self.connection = [*broker.connection(name), "-t", FILTER]
        self.seconds, self.processor_seconds = [], []

    def command(self, count: int) -> list[str]:
        if self.name == "mosquitto_sub":
            return ["mosquitto_sub", "-c", "-q", "1", *self.connection, "-C", str(count)]
        return [AUTOTAPE, "record", "-o", str(self.file), "--count", str(count), *self.connection,
                *(["--durability", "fast"] if "fast" in self.name else [])]

    def leave_session(self):
        if self.name == "mosquitto_sub":
            subprocess.run(["mosquitto_sub", "-c", "-q", "1", *self.connection, "-E"], check=True)
        else:
            subprocess.run([AUTOTAPE, "record", "-o", self.file, "--duration", "2s", *self.connection],
                           check=True, stderr=subprocess.DEVNULL)

    def drain(self):
        self.file.unlink(missing_ok=True)
        begun = time.monotonic()
        with self.file.open("wb") if self.name == "mosquitto_sub" else open(os.devnull, "wb") as output:
            process = subprocess.Popen(self.command(MESSAGES), stdout=output, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        assert status == 0, f"{self.name} ended with {status}"
        self.seconds.append(time.monotonic() - begun)
        self.processor_seconds.append(usage.ru_utime + usage.ru_stime)
        self.file.unlink()


def main():
    with StockBroker() as broker, tempfile.TemporaryDirectory(dir=os.environ.get("AUTOTAPE_BENCH_FOLDER")) as name:
        folder = pathlib.Path(name)
        os.environ["XDG_STATE_HOME"] = name
        drains = [Drain(broker, client, folder) for client in
                  ("mosquitto_sub", "record.ndjson", "record.mcap", "fast.ndjson")]
        lines = [payload(number) for number in range(MESSAGES)]
        for drain in drains:
            drain.leave_session()
        for _ in range(ROUNDS):
            for first in range(0, MESSAGES, MOST_AT_ONCE):
                broker.publish(TOPIC, lines[first:first + MOST_AT_ONCE])
            for drain in drains:
                drain.drain()
        theirs = drains[0]
        print(f"{MESSAGES} messages of 400 bytes over mutual TLS, medians of {ROUNDS} rounds")
        for drain in drains:
            rate = MESSAGES / statistics.median(drain.seconds)
            cost = 1e6 * statistics.median(drain.processor_seconds) / MESSAGES
            faster = statistics.median(a / b for a, b in zip(theirs.seconds, drain.seconds))
            cheaper = statistics.median(a / b for a, b in zip(theirs.processor_seconds, drain.processor_seconds))
            print(f"{drain.name:<14}{rate / 1000:8.1f} k/s{cost:8.2f} µs of processor time a message"
                  f"{faster:8.2f} × as fast{cheaper:8.2f} × as cheap")


main()
