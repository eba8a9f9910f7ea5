"""Numbered messages of the stream, and which of them are on a tape."""
import json
import pathlib
import signal

from program import autotape
from running_program import start_autotape
from stock_broker import APP_ID

VIN = "VFXXXXXXXXXXXXXXX"
FILTER = f"sandbox/level13/{APP_ID}/#"
TOPIC = f"sandbox/level13/{APP_ID}/{VIN}/diagnostics/get/odometer"


def payload(number: int) -> str:
    return json.dumps({"message_id": f"{number:064X}", "version": 1, "vin": VIN,
                       "capability": "diagnostics", "property": "odometer",
                       "data": {"diagnostics": {"odometer": {
                           "data": {"unit": "kilometers", "value": number},
                           "timestamp": "2026-03-01T07:00:00Z"}}}}, separators=(",", ":"))


def leave_session(tape: pathlib.Path, *options):
    """Records nothing, and leaves a session behind that queues from now on."""
    with start_autotape("record", "-o", tape, *options) as recorder:
        recorder.wait_for("recording sandbox")
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait() == 0, recorder.messages()


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
