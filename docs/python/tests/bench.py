"""Times the installed package: python docs/python/tests/bench.py [bench_peers.py [THREADS]]

The price of a call over the C library, and, with a script of cases in PyTorch (functions `make_data` and
`build_torch`, dictionary `CASES`), value and gradient through the autograd function against PyTorch's own.
"""

import importlib.util
import statistics
import sys
import time

import numpy as np

import losses
from losses import _plan


THREADS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
clock = time.process_time if THREADS == 1 else time.perf_counter


def median(function, seconds=0.6):
    """The median time of a call in seconds."""
    function()
    repeats, start = 1, clock()
    while (elapsed := clock() - start) < 0.1:
        function()
        repeats += 1
    batch = max(1, int(0.002 * repeats / elapsed))
    samples, end = [], clock() + seconds
    while len(samples) < 7 or clock() < end:
        start = clock()
        for _ in range(batch):
            function()
        samples.append((clock() - start) / batch)
    return statistics.median(samples)


def calls():
    print("| call | in C from Python, prepared | Python | over it |\n|---|---|---|---|")
    for count in (4, 1000, 10**6):
        p, t = np.random.default_rng(1).normal(size=(2, count)).astype(np.float32)
        loss = losses.get("mean_squared_error")
        for name, call in [("value", lambda: loss(p, t)), ("value, by function", lambda: losses.mean_squared_error(p, t)),
                           ("value and gradient", lambda: loss.value_and_grad(p, t))]:
            call()
            # The same structures, called again without what Python does for a call.
            (plan,) = [pool[0] for key, pool in loss._plans.items() if key[0] == (("prediction",) if "grad" in name else ())]
            arrays = [p, t] + [np.empty_like(p)] * len(plan.outputs)
            for slot, array in zip(plan.slots, arrays):
                plan.pointers[slot] = array.__array_interface__["data"][0]
            prepared = median(lambda: _plan._evaluate(loss._handle, *plan.arguments))
            full = median(call)
            print(f"| {name}, {count} | {prepared * 1e6:.2f} µs | {full * 1e6:.2f} µs | {(full - prepared) * 1e6:.2f} µs |")


OURS = {
    "mse": ("torch.nn.MSELoss", {}), "mae": ("torch.nn.L1Loss", {}), "huber": ("torch.nn.HuberLoss", {}),
    "log_cosh": ("log_cosh", {}), "poisson": ("torch.nn.PoissonNLLLoss", {}),
    "bce": ("torch.nn.BCEWithLogitsLoss", {}), "hinge": ("hinge", {}),
    "focal": ("torchvision.ops.sigmoid_focal_loss", {"reduction": "mean"}),
    "ce_sparse": ("torch.nn.CrossEntropyLoss", {}), "ce_dense": ("torch.nn.CrossEntropyLoss", {}),
    "kl": ("torch.nn.KLDivLoss", {"reduction": "batchmean"}),
    "dice": ("monai.losses.DiceLoss", {"softmax": True}),
    "lovasz": ("segmentation_models_pytorch.LovaszLoss", {"mode": "multiclass"}),
    "triplet": ("torch.nn.TripletMarginLoss", {}), "cosine_embedding": ("torch.nn.CosineEmbeddingLoss", {}),
    "margin_ranking": ("torch.nn.MarginRankingLoss", {}), "ntxent": ("ntxent", {"temperature": 0.1}),
}


def peers(path):
    import torch
    specification = importlib.util.spec_from_file_location("peers", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    torch.set_num_threads(THREADS)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    print("| case | ours, ms | PyTorch, ms | ratio | value |\n|---|---|---|---|---|")
    for name, case in module.CASES.items():
        if case["kind"] not in OURS and case["kind"] != "ctc":
            continue
        predictions, targets = module.make_data(case, np)
        P = [torch.from_numpy(x).requires_grad_() for x in predictions]
        T = [torch.from_numpy(x) for x in targets]
        try:
            ours = ctc(case, torch) if case["kind"] == "ctc" else losses.get(OURS[case["kind"]][0], **OURS[case["kind"]][1])

            def run():
                for x in P:
                    x.grad = None
                value = ours(*P, *T)
                value.backward()
                return value.item()
            value = run()
        except losses.LossError as error:
            print(f"| {name} | {error} |")
            continue
        _, theirs, check = module.build_torch(case, False, np)
        expected = check()
        same = abs(value - expected) <= 2e-4 * abs(expected) + 1e-6
        mine, other = median(run), median(theirs)
        print(f"| {name} | {mine * 1e3:.4g} | {other * 1e3:.4g} | {other / mine:.2f} | "
              f"{'same' if same else f'{value} against {expected}'} |", flush=True)


def ctc(case, torch):
    loss = losses.get("torch.nn.CTCLoss")
    lengths = [torch.full((case["n"],), case[key], dtype=torch.long) for key in ("t", "s")]
    return lambda x, y: loss(torch.nn.functional.log_softmax(x, -1), y, *lengths)


if __name__ == "__main__":
    calls()
    if len(sys.argv) > 1:
        peers(sys.argv[1])
