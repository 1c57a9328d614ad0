"""Writes shards of Float32 for a trial: `make_shards.py FOLDER SHARDS ROWS [WHOLE]`

Each shard has ROWS predictions and targets in -4 ... 4; the folder WHOLE gets all of them in one file
for each input. The numbers depend on nothing but the arguments.
"""

import array
import random
import sys
from pathlib import Path

STEP = 977


def header(count):
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},), }}"
    text += " " * ((-11 - len(text)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def main():
    folder, count, rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for seed, role in enumerate(("prediction", "target")):
        # A shard is a window into one list: a list for each would take minutes.
        numbers = random.Random(seed)
        pool = array.array("f", (8 * numbers.random() - 4 for _ in range(rows + STEP * count)))
        pool = memoryview(pool).cast("B")
        whole = None
        if len(sys.argv) > 4:
            Path(sys.argv[4]).mkdir(parents=True, exist_ok=True)
            whole = open(f"{sys.argv[4]}/whole.{role}.npy", "wb")
            whole.write(header(count * rows))
        for shard in range(count):
            start = 4 * STEP * shard
            window = pool[start : start + 4 * rows]
            with open(folder / f"{shard}.{role}.npy", "wb") as file:
                file.write(header(rows))
                file.write(window)
            if whole:
                whole.write(window)
        if whole:
            whole.close()


if __name__ == "__main__":
    main()
