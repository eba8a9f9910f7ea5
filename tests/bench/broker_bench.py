#!/usr/bin/python3
"""How fast a mock broker starts, and what it costs against stock Mosquitto, in one run on one machine.

    AUTOTAPE=build/release/autotape PYTHONPATH=tests/support tests/bench/broker_bench.py
"""
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from mock_broker import MockBroker
from program import autotape
from stock_broker import StockBroker

STARTS = 7
ROUNDS = 3
MESSAGES = 50_000  # of 400 bytes, QoS 1, mutual TLS; mosquitto_pub -l sends at most 65,535
VARIANTS = (("plugin alone (--no-proxy --events off)", ("--no-proxy", "--events", "off")),
            ("with proxy (--events off)", ("--events", "off")),
            ("as it stands by default", ()))


def start_times():
    """(in a new directory, with certificates already made), in milliseconds."""
    new, again = [], []
    for _ in range(STARTS):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="autotape-bench-"))
        for times in (new, again):
            started = time.monotonic()
            done = autotape("broker", "up", "--dir", folder / "broker", "--port", "0")
            times.append((time.monotonic() - started) * 1000)
            assert done.exit_code == 0, done.messages
            autotape("broker", "down", "--dir", folder / "broker")
        shutil.rmtree(folder)
    return new, again


def publish_rate(options, topic: str, lines: bytes) -> float:
    started = time.monotonic()
    subprocess.run(["mosquitto_pub", *options, "-q", "1", "-t", topic, "-l"], input=lines, check=True)
    return MESSAGES / (time.monotonic() - started)


def publish_rates() -> dict[str, list[float]]:
    lines = b"".join(b'{"message_id":"%064d","version":1}' % number + b" " * 300 + b"\n"
                     for number in range(MESSAGES))
    rates = {"stock Mosquitto": [], **{name: [] for name, _ in VARIANTS}}
    for _ in range(ROUNDS):  # in turns, so that a busy moment hits all
        with StockBroker() as stock:
            rates["stock Mosquitto"].append(publish_rate(stock.connection("publisher"), "live/level13/A", lines))
        for name, options in VARIANTS:
            with MockBroker(*options) as broker:
                rates[name].append(publish_rate(broker.connect_options(broker.publisher()), broker.topic(), lines))
    return rates


if __name__ == "__main__":
    for what, times in zip(("new directory", "certificates made"), start_times()):
        print(f"start to ready, {what:<18} median {statistics.median(times):6.0f} ms")
    measured = publish_rates()
    reference = statistics.median(measured["stock Mosquitto"])
    for name, rates in measured.items():
        print(f"{name:<40} {statistics.median(rates):8.0f} messages/s  {statistics.median(rates) / reference:5.2f} × stock")
