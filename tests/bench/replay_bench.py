#!/usr/bin/python3
"""How fast a tape is replayed beside mosquitto_pub -l, how late deliveries are beside a paho player, and how far
an hour's tape at 60× ends from where it should; over mutual TLS, to a stock Mosquitto on the same machine. Prints one
line for each figure; medians of three.

    scripts/bench replay [MESSAGES]
"""
import json
import pathlib
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

import paho.mqtt.client as mqtt

from program import autotape
from stock_broker import APP_ID, StockBroker

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000  # mosquitto_pub -l loses what is beyond 65,535
RATE = 10_000
TOPIC = f"sandbox/level13/{APP_ID}/WATDEMPT0TRA1N001/diagnostics/get/speed"


def payload(number):
    text = (f'{{"message_id":"{number:064X}","version":1,"vin":"WATDEMPT0TRA1N001","capability":"diagnostics",'
            f'"property":"speed","data":{{"diagnostics":{{"speed":{{"data":{{"unit":"kilometers_per_hour",'
            f'"value":{number % 200}}},"timestamp":"2026-03-02T06:45:00.000Z"}}}}}}}}')
    return text[:-1] + ',"padding":"' + "x" * (400 - len(text) - 13) + '"}'


def write_tape(path):
    with path.open("w") as tape:
        for number in range(MESSAGES):
            received = f"2026-03-02T06:{number // RATE:02}:00.{number % RATE * 100:06}Z"
            tape.write(json.dumps({"received": received, "topic": TOPIC, "payload": payload(number)}) + "\n")


def median_rate(run):
    rates = []
    for _ in range(3):
        begun = time.monotonic()
        run()
        rates.append(MESSAGES / (time.monotonic() - begun))
    return statistics.median(rates)


def replay(broker, tape, *options):
    finished = autotape("replay", tape, *broker.connection("player"), "--json", *options)
    assert finished.exit_code == 0, finished.messages
    return json.loads(finished.output)


def paho_lateness(broker, seconds=3):
    """(p50, p99) in µs of a player that sleeps until each message is due, as people write them."""
    client = mqtt.Client("paho-player")
    client.tls_set(str(broker.authority.certificate), str(broker.client[0]), str(broker.client[1]),
                   cert_reqs=ssl.CERT_REQUIRED)
    client.max_inflight_messages_set(200)
    client.connect("localhost", broker.port)
    client.loop_start()
    text, late, start = payload(1), [], time.monotonic() + 0.2
    for number in range(RATE * seconds):
        due = start + number / RATE
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        client.publish(TOPIC, text, 1)
        late.append(time.monotonic() - due)
    client.disconnect()
    client.loop_stop()
    late.sort()
    return late[len(late) // 2] * 1e6, late[len(late) * 99 // 100] * 1e6


def end_of_an_hour(broker, folder):
    """How long after its moment (a minute after the start) the last delivery was sent, in ns."""
    tape, ledger = folder / "hour.ndjson", folder / "hour.ledger"
    with tape.open("w") as lines:
        for second in range(3601):
            received = f"2026-03-02T{6 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
            lines.write(json.dumps({"received": received, "topic": TOPIC, "payload": payload(second)}) + "\n")
    replay(broker, tape, "--rate", 60, "--ledger", ledger)
    last = json.loads([line for line in ledger.read_text().splitlines() if line][-1])
    assert last["planned"] == 3600 * 10**9 and last["due"] == 60 * 10**9, last
    return last["sent"] - last["due"]


def main():
    with tempfile.TemporaryDirectory() as name, StockBroker() as broker:
        folder = pathlib.Path(name)
        tape, lines = folder / "bench.ndjson", folder / "lines"
        write_tape(tape)
        lines.write_text("".join(payload(number) + "\n" for number in range(MESSAGES)))

        def publish_lines():
            with lines.open() as source:
                subprocess.run(["mosquitto_pub", *broker.connection("pub"), "-q", "1", "-t", TOPIC, "-l"],
                               stdin=source, check=True)

        pub = median_rate(publish_lines)
        ours = statistics.median(replay(broker, tape, "--rate", "max")["rate_per_second"] for _ in range(3))
        ledger = statistics.median(replay(broker, tape, "--rate", "max", "--ledger", folder / "l", "--force")
                                   ["rate_per_second"] for _ in range(3))
        print(f"mosquitto_pub -l            {pub:10,.0f} messages/s")
        print(f"replay --rate max           {ours:10,.0f} messages/s, {ours / pub:.2f} times as fast")
        print(f"  with a ledger             {ledger:10,.0f} messages/s, {ledger / pub:.2f} times as fast")

        late = replay(broker, tape, "--rate", f"{RATE}/s")["lateness"]
        print(f"lateness at {RATE:,}/s        p50 {late['p50'] / 1e3:.0f} µs, p99 {late['p99'] / 1e3:.0f} µs, "
              f"max {late['max'] / 1e3:.0f} µs")
        p50, p99 = paho_lateness(broker)
        print(f"  paho player               p50 {p50:,.0f} µs, p99 {p99:,.0f} µs")

        print(f"end of an hour's tape at 60×  {end_of_an_hour(broker, folder) / 1e3:,.0f} µs behind its moment")


if __name__ == "__main__":
    main()
