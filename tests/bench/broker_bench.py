#!/usr/bin/python3
"""How fast a mock broker starts, and what it costs against stock Mosquitto, in one run on one machine. Medians.

    scripts/bench broker [ROUNDS]

Messages a second depend on what else the machine does; processor time of the broker's processes does much less.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from mock_broker import MockBroker
from program import autotape
from stock_broker import StockBroker

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
STARTS = 2 * ROUNDS + 1
MESSAGES = 50_000  # of 400 bytes, QoS 1, mutual TLS; mosquitto_pub -l sends at most 65,535
VARIANTS = {"plugin alone (--no-proxy --events off)": ("--no-proxy", "--events", "off"),
            "with the event log (--no-proxy)": ("--no-proxy",),
            "with the proxy (--events off)": ("--events", "off"),
            "as it stands by default": ()}


def start_times():
    """(in a new directory, with certificates already made), in milliseconds."""
    new, again = [], []
    for _ in range(STARTS):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="autotape-bench-"))
        for times in (new, again):
            started = time.monotonic()
            done = autotape("broker", "up", "--dir", folder / "broker", "--port", "0", "--owner", os.getpid())
            times.append((time.monotonic() - started) * 1000)
            assert done.exit_code == 0, done.messages
            autotape("broker", "down", "--dir", folder / "broker")
        shutil.rmtree(folder)
    return new, again


def processor_seconds(processes) -> float:
    ticks = 0
    for process in processes:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def publish(options, topic: str, lines: bytes, processes) -> tuple[float, float]:
    """(messages a second, microseconds of the processes' time for each)."""
    spent, started = processor_seconds(processes), time.monotonic()
    subprocess.run(["mosquitto_pub", *options, "-q", "1", "-t", topic, "-l"], input=lines, check=True)
    took = time.monotonic() - started
    return MESSAGES / took, (processor_seconds(processes) - spent) / MESSAGES * 1e6


def measure() -> dict[str, list[tuple[float, float]]]:
    lines = b"".join(b'{"message_id":"%064d","version":1}' % number + b" " * 300 + b"\n"
                     for number in range(MESSAGES))
    measured = {"stock Mosquitto": [], **{name: [] for name in VARIANTS}}
    for _ in range(ROUNDS):  # in turns, so that a busy moment hits all
        with StockBroker() as stock:
            measured["stock Mosquitto"].append(
                publish(stock.connection("publisher"), "live/level13/A", lines, [stock.process.pid]))
        for name, options in VARIANTS.items():
            with MockBroker(*options) as broker:
                status = broker.status()
                measured[name].append(publish(broker.connect_options(broker.publisher()), broker.topic(), lines,
                                              [status["pid"], status["mosquitto_pid"]]))
    return measured


if __name__ == "__main__":
    for what, times in zip(("new directory", "certificates made"), start_times()):
        print(f"start to ready, {what:<18} {statistics.median(times):6.0f} ms")
    results = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in measure().items()}
    rate, cost = results["stock Mosquitto"]
    for name, (its_rate, its_cost) in results.items():
        print(f"{name:<40} {its_rate:8,.0f} messages/s {its_rate / rate:5.2f} × stock   "
              f"{its_cost:5.1f} µs a message {its_cost / cost:5.2f} × stock")
