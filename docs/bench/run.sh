#!/usr/bin/env bash
# Times our losses and the peers' in turn on the same processors, then compares them.
usage='usage: LOSSES=FILE PYTHON=FILE PEERS=FOLDER OUT=FOLDER [NAME=VALUE]... run.sh

  LOSSES      the bench: .build/release/losses-bench after "swift build -c release --product losses-bench"
  PYTHON      a Python that has torch, jax, optax and numpy
  PEERS       the folder of bench_peers.py
  OUT         the folder for the results: a JSON file a run, and ratios.md, the page
              docs/measured/Timings.md
  SECOND      a build of ours for other processors (trait AVX512), for columns of its own
  ROUNDS      how often everything is timed; the quietest counts (3)
  SAMPLE      the seconds of sampling for each case and mode (1)
  THREADS     the numbers of threads (1 2)
  CPUS        the processors to use; of these the last THREADS are taken (all)
  FRAMEWORKS  the peers (torch torch-compile jax numpy)
  CASES       the cases, by name (all)'

if [[ -z $LOSSES || -z $PYTHON || -z $PEERS || -z $OUT ]]; then
  echo "$usage" >&2
  exit 2
fi
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
read -ra threads <<<"${THREADS:-1 2}"
read -ra cpus <<<"${CPUS:-$(seq -s ' ' 0 $(($(nproc) - 1)))}"
read -ra frameworks <<<"${FRAMEWORKS:-torch torch-compile jax numpy}"
ours=() theirs=()
# Some of our cases the peers do not have.
known=$("$PYTHON" "$PEERS/bench_peers.py" --list | cut -d " " -f 1)
for name in ${CASES:-}; do
  ours+=(--case "$name")
  grep -qx -- "$name" <<<"$known" && theirs+=(--case "$name")
done
# Without a name the peers would time everything.
[[ -n ${CASES:-} && ${#theirs[@]} == 0 ]] && frameworks=()
mkdir -p "$OUT"
failed=0

# run FRAMEWORK THREADS ROUND
run() {
  local file=$OUT/$1-$2-$3.json options=(--threads "$2" --seconds "${SAMPLE:-1}")
  local pinned=(taskset -c "$(IFS=,; echo "${cpus[*]: -$2}")")
  echo "round $3: $1, $2 thread(s), load $(cut -d ' ' -f 1 /proc/loadavg)" >&2
  if [[ $1 == swift* ]]; then
    local tool=$LOSSES
    [[ $1 == swift-second ]] && tool=$SECOND
    "${pinned[@]}" "$tool" "${options[@]}" ${ours[@]+"${ours[@]}"} --json >"$file"
  else
    [[ $1 == *-compile ]] && options+=(--compile)
    "${pinned[@]}" "$PYTHON" "$PEERS/bench_peers.py" --framework "${1%-compile}" "${options[@]}" \
      ${theirs[@]+"${theirs[@]}"} --json "$file" >&2
  fi || {
    echo "$1 with $2 thread(s) failed" >&2
    failed=1
    # What was timed before is kept, unless there is nothing to read.
    "$PYTHON" -m json.tool "$file" >/dev/null 2>&1 || rm -f "$file"
  }
}

for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
  for count in "${threads[@]}"; do
    if ((count > ${#cpus[@]})); then
      echo "$count threads need as many processors; there are ${#cpus[@]}" >&2
      failed=1
      continue
    fi
    # Every second round backwards, so that nobody always comes first.
    order=(swift ${SECOND:+swift-second} ${frameworks[@]+"${frameworks[@]}"})
    if ((round % 2 == 0)); then
      mapfile -t order < <(printf '%s\n' "${order[@]}" | tac)
    fi
    for name in "${order[@]}"; do run "$name" "$count" "$round"; done
  done
done

# The first build named is the one that is compared.
shopt -s nullglob
"$PYTHON" "$here/ratios.py" "$OUT"/swift-[0-9]*.json "$OUT"/[!s]*-[0-9]*-[0-9]*.json \
  ${SECOND:+"$OUT"/swift-second-*.json} | tee "$OUT/ratios.md" || failed=1
exit $failed
