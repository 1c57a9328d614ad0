"""Runs the programs with faults, and prints what happened: `faults.py SHARDS VALUE`

SHARDS is a folder with the shards 0 ... 11 of huber, VALUE the value of all. The programs are as they
are; the tool that they call is a script with the fault. Exits with 1 if a run gives another value, or
fails without its reason, or if a fault did not happen.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOSSES = os.environ.get("LOSSES", "losses")
MPI = ["mpirun", *"--allow-run-as-root --oversubscribe -n 4".split(), sys.executable, "mpi.py"]
PROGRAMS = {"Spark": [sys.executable, "spark.py"], "Dask": [sys.executable, "dask_shards.py"], "MPI": MPI}

# The tool is killed while it runs, and with it the process that called it.
START = f'"{LOSSES}" "$@" & sleep 0.01; kill -9 $!; '
KILL_TOOL = START + "exit 137"
KILL_CALLER = START + "kill -9 $PPID; exit 137"
# Spark's executor is the parent of the daemon whose child calls the tool.
KILL_EXECUTOR = START + (
    "daemon=$(ps -o ppid= -p $PPID); kill -9 $(ps -o ppid= -p $daemon); exit 137")


def shard(number, action):
    return f"*/{number}.prediction.npy*", action


def merge(action):
    return "merge*", action


DELAYS = [
    shard("[036]", f'exec faketime -f +3000d "{LOSSES}" "$@"'),
    shard("[147]", f'exec faketime -f -3000d "{LOSSES}" "$@"'),
    shard(10, "sleep 3"),
]
# Fault, engine, cases with what they do the first time (or always), and the reason of a failure.
FAULTS = [
    ("tool killed", "Spark", [shard(2, KILL_TOOL)], None),
    ("Python worker, executor killed", "Spark", [shard(3, KILL_CALLER), shard(8, KILL_EXECUTOR)], None),
    ("tool, worker killed", "Dask", [shard(2, KILL_TOOL), shard(3, KILL_CALLER)], None),
    ("tool killed", "MPI", [shard(2, KILL_TOOL)], "ended with"),
    ("rank killed", "MPI", [shard(3, KILL_CALLER)], "signal 9"),
    *[("slow shard, clocks apart", engine, DELAYS, None) for engine in PROGRAMS],
    ("shard delivered twice", "MPI", [merge('cp "$2/3.partial" "$2/again.partial"')], "counted twice"),
    ("shard left out", "MPI", [merge('rm "$2/3.partial"')], "cover 11 shards"),
    ("partial truncated", "MPI", [merge('truncate -s -5 "$2/3.partial"')], "truncated or altered"),
    ("byte altered", "MPI", [
        merge('printf Z | dd of="$2/3.partial" bs=1 seek=99 conv=notrunc 2> /dev/null')],
     "truncated or altered"),
    ("other options for a shard", "MPI", [
        shard(3, f'exec "{LOSSES}" "$@" --option=delta=0.5')], "as the others"),
]


def faulty_tool(folder, cases):
    """A script that stands for the tool, and notes its calls."""
    lines = ["#!/bin/sh", f'echo "$@" >> "{folder}/calls"']
    for number, (pattern, action) in enumerate(cases):
        lines += [f'case "$*" in {pattern})']
        if action.startswith("exec "):
            lines += [f'mkdir -p "{folder}/{number}"; {action} ;;']
        else:
            lines += [f'if mkdir "{folder}/{number}" 2> /dev/null; then {action}; fi ;;']
        lines += ["esac"]
    path = folder / "tool"
    path.write_text("\n".join([*lines, f'exec "{LOSSES}" "$@"', ""]))
    path.chmod(0o755)
    return path


def attempt(engine, cases, shards):
    """What a program prints with a fault, its errors, the number of evaluations."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        environment = dict(
            os.environ, LOSSES=str(faulty_tool(folder, cases)), TMPDIR=str(folder))
        result = subprocess.run(
            [*PROGRAMS[engine], str(shards), "huber"], cwd=HERE, env=environment, timeout=200,
            capture_output=True, text=True)
        happened = all((folder / str(number)).exists() for number in range(len(cases)))
        evaluations = (folder / "calls").read_text().count("--partial=")
        return result, happened, evaluations


def main():
    shards, value = Path(sys.argv[1]).resolve(), sys.argv[2]
    # Clocks play no part: neither do the times of files.
    for file in sorted(shards.iterdir())[::2]:
        os.utime(file, (4e9, 4e9))
    print("| fault | engine | evaluations of 12 shards | result |\n|---|---|---|---|")
    failures = 0
    for fault, engine, cases, reason in FAULTS:
        result, happened, evaluations = attempt(engine, cases, shards)
        printed = result.stdout.strip()
        if result.returncode == 0:
            is_right, outcome = reason is None and printed == value, printed
        else:
            lines = [line for line in result.stderr.splitlines() if reason and reason in line]
            outcome = "fails: " + (lines[-1] if lines else result.stderr[-2000:])
            is_right = bool(lines) and not printed
        if not (is_right and happened):
            failures += 1
            outcome = f"WRONG ({'fault happened' if happened else 'no fault'}): {outcome}"
        print(f"| {fault} | {engine} | {evaluations} | {outcome} |", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
