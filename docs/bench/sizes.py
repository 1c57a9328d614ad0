#!/usr/bin/env python3
"""Runs bench_peers.py on four losses of ten to a hundred million elements, the cases of the same names
of `losses-bench`.

    PYTHONPATH=PEERS python3 sizes.py --framework torch --threads 1 --seconds 0.2 --json torch-1.json
    losses-bench $(PYTHONPATH=PEERS python3 sizes.py --cases) --threads 1 --seconds 0.2 --json >swift-1.json
    python3 ratios.py swift-1.json torch-1.json
"""
import sys

import bench_peers

bench_peers.CASES.clear()
for exponent in range(1, 9):
    n = 10**exponent
    for name, kind in ("mse", "mse"), ("huber", "huber"), ("bce_logits", "bce"):
        bench_peers._case(f"{name}_1e{exponent}", kind, n, "prediction", n=n)
    for classes in 10, 100:
        rows = max(1, n // classes)
        bench_peers._case(
            f"ce_sparse_{rows}x{classes}", "ce_sparse", rows * classes, "logits", b=rows, c=classes)
if sys.argv[1:] == ["--cases"]:
    print(*(f"--case {name}" for name in bench_peers.CASES))
else:
    bench_peers.main()
