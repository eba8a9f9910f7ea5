"""Numbered messages of the stream, and which of them are on a tape."""
import json
import os
import pathlib
import signal
import time

from program import autotape
from running_program import RunningAutotape
from stock_broker import APP_ID, StockBroker
from waiting import wait_until

VIN = "VFXXXXXXXXXXXXXXX"
FORMATS = os.environ.get("AUTOTAPE_TAPE_FORMATS", "ndjson mcap").split()
FILTER = f"sandbox/level13/{APP_ID}/#"
TOPIC = f"sandbox/level13/{APP_ID}/{VIN}/diagnostics/get/odometer"


def message_id(number: int) -> str:
    return f"{number:064X}"


def payload(number: int, unit: str = "kilometers") -> str:
    return json.dumps({"message_id": message_id(number), "version": 1, "vin": VIN,
                       "capability": "diagnostics", "property": "odometer",
                       "data": {"diagnostics": {"odometer": {
                           "data": {"unit": unit, "value": number},
                           "timestamp": "2026-03-01T07:00:00Z"}}}}, separators=(",", ":"))


def leave_session(tape: pathlib.Path, *options) -> str:
    """Records nothing, and leaves a session behind that queues from now on; gives what it said."""
    with RunningAutotape("record", "-o", tape, *options) as recorder:
        recorder.wait_for("autotape: recording ")
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait() == 0, recorder.messages()
        return recorder.messages()


def drain(broker: StockBroker, tape: pathlib.Path, connection) -> set[str]:
    """Records all that the broker has for a session, and gives the ids that are on the tape then. What a session
    queues comes in order: when a last message is there that is published now, nothing else will come."""
    last = time.time_ns()
    with RunningAutotape("record", "-o", tape, *connection) as recorder:
        recorder.wait_for("recording sandbox")
        broker.publish(TOPIC, [payload(last)], "last-publisher")
        wait_until(lambda: message_id(last) in ids_on(tape), "the last message is on the tape")
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait() == 0, recorder.messages()
    return ids_on(tape) - {message_id(last)}


def records(tape: pathlib.Path) -> list[dict]:
    """All whole lines of an NDJSON tape; what is being written may end in the middle of one."""
    if tape.suffix == ".ndjson":
        text = tape.read_text()
    else:
        text = autotape("tape", "cat", tape).output
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def messages(tape: pathlib.Path) -> list[dict]:
    return [record for record in records(tape) if "received" in record]


def markers(tape: pathlib.Path) -> list[str]:
    return [record["marker"] for record in records(tape) if "marker" in record]


def ids_on(tape: pathlib.Path) -> set[str]:
    return {json.loads(message["payload"])["message_id"] for message in messages(tape)}
