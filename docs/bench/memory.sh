#!/usr/bin/env bash
# What value and gradient need of memory beside inputs and gradients, and how often a call allocates.
# Linux with glibc and a C compiler.
usage='usage: LOSSES=FILE memory.sh [CASE]...

  LOSSES      the bench: .build/release/losses-bench after "swift build -c release --product losses-bench"
  THREADS     the number of threads (1)'

if [[ -z ${LOSSES:-} ]]; then
  echo "$usage" >&2
  exit 2
fi
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${CC:-cc}" -O2 -shared -fPIC -o "$folder/allocations.so" "$here/allocations.c"
# Each case alone: what one leaves behind must not hide what the next needs.
(($# > 0)) || set -- mse_1.6e7 ce_sparse_4096x1000 dice_8x4x256x256 ctc_T200_N32_C64_S50
for name in "$@"; do
  LD_PRELOAD=$folder/allocations.so "$LOSSES" --memory --case "$name" \
    --threads "${THREADS:-1}"
done | awk 'NR == 1 || !/^case /'
