#!/usr/bin/env bash
# Wall times and memory of the engines, for docs/Distributed.md: measure.sh SHARDS ROWS [LOSS [OPTION]...]
# It needs LOSSES (a release build), the packages of .ci/distributed, and 16 bytes a row on /tmp.
set -euo pipefail
programs="$(cd "$(dirname "$0")" && pwd)"
count="$1" rows="$2"
shift 2
[ $# -gt 0 ] || set -- huber
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
measured() {
  local name="$1"
  shift
  # Maximum resident size is that of the largest process.
  /usr/bin/time -f "%e s, %U s user, %S s system, %M KiB" -o "$work/time" "$@" > "$work/out" 2> "$work/log" || {
    tail -20 "$work/log"
    exit 1
  }
  echo "| $name | $(tail -1 "$work/out") | $(tail -1 "$work/time") | $(cut -d' ' -f1 /proc/loadavg) |"
}
plain() {
  for ((shard = 0; shard < count; shard++)); do
    "$LOSSES" eval "$@" --input=prediction="$work/shards/$shard.prediction.npy" \
      --input=target="$work/shards/$shard.target.npy"
  done > "$work/values"
  echo "no value of all"
}
partial() {
  local each
  each="$(mktemp -d "$1/each.XXXXXX")"
  shift
  for ((shard = 0; shard < count; shard++)); do
    "$LOSSES" eval "$@" --input=prediction="$work/shards/$shard.prediction.npy" --shards="$count" \
      --input=target="$work/shards/$shard.target.npy" --partial="$each/$shard.partial" 2> /dev/null
  done
  "$LOSSES" merge "$each"
  rm -r "$each"
}
export -f plain partial
export work count LOSSES

python3 "$programs/make_shards.py" "$work/shards" "$count" "$rows" "$work/whole"
measured "one call" "$LOSSES" eval "$@" --input=prediction="$work/whole/whole.prediction.npy" \
  --input=target="$work/whole/whole.target.npy"
measured "one worker" "$LOSSES" eval "$@" --input=prediction="$work/whole/whole.prediction.npy" \
  --input=target="$work/whole/whole.target.npy" --partial="$work/all.partial"
measured "its merge" "$LOSSES" merge "$work/all.partial"
rm -r "$work/whole"
cat "$work"/shards/* > /dev/null
for run in 1 2; do
  measured "plain, a process each" bash -c 'plain "$@"' - "$@"
  measured "partial, a process each, merged" bash -c 'partial "$@"' - /dev/shm "$@"
  measured "the same, partials on the disk" bash -c 'partial "$@"' - "$work" "$@"
done
measured "worker of one shard" "$LOSSES" eval "$@" --input=prediction="$work/shards/0.prediction.npy" \
  --input=target="$work/shards/0.target.npy" --partial="$work/0.partial"
measured "one process, partials" "$LOSSES" eval "$@" --input="prediction=$work/shards/*.prediction.npy" \
  --input="target=$work/shards/*.target.npy" --partial="$work/parts"
measured "merge" "$LOSSES" merge "$work/parts"
measured "Spark, 2 workers" python "$programs/spark.py" "$work/shards" "$@"
measured "Dask, 2 workers" python "$programs/dask_shards.py" "$work/shards" "$@"
measured "MPI, 4 ranks" mpirun --allow-run-as-root --oversubscribe -n 4 \
  python "$programs/mpi.py" "$work/shards" "$@"
