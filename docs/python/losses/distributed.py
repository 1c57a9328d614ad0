"""Losses that several processes evaluate together.

    group = losses.distributed.torch_group()                     # or mpi_group(comm)
    loss = losses.cross_entropy(logits, target, group=group)      # the mean over the rows of all processes
    group = losses.distributed.torch_group(classes=(64_000, 96_000))
    loss = losses.cross_entropy(logits, target, group=group)      # logits of these classes of every row

All processes make the same calls; an error of one is raised on all. docs/Partials.md says when values and
gradients have the bits of one process. The divisor is that of all processes, so that gradients of
parameters are to be summed (`all_reduce`), not averaged as by DistributedDataParallel.
"""

import ctypes

_RECEIVE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64)
_ALL_GATHER = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64,
                               ctypes.c_void_p, _RECEIVE)


class _Group(ctypes.Structure):
    _fields_ = [("rank", ctypes.c_int32), ("count", ctypes.c_int32), ("first_class", ctypes.c_int64),
                ("end_class", ctypes.c_int64), ("context", ctypes.c_void_p), ("all_gather", _ALL_GATHER)]


class Group:
    """Processes, each with samples of its own or, with ``classes=(first, end)``, with those classes of the
    logits of all samples, for ``cross_entropy``.

    ``all_gather(bytes)`` sends bytes to every process and returns a list with those of each, in the order
    of the ranks.
    """

    def __init__(self, rank, size, all_gather, classes=None):
        self.rank, self.size, self.classes = rank, size, classes
        #: What ``all_gather`` has raised in the last call; the cause of the error of that call.
        self.failure = None
        #: The bytes that this process has sent.
        self.bytes_sent = 0

        def gather(context, data, count, receiver, receive):
            try:
                self.failure = None
                self.bytes_sent += count
                for message in all_gather(ctypes.string_at(data, count)):
                    receive(receiver, bytes(message), len(message))
                return 0
            except BaseException as error:  # nothing may unwind into the library
                self.failure = error
                return 1

        first, end = classes or (0, 0)
        self._memory = _Group(rank, size, first, end, None, _ALL_GATHER(gather))
        self.address = ctypes.addressof(self._memory)

    def __repr__(self):
        return f"losses.distributed.Group(rank={self.rank}, size={self.size}, classes={self.classes})"


def torch_group(group=None, classes=None):
    """A process group of ``torch.distributed``; None is the default one."""
    import torch.distributed as distributed
    size = distributed.get_world_size(group)

    def all_gather(message):
        messages = [None] * size
        distributed.all_gather_object(messages, message, group=group)
        return messages

    return Group(distributed.get_rank(group), size, all_gather, classes)


def mpi_group(communicator, classes=None):
    """A communicator of mpi4py."""
    return Group(communicator.Get_rank(), communicator.Get_size(), communicator.allgather, classes)
