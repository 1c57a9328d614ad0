"""Evaluates a loss over the shards of a folder with MPI: `mpirun -n 4 python mpi.py FOLDER LOSS [OPTION]...`

Each rank evaluates its shards, and rank 0 merges. A rank that fails ends all: MPI has no retries.
"""

import sys
import traceback

import shards
from mpi4py import MPI


def main(comm):
    # Rank 0 lists the folder, so that all ranks have the same list.
    inputs, call = comm.bcast(shards.arguments() if comm.rank == 0 else None)
    own = [shards.evaluate(call, shard) for shard in inputs[comm.rank :: comm.size]]
    partials = comm.gather(own)
    if comm.rank == 0:
        print(shards.merge(call, [partial for part in partials for partial in part]))


if __name__ == "__main__":
    try:
        main(MPI.COMM_WORLD)
    except BaseException:
        # The other ranks would wait for this one for ever.
        traceback.print_exc()
        sys.stderr.flush()
        MPI.COMM_WORLD.Abort(1)
