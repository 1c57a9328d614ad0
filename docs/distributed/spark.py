"""Evaluates a loss over the shards of a folder with Spark: `spark.py FOLDER LOSS [OPTION]...`

SPARK_MASTER is the cluster, by default two worker processes on this machine. Spark runs a task that
failed, or whose worker was lost, again; it keeps the result of one attempt.
"""

import os
import sys

import shards
from pyspark.sql import SparkSession


def main():
    inputs, call = shards.arguments()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    master = os.environ.get("SPARK_MASTER", "local-cluster[2,1,1024]")
    spark = SparkSession.builder.master(master).appName("losses").getOrCreate()
    try:
        context = spark.sparkContext
        context.addPyFile(shards.__file__)
        # One task for each shard, so that a retry repeats no other.
        tasks = context.parallelize(inputs, len(inputs))
        partials = tasks.map(lambda shard: shards.evaluate(call, shard)).collect()
    finally:
        spark.stop()
    print(shards.merge(call, partials))


if __name__ == "__main__":
    main()
