"""How much memory the commands take that read or make tapes."""
import json
import pathlib
import shutil
import subprocess
import sys

from program import AUTOTAPE


# A new process counts the memory of the one that it was made by: so it is made by a small one.
MEASURE = """
import os, sys
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
os.write(out, str(usage.ru_maxrss).encode())
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_memory(*arguments, exit_code: int = 0) -> float:
    """Runs `autotape arguments…` and gives the most memory that it had (resident set), in MiB; 10 at least."""
    measured = subprocess.run([sys.executable, "-S", "-E", "-c", MEASURE, AUTOTAPE, *map(str, arguments)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert measured.returncode == exit_code, f"{arguments}: {measured.returncode} {measured.stderr.decode()}"
    return int(measured.stdout) / 1024


def tape_commands(folder: pathlib.Path, tape: pathlib.Path) -> dict[str, list]:
    """Every command over this MCAP tape, with what it needs of other files in the folder; each overwrites its output."""
    stem = folder / tape.stem
    ndjson, log, cut, key = f"{stem}.ndjson", f"{stem}.log", f"{stem}.cut.mcap", folder / "fleet.key"
    subprocess.run([AUTOTAPE, "tape", "convert", tape, "-o", ndjson, "--force"], check=True, stderr=subprocess.DEVNULL)
    shutil.copy(tape, cut)
    with open(cut, "r+b") as file:
        file.truncate(tape.stat().st_size - 100)
    with open(ndjson) as lines, open(log, "w") as file:
        messages = (line for line in map(json.loads, lines) if "topic" in line)
        file.writelines(f"{message['topic']} {message['payload']}\n" for message in messages)
    out = ["-o", folder / "out.mcap", "--force"]
    return {
        "info": ["tape", "info", ndjson],
        "cat": ["tape", "cat", tape],
        "cat --readings": ["tape", "cat", "--readings", "--format", "csv", tape],
        "convert": ["tape", "convert", ndjson, *out],
        "convert to ndjson.zst": ["tape", "convert", tape, "-o", folder / "out.ndjson.zst", "--force"],
        "filter": ["tape", "filter", tape, "--from", "1s", *out],
        "merge of three": ["tape", "merge", tape, ndjson, tape, *out],
        "sort": ["tape", "sort", tape, *out],
        "recover": ["tape", "recover", cut, *out],
        "compare": ["tape", "compare", tape, ndjson],
        "import": ["tape", "import", log, *out],
        "anonymize": ["anonymize", tape, "--key-file", key, *out],
    }
