"""Evaluates a loss over the shards of a folder with Dask: `dask_shards.py FOLDER LOSS [OPTION]...`

DASK_SCHEDULER is the address of a cluster, by default two worker processes on this machine. A task
that failed is run again, and so is one whose worker was lost.
"""

import os

import shards
from dask.distributed import Client, LocalCluster


def partials(client, inputs, call):
    client.upload_file(shards.__file__)
    # Not pure: a shard that is listed twice is evaluated twice, which the merge refuses.
    tasks = client.map(lambda shard: shards.evaluate(call, shard), inputs, retries=3, pure=False)
    return client.gather(tasks)


def main():
    inputs, call = shards.arguments()
    address = os.environ.get("DASK_SCHEDULER")
    if address:
        with Client(address) as client:
            results = partials(client, inputs, call)
    else:
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster, Client(cluster) as client:
            results = partials(client, inputs, call)
    print(shards.merge(call, results))


if __name__ == "__main__":
    main()
