"""What is asked of every loss with its typical input: each reduction, with and without weights and a
mask, over some axes only, and of nothing at all."""

from dataclasses import dataclass

from precise.table import F32, F64

KINDS = {
    "none": "each term",
    "sum": "the sum",
    "mean": "the mean",
    "batch_mean": "the mean over samples",
    "weighted_mean": "the mean by weight",
}
WEIGHTS = [2.0, 0.5, 0.0, 3.0, 1.0, 0.25]
KEPT = [True, False, True, True, False, True]


@dataclass(frozen=True)
class Reduced:
    """A reduction, with what is given beside the inputs. An axis of `even` has weights of extent 1."""

    id: str
    about: str
    flags: str
    reduction: str | dict
    weighs: bool = False
    masks: bool = False
    keeps_nothing: bool = False
    even: tuple = ()
    rank: int = 0
    elements: tuple = (F64,)


def plain():
    for kind, words in KINDS.items():
        divisor = "" if kind == "none" else "WrongDivisor "
        name = kind.replace("_", "-")
        both = (F64, F32)
        yield Reduced(name, words, divisor.strip(), kind, elements=both)
        yield Reduced(
            f"{name}-weighted", f"{words} of weighted terms, one of weight 0",
            divisor + "WeightAsDivisor MaskedNaN", kind, weighs=True)
        yield Reduced(
            f"{name}-masked", f"{words} where the mask keeps a term", divisor + "MaskedLeak MaskedNaN",
            kind, masks=True)
        yield Reduced(
            f"{name}-weighted-masked", f"{words} of weighted terms that the mask keeps",
            divisor + "WeightAsDivisor MaskedLeak MaskedNaN", kind, weighs=True, masks=True,
            elements=both)


PARTIAL = [
    Reduced("mean-first-axis", "the mean over the first axis", "LostAxis",
        {"kind": "mean", "axes": [0]}, rank=2),
    Reduced("sum-last-axis", "the sum over the last axis, which stays", "LostAxis",
        {"kind": "sum", "axes": [-1], "keeps_axes": True}, rank=2),
    Reduced("weighted-mean-last-axis", "a mean by weight for each sample", "LostAxis WeightAsDivisor",
        {"kind": "weighted_mean", "axes": [-1]}, weighs=True, masks=True, rank=2),
    Reduced("mean-of-sums", "the mean of the sums of samples", "LostAxis WrongDivisor",
        {"kind": "mean", "first": {"kind": "sum", "axes": [-1]}}, rank=2),
    Reduced("sum-of-means", "the sum of the means of what is kept", "MaskedLeak WrongDivisor",
        {"kind": "sum", "first": {"kind": "mean", "axes": [-1]}}, masks=True, rank=2),
    Reduced("weight-of-a-sample", "one weight for each sample", "BroadcastShape WeightAsDivisor",
        "weighted_mean", weighs=True, even=(1,), rank=2),
    Reduced("weight-of-a-place", "one weight for each place of all samples",
        "BroadcastShape WeightAsDivisor", "mean", weighs=True, even=(0,), rank=2),
]

NOTHING = [
    Reduced("sum-of-nothing", "the sum where all is masked", "EmptyMean MaskedNaN", "sum"),
    Reduced("none-of-nothing", "zeros where all is masked", "MaskedNaN", "none"),
] + [
    Reduced(f"{kind.replace('_', '-')}-of-nothing-{empty}",
        f"{KINDS[kind]} of nothing is {'0' if empty == 'zero' else 'NaN'} by choice",
        "EmptyMean MaskedNaN", {"kind": kind, "when_empty": empty})
    for kind, empty in (("mean", "zero"), ("mean", "nan"), ("batch_mean", "zero"),
        ("weighted_mean", "zero"))
]

REDUCED = list(plain()) + PARTIAL + [
    Reduced(x.id, x.about, x.flags, x.reduction, masks=True, keeps_nothing=True) for x in NOTHING
]

# For each variant of the options.
WITH_OPTIONS = [
    Reduced("none", "each term", "", "none", elements=(F64, F32)),
    Reduced("mean", "the mean", "WrongDivisor", "mean"),
    Reduced("weighted-mean", "the mean by weight of what is kept", "WeightAsDivisor MaskedLeak",
        "weighted_mean", weighs=True, masks=True),
]
