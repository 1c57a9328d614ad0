"""What the programs share: the shards of a folder, the worker of one, the merge of all.

A shard has a file NAME.ROLE.npy for each input of the loss, such as 7.prediction.npy and 7.target.npy.
The environment variable LOSSES names the tool, if `losses` is not on the path.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# The tool waits until a partial result is on the disk: in memory that takes no time.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def arguments():
    """What `PROGRAM FOLDER LOSS [OPTION]...` asks for: the inputs of each shard, the call, the tool."""
    if len(sys.argv) < 3:
        raise SystemExit(f"usage: {Path(sys.argv[0]).name} FOLDER LOSS [--option KEY=VALUE]...")
    tool = os.environ.get("LOSSES", "losses")
    found = {}
    for path in sorted(Path(sys.argv[1]).resolve().glob("*.*.npy")):
        name, role, _ = path.name.rsplit(".", 2)
        found.setdefault(name, []).append(f"--input={role}={path}")
    if not found:
        raise SystemExit(f"{sys.argv[1]} has no file NAME.ROLE.npy")
    # The number of shards lets the merge refuse fewer.
    call = [tool, "eval", *sys.argv[2:], f"--shards={len(found)}"]
    return list(found.values()), call


def run(call):
    """What a call of the tool prints; a failure becomes an exception, which engines report or retry."""
    result = subprocess.run(call, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip() or f"{call[0]} ended with {result.returncode}")
    return result.stdout.strip()


def evaluate(call, shard):
    """The bytes of the partial result of one shard."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        file = Path(folder) / "shard.partial"
        run([*call, *shard, f"--partial={file}"])
        return file.read_bytes()


def merge(call, partials):
    """The value of all data. Partial results that do not fit together are an exception."""
    with tempfile.TemporaryDirectory() as folder:
        for index, partial in enumerate(partials):
            (Path(folder) / f"{index}.partial").write_bytes(partial)
        return run([call[0], "merge", folder])
