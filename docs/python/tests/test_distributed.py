"""Several processes: their values and gradients have the bits of one."""

import os
import threading

import numpy as np
import pytest

import losses
from losses.distributed import Group, torch_group


class Threads:
    """A group of threads instead of processes."""

    def __init__(self, size):
        self.size, self.messages = size, [None] * size
        self.barrier = threading.Barrier(size)

    def group(self, rank, classes=None):
        def all_gather(message):
            self.messages[rank] = message
            self.barrier.wait(10)
            messages = list(self.messages)
            self.barrier.wait(10)
            return messages
        return Group(rank, self.size, all_gather, classes)

    def run(self, work):
        results = [None] * self.size

        def body(rank):
            try:
                results[rank] = work(rank)
            except Exception as error:
                results[rank] = error

        threads = [threading.Thread(target=body, args=(rank,)) for rank in range(self.size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results


def data(rows, classes):
    random = np.random.default_rng(1)
    logits = (4 * random.standard_normal((rows, classes))).astype(np.float32)
    return logits, random.integers(0, classes, rows)


def test_mean_over_all_rows():
    logits, target = data(50, 9)
    value, gradient = losses.cross_entropy.value_and_grad(logits, target)
    cuts = [0, 3, 3, 20, 50]  # one has no rows
    threads = Threads(4)

    def work(rank):
        rows = slice(cuts[rank], cuts[rank + 1])
        return losses.cross_entropy.value_and_grad(logits[rows], target[rows], group=threads.group(rank))

    results = threads.run(work)
    assert [result[0] for result in results] == [value] * 4
    assert np.array_equal(np.concatenate([result[1] for result in results]), gradient)


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}, {"reduction": "none"}])
def test_classes_of_each_process(options):
    logits, target = data(30, 101)
    value, gradient = losses.cross_entropy.value_and_grad(logits, target, **options)
    cuts = [0, 40, 41, 101]
    threads = Threads(3)

    def work(rank):
        group = threads.group(rank, (cuts[rank], cuts[rank + 1]))
        part = logits[:, cuts[rank]:cuts[rank + 1]]
        return losses.cross_entropy.value_and_grad(part, target, group=group, **options), group.bytes_sent

    results = threads.run(work)
    for (part, _), first, end in zip(results, cuts, cuts[1:]):
        assert np.array_equal(part[0], value)
        assert np.array_equal(part[1], gradient[:, first:end])


def test_classes_of_a_linear_layer():
    random = np.random.default_rng(2)
    hidden = random.standard_normal((20, 8)).astype(np.float32)
    kernel = random.standard_normal((101, 8)).astype(np.float32)
    target = random.integers(0, 101, 20)
    value, gradients = losses.linear_cross_entropy.value_and_grad(
        hidden, target, kernel, wrt=["hidden", "kernel"])
    cuts = [0, 40, 41, 101]
    threads = Threads(3)

    def work(rank):
        group = threads.group(rank, (cuts[rank], cuts[rank + 1]))
        part = kernel[cuts[rank]:cuts[rank + 1]]
        return losses.linear_cross_entropy.value_and_grad(
            hidden, target, part, wrt=["hidden", "kernel"], group=group)

    results = threads.run(work)
    for (part, grads), first, end in zip(results, cuts, cuts[1:]):
        assert np.array_equal(part, value)
        assert np.array_equal(grads["kernel"], gradients["kernel"][first:end])
    total = sum(grads["hidden"].astype(np.float64) for _, grads in results)
    assert np.allclose(total, gradients["hidden"], rtol=0, atol=1e-7)


def test_candidates_of_all_processes():
    random = np.random.default_rng(3)
    embeddings = random.standard_normal((12, 4)).astype(np.float32)
    labels = random.integers(0, 3, 12)
    value, gradient = losses.ntxent.value_and_grad(embeddings, labels, temperature=0.5)
    threads = Threads(3)

    def work(rank):
        rows = slice(4 * rank, 4 * rank + 4)
        return losses.ntxent.value_and_grad(
            embeddings[rows], labels[rows], temperature=0.5, group=threads.group(rank))

    results = threads.run(work)
    assert [result[0] for result in results] == [value] * 3
    assert np.array_equal(np.concatenate([result[1] for result in results]), gradient)


def test_an_error_of_one_is_raised_on_all():
    logits, target = data(10, 5)
    threads = Threads(2)
    results = threads.run(lambda rank: losses.cross_entropy(
        logits[:9] if rank else logits, target, group=threads.group(rank)))
    for error in results:
        assert isinstance(error, losses.LossError) and "This is an error of process 1." in str(error)
    results = threads.run(lambda rank: losses.huber(
        logits, logits, group=threads.group(rank, (5 * rank, 5 * rank + 5))))
    assert "expected cross_entropy, linear_cross_entropy or z_loss" in str(results[0])


def test_an_error_before_the_call_begins():
    logits, target = data(10, 5)
    threads = Threads(2)
    results = threads.run(lambda rank: losses.cross_entropy(
        logits, target, reduction="average" if rank else "mean", group=threads.group(rank)))
    for error in results:
        assert isinstance(error, losses.LossError) and "average" in str(error)


def test_what_differs_is_named():
    x = np.eye(4)
    threads = Threads(2)
    results = threads.run(lambda rank: losses.clip(
        x[2 * rank:2 * rank + 2], x[2 * rank:2 * rank + 2], 2. + rank, group=threads.group(rank)))
    assert all("has other numbers of scale, which all processes share" in str(error) for error in results)
    results = threads.run(lambda rank: losses.clip(
        x[2 * rank:2 * rank + 2], x[2 * rank:2 * rank + 2], 2., weight=np.ones(2) if rank else None,
        group=threads.group(rank)))
    assert all("process 1 has the inputs prediction, target, scale, weight" in str(error) for error in results)


def test_the_cause_of_a_failed_collective():
    def all_gather(message):
        raise ConnectionError("the cable")
    with pytest.raises(losses.LossError, match="all_gather") as caught:
        losses.huber([1.0], [2.0], group=Group(0, 1, all_gather))
    assert isinstance(caught.value.__cause__, ConnectionError)


def _worker(rank, size, port, rows, classes, queue):
    import torch
    import torch.distributed as distributed
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    distributed.init_process_group("gloo", rank=rank, world_size=size)
    logits, target = data(rows, size * classes)
    group = torch_group(classes=(rank * classes, (rank + 1) * classes))
    part = torch.tensor(logits[:, rank * classes:(rank + 1) * classes], requires_grad=True)
    value = losses.cross_entropy(part, torch.tensor(target), group=group)
    value.backward()
    queue.put((rank, value.item(), part.grad.numpy(), group.bytes_sent / rows))
    distributed.barrier()
    distributed.destroy_process_group()


def test_torch_distributed():
    torch = pytest.importorskip("torch")
    import socket
    import torch.multiprocessing as processes
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rows, classes = 64, 500
    context = processes.get_context("spawn")
    queue = context.Queue()
    workers = [context.Process(target=_worker, args=(rank, 4, port, rows, classes, queue)) for rank in range(4)]
    for worker in workers:
        worker.start()
    results = sorted(queue.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join(60)
    logits, target = data(rows, 4 * classes)
    value, gradient = losses.cross_entropy.value_and_grad(logits, target)
    for rank, part, grad, _ in results:
        assert part == np.float32(value)
        assert np.array_equal(grad, gradient[:, rank * classes:(rank + 1) * classes])
