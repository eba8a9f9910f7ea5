#!/usr/bin/python3
"""What a run of a search costs beside the consumer itself, and what it takes to find out each wrong consumer from the
plain commute, with default strengths, without knowing its flaw.

    scripts/bench search [CONSUMER …]     wrong consumers by name; all of them without
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from program import AUTOTAPE, autotape

ROOT = pathlib.Path(__file__).parents[2]
COMMUTE = ROOT / "fixtures/tapes/commute.ndjson"
WRONG = ROOT / "fixtures/consumers/wrong"
NAMES = sys.argv[1:] or sorted(path.stem for path in WRONG.glob("*.py") if path.stem != "correct")
PYTHON = "/usr/bin/python3"  # Debian's has paho
SUBSCRIBER = ["mosquitto_sub", "-c", "-q", "1", "-h", "{host}", "-p", "{port}", "--cafile", "{ca_file}", "--cert",
              "{cert_file}", "--key", "{key_file}", "-i", "{client_id}", "-t", "{topic}", "-F", "%p"]


def overhead():
    """Runs of twenty messages with a consumer that starts in some milliseconds and does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        tape = pathlib.Path(folder) / "short.ndjson"
        tape.write_text("".join(COMMUTE.open().readlines()[:21]))
        begun = time.monotonic()
        finished = autotape("explore", tape, "--rate", "max", "--duplicate", "50%", "--runs", "30", "--observations",
                            "stdout", "--out", pathlib.Path(folder) / "runs", "--json", "--", *SUBSCRIBER)
        elapsed = time.monotonic() - begun
        found = json.loads(finished.output)
        runs = [run["seconds"] for run in found["failed_runs"]]
    print(f"overhead of a run, beside the consumer: median {1000 * statistics.median(runs):.0f} ms, "
          f"longest {1000 * max(runs):.0f} ms of {len(runs)} runs; with the broker's start {1000 * elapsed / found['runs']:.0f} ms a run")


def search(name, folder):
    consumer = [PYTHON, WRONG / f"{name}.py"]
    finished = autotape("explore", ROOT / "scenarios/clean-commute.yaml", "--until-failure", "--runs", "300", "--out",
                        folder / "failed", "--json", "--", *consumer)
    if not finished.output:
        return f"| `{name}` | {finished.messages.strip()} | | | | |"
    found = json.loads(finished.output)
    if not found["failed_runs"]:
        return f"| `{name}` | not found in {found['runs']} | {found['seconds']:.1f} | | | |"
    run = found["failed_runs"][0]
    finished = subprocess.run([AUTOTAPE, "shrink", run["folder"], "--for", "120s", "--json", "--", *consumer],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if not finished.stdout:
        return f"| `{name}` | {found['runs']} | {found['seconds']:.1f} | {run['failures'][0]} | not shrunk | |"
    small = json.loads(finished.stdout)
    size = f"{small['deliveries']} of {small['of_deliveries']}"
    if small["faults"]:
        size += ", " + ", ".join(fault.get("consumer", fault.get("fault")) for fault in small["faults"])
    if not small["failed_again"]:
        size = "did not fail again"
    return (f"| `{name}` | {found['runs']} | {found['first_failure']['seconds']:.1f} | {small['symptom']} | {size} "
            f"| {small['runs']} in {small['seconds']:.1f} s |")


overhead()
print("\n| wrong consumer | runs to the first failure | seconds | what failed | deliveries after shrinking | runs to shrink |"
      "\n|---|---|---|---|---|---|")
for one in NAMES:
    with tempfile.TemporaryDirectory() as place:
        print(search(one, pathlib.Path(place)), flush=True)
