"""Times PyTorch's losses with their options: python docs/python/tests/bench_options.py [WORD] > docs/measured/OptionTimings.md

Each call under the name of PyTorch, on NumPy arrays, against PyTorch itself on one thread; only names
with WORD. The cases of bench.py have default options, which are the ones that are optimised first.
"""

import datetime
import sys
import time

import numpy as np
import torch

import losses

random = np.random.default_rng(0)
ROWS, CLASSES = 4096, 100


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


logits, target, third = normal(ROWS, CLASSES), normal(ROWS, CLASSES), normal(ROWS, CLASSES)
log_probabilities = torch.log_softmax(torch.tensor(logits), 1).numpy()
labels, shares = random.integers(0, CLASSES, ROWS), np.abs(normal(ROWS, CLASSES))
shares /= shares.sum(1, keepdims=True)
weights = random.uniform(0.5, 2, CLASSES).astype(np.float32)
binary = (random.random((ROWS, CLASSES)) < 0.3).astype(np.float32)
probabilities = (0.01 + 0.98 * random.random((ROWS, CLASSES))).astype(np.float32)
signs = np.sign(normal(ROWS, CLASSES))
several = np.full((ROWS, CLASSES), -1)
several[:, :5] = np.argsort(random.random((ROWS, CLASSES)), 1)[:, :5]
images, pixels = normal(4, 21, 128, 128), random.integers(0, 21, (4, 128, 128))

CASES = [
    ("cross_entropy", [logits, labels], {}),
    ("cross_entropy", [logits, labels], {"label_smoothing": 0.1}),
    ("cross_entropy", [logits, labels], {"weight": weights}),
    ("cross_entropy", [logits, labels], {"weight": weights, "label_smoothing": 0.1}),
    ("cross_entropy", [logits, shares], {}),
    ("cross_entropy", [logits, shares], {"weight": weights}),
    ("cross_entropy", [images, pixels], {}),
    ("cross_entropy", [images, pixels], {"label_smoothing": 0.1}),
    ("cross_entropy", [images, pixels], {"ignore_index": 3}),
    ("nll_loss", [log_probabilities, labels], {}),
    ("kl_div", [log_probabilities, shares], {"reduction": "batchmean"}),
    ("kl_div", [log_probabilities, np.log(shares)], {"reduction": "batchmean", "log_target": True}),
    ("binary_cross_entropy", [probabilities, binary], {}),
    ("binary_cross_entropy_with_logits", [logits, binary], {}),
    ("binary_cross_entropy_with_logits", [logits, binary], {"pos_weight": weights}),
    ("multilabel_soft_margin_loss", [logits, binary], {}),
    ("multi_margin_loss", [logits, labels], {}),
    ("multi_margin_loss", [logits, labels], {"p": 2, "weight": weights}),
    ("multilabel_margin_loss", [logits, several], {}),
    ("mse_loss", [logits, target], {}),
    ("l1_loss", [logits, target], {}),
    ("smooth_l1_loss", [logits, target], {"beta": 0.5}),
    ("huber_loss", [logits, target], {"delta": 0.5}),
    ("soft_margin_loss", [logits, signs], {}),
    ("hinge_embedding_loss", [logits, signs], {}),
    ("poisson_nll_loss", [logits, np.abs(target)], {}),
    ("poisson_nll_loss", [logits, np.floor(3 * np.abs(target))], {"full": True}),
    ("gaussian_nll_loss", [logits, target, probabilities], {}),
    ("cosine_embedding_loss", [logits, target, signs[:, 0]], {}),
    ("margin_ranking_loss", [logits, target, signs], {}),
    ("triplet_margin_loss", [logits, target, third], {}),
    ("triplet_margin_loss", [logits, target, third], {"p": 1}),
    ("triplet_margin_loss", [logits, target, third], {"swap": True}),
]


def fastest(function, seconds=0.3):
    """The shortest time of a call in seconds."""
    function()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    torch.set_num_threads(1)
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    print(f"<!-- Measured by docs/python/tests/bench_options.py on {datetime.date.today()}. Do not edit. -->\n")
    print(f"# PyTorch's losses with their options\n\nns per element of the first input, one thread: ours on NumPy"
          f" arrays, PyTorch {torch.__version__.split('+')[0]} on tensors. The gradient is that of the first input."
          f" A ratio above 1: ours is faster.\n")
    print("| function | options | shape | value: ours | PyTorch | ratio | value and gradient: ours | PyTorch | ratio |")
    print("|---|---|---|---:|---:|---:|---:|---:|---:|")
    for name, arrays, options in CASES:
        if word not in name:
            continue
        ours, theirs = losses.get(f"torch.{name}", **options), getattr(torch.nn.functional, name)
        first, *others = (torch.tensor(array) for array in arrays)
        first.requires_grad_()
        keywords = {key: torch.tensor(value) if isinstance(value, np.ndarray) else value
                    for key, value in options.items()}

        def backward():
            first.grad = None
            theirs(first, *others, **keywords).backward()

        with torch.no_grad():
            value = fastest(lambda: theirs(first, *others, **keywords))
        times = [fastest(lambda: ours(*arrays)), value, fastest(lambda: ours.value_and_grad(*arrays)), fastest(backward)]
        cells = [f"{1e9 * one / first.numel():.3f}" for one in times]
        shape = "×".join(map(str, first.shape))
        print(f"| `{name}` | {', '.join(options)} | {shape} | {cells[0]} | {cells[1]} | {times[1] / times[0]:.2f} |"
              f" {cells[2]} | {cells[3]} | {times[3] / times[2]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
