#!/usr/bin/python3
"""What a run of a search costs beside the consumer itself, and what it takes to find out each wrong consumer from the
plain commute, with default strengths, without knowing its flaw.

    scripts/bench search [CONSUMER …]     wrong consumers by name; all of them without
    scripts/bench search --save FILE      write each row there as it comes, and go on behind those that stand there
"""
import argparse
import json
import pathlib
import statistics
import tempfile
import time

from places import COMMUTE, ROOT
from program import autotape

WRONG = ROOT / "fixtures/consumers/wrong"
PYTHON = "/usr/bin/python3"  # Debian's has paho
MOST_RUNS = 300
LONGEST_SHRINK = "120s"

# What is wrong only where several share the work is run as several.
OPTIONS = {"replicas_do_not_share": ["--consumers", "2", "--expect", "parties=together"]}
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


def explored(name, folder):
    """What explore found, with what it takes to play the consumer again."""
    consumer = ["--", PYTHON, WRONG / f"{name}.py"]
    finished = autotape("explore", ROOT / "scenarios/clean-commute.yaml", "--until-failure", "--runs", MOST_RUNS, "--out",
                        folder / "failed", "--json", *OPTIONS.get(name, []), *consumer, timeout=3600)
    if not finished.output:
        raise RuntimeError(finished.messages.strip())
    return json.loads(finished.output), consumer


def row(name, folder):
    found, consumer = explored(name, folder)
    if not found["failed_runs"]:
        return f"| `{name}` | none of {found['runs']} | {found['seconds']:.1f} | | | |"
    run = found["failed_runs"][0]
    first = f"| `{name}` | {found['runs']} | {found['first_failure']['seconds']:.1f} |"
    finished = autotape("shrink", run["folder"], "--for", LONGEST_SHRINK, "--json", *consumer, timeout=3600)
    if not finished.output:
        return f"{first} {run['failures'][0]} | not shrunk: {finished.messages.strip()} | |"
    small = json.loads(finished.output)
    size = f"{small['deliveries']} of {small['of_deliveries']}"
    if small["faults"]:
        size += ", " + ", ".join(fault.get("consumer", fault.get("fault")) for fault in small["faults"])
    if not small["failed_again"]:
        size = "did not fail again"
    return f"{first} {small['symptom']} | {size} | {small['runs']} in {small['seconds']:.0f} s |"


def table(names, save):
    """Prints the table row by row; rows that `save` has already are not made again."""
    saved = save.read_text().splitlines() if save and save.exists() else []
    print("| wrong consumer | runs to the first failure | seconds | what failed | deliveries after shrinking | runs to shrink |"
          "\n|---|---|---|---|---|---|")
    for name in names:
        known = [line for line in saved if line.startswith(f"| `{name}` |")]
        if known:
            print(known[-1], flush=True)
            continue
        with tempfile.TemporaryDirectory() as place:
            try:
                line = row(name, pathlib.Path(place))
            except RuntimeError as error:  # the other rows are worth having; the next call makes this one
                print(f"| `{name}` | {error} | | | | |", flush=True)
                continue
        print(line, flush=True)
        if save:
            with save.open("a") as rows:
                rows.write(line + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("consumers", nargs="*", metavar="CONSUMER",
                        default=sorted(path.stem for path in WRONG.glob("[!_]*.py")))
    parser.add_argument("--save", type=pathlib.Path, metavar="FILE")
    arguments = parser.parse_args()
    overhead()
    print()
    table(arguments.consumers, arguments.save)


main()
