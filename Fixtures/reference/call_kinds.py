"""What each function of a framework is called with in `matrix.py`: forms of inputs, shapes, values of arguments.

Depends on: what `frameworks.py` needs.
"""

from dataclasses import dataclass, field

import numpy as np

import frameworks as f


@dataclass(frozen=True)
class Kind:
    """One value of an argument."""

    label: str
    # The value as the framework spells it in JSON, or a function of the call that makes an array.
    value: object = None
    # option, list (an array that is an option here), tensor (an array that is an input here) or omitted.
    how: str = "option"
    # Outside of what the framework documents: tried with a few others, not with all.
    is_wrong: bool = False


def wrong(kind):
    return Kind(kind.label, kind.value, kind.how, True)


def spelled(value):
    return Kind({None: "None"}.get(value, str(value)) if isinstance(value, (str, type(None))) else repr(value), value)


OMITTED = Kind("omitted", how="omitted")


def given(*values, wrongly=()):
    """The argument left out, and these values."""
    return [OMITTED, *map(spelled, values), *(wrong(spelled(value)) for value in wrongly)]


def array(label, make, wrongly=False):
    """An array that depends on the call, as a tensor and as a list."""
    return [Kind(f"{label} tensor", make, "tensor", wrongly), Kind(f"{label} list", make, "list", wrongly)]


@dataclass(frozen=True)
class Layout:
    """A shape with the classes last, and the place of the class axis in the framework."""

    shape: tuple
    axis: int = -1
    is_wrong: bool = False

    @property
    def label(self):
        axis = "" if self.axis == -1 else f", classes at {self.axis}"
        return f"{list(self.shape)}{axis}"


@dataclass(frozen=True)
class Form:
    """What the inputs are."""

    label: str
    # A function of a random generator, a shape and the options.
    make: object
    is_wrong: bool = False


def form(label, make, is_wrong=False):
    return Form(label, lambda random, shape, options: make(random, shape), is_wrong)


@dataclass(frozen=True)
class Table:
    forms: list
    layouts: list
    # Values of arguments where they are not those of the framework's table.
    options: dict = field(default_factory=dict)
    # Types of the first and of the other inputs; the builder's own where empty.
    first: tuple = ("", "f32")
    others: tuple = ("", "f32")


def layouts(*shapes, axis=-1, wrongly=()):
    return [*(Layout(shape, axis) for shape in shapes), *(Layout(shape, axis, True) for shape in wrongly)]


EACH = layouts((5,), (3, 4), (1, 4), (2, 3, 2), (2, 2, 1, 3), (), (1,), wrongly=[(0, 3)])
BATCHED = layouts((3, 4), (1, 4), (2, 3, 2), (2, 2, 1, 3), wrongly=[(5,), (0, 3), ()])
ROWS_FIRST = [
    Layout((3,), 0), Layout((4, 3), 1), Layout((1, 3), 1), Layout((2, 2, 3), 1), Layout((2, 1, 2, 3), 1),
    Layout((3, 1), 1), Layout((3, 3), 1), Layout((3, 3, 3), 1), Layout((0, 3), 1, True)]
REAL = {"first": ("", "f32"), "others": ("", "f32")}
LABELS = {"first": ("", "f32"), "others": ("", "f32", "i64", "bool")}


# Forms of inputs.


def broadcast(make, axis=0):
    """The same with a second tensor of extent 1 along an axis."""

    def made(random, shape):
        first, second, *rest = make(random, shape)
        return first, second.take([0], axis=axis) if second.size and second.ndim else second, *rest

    return made


def trailing(make):
    """The same with a second tensor of the last axis only."""

    def made(random, shape):
        first, second, *rest = make(random, shape)
        return first, second[(0,) * (second.ndim - 1)] if second.size else second, *rest

    return made


def column(make):
    """The same with a last axis of extent 1 at the second tensor."""

    def made(random, shape):
        first, second, *rest = make(random, shape)
        return first, second[..., None], *rest

    return made


def ignoring(make, number, everywhere=False):
    """The same with targets that the number marks."""

    def made(random, shape):
        first, second, *rest = make(random, shape)
        second = np.array(second)
        flat = second.reshape(-1)
        flat[0 if everywhere else slice(0, None, 3)] = number
        if everywhere:
            flat[:] = number
        return first, second, *rest

    return made


def outside(make):
    """The same with a class that is not there."""

    def made(random, shape):
        first, second, *rest = make(random, shape)
        second = np.array(second)
        second.reshape(-1)[:1] = shape[-1]
        return first, second, *rest

    return made


def whole(make):
    """The same with the second tensor as whole numbers."""

    def made(random, shape):
        first, second, *rest = make(random, shape)
        return first, second.astype(np.int64), *rest

    return made


def pairs_of(make):
    """The forms of an elementwise pair: equal shapes, and shapes that are broadcast."""
    return [form("equal shapes", make), form("extent 1 at axis 0", broadcast(make), True),
        form("the last axis only", trailing(make), True), form("a last axis more", column(make), True)]


CLASS_FORMS = [
    form("indices", f.classes), form("one-hot", f.logits_one_hot), form("probabilities", f.logits_distribution),
    form("indices, some -100", ignoring(f.classes, -100)), form("whole one-hot", whole(f.logits_one_hot), True),
    form("indices with an axis", column(f.classes), True), form("a class too many", outside(f.classes), True),
    form("nothing but -100", ignoring(f.classes, -100, True), True),
    form("indices as numbers", lambda r, s: (lambda x, y: (x, y.astype(float)))(*f.classes(r, s)), True)]


# Arrays of arguments; a call has `arrays` (the inputs), `classes`, `random`, `leading` and `axis`.


def by_class(call):
    return call.random.uniform(0.25, 3, call.classes).round(2)


def by_class_more(call):
    return call.random.uniform(0.25, 3, call.classes + 1).round(2)


def by_sample(call):
    return call.random.uniform(0.25, 3, call.leading[:1]).round(2)


def by_element(call):
    return call.random.uniform(0.25, 3, call.leading).round(2)


def by_last(call):
    return call.random.uniform(0.25, 3, call.leading[-1:]).round(2)


def by_row(call):
    return call.random.uniform(0.25, 3, (*call.leading[:-1], 1)[-len(call.leading):]).round(2)


def one_number(call):
    return np.array(call.random.uniform(0.25, 3)).round(2)


def list_of_one(call):
    return call.random.uniform(0.25, 3, 1).round(2)


CLASS_WEIGHTS = [
    OMITTED, spelled(None), *array("class", by_class), Kind("class + 1 tensor", by_class_more, "tensor", True),
    Kind("number tensor", one_number, "tensor", True), Kind("element tensor", by_element, "tensor", True)]
ELEMENT_WEIGHTS = [
    OMITTED, spelled(None), *array("element", by_element), *array("last axis", by_last),
    *array("row", by_row), Kind("number tensor", one_number, "tensor"),
    Kind("sample tensor", by_sample, "tensor", True)]
LABEL_WEIGHTS = [
    OMITTED, spelled(None), *array("last axis", by_last), *array("one", list_of_one),
    Kind("number tensor", one_number, "tensor"), Kind("element tensor", by_element, "tensor")]

# Values of arguments by framework, or by function where a table has others.
OPTIONS = {
    "torch": {
        "reduction": given("mean", "sum", "none", wrongly=[None, "avg", "batchmean"]),
        "size_average": given(None, True, False), "reduce": given(None, True, False),
        "ignore_index": given(-100, 1, -1, 255), "label_smoothing": given(0.0, 0.1, 1.0, wrongly=[-0.1, 1.5, None]),
        "weight": CLASS_WEIGHTS, "margin": given(1.0, 0.25, 0.0, -0.5), "eps": given(1e-6, 0.5, 0.0),
        "full": given(True, False), "delta": given(1.0, 0.5, 3, wrongly=[0.0, -1.0, None]),
        "beta": given(1.0, 0.5, 0.0, wrongly=[-1.0]), "swap": given(True, False),
        "options": given(None), "log_input": given(True, False), "log_target": given(True, False),
        "zero_infinity": given(True, False), "distance_function": given(None, *f.DISTANCES)},
}

TABLES = {
    "torch.mse_loss": Table(pairs_of(f.pair), EACH, {"weight": ELEMENT_WEIGHTS}, **LABELS),
    "torch.l1_loss": Table(pairs_of(f.apart), EACH, {"weight": ELEMENT_WEIGHTS}, **REAL),
    "torch.huber_loss": Table(pairs_of(f.pair), EACH, {"weight": ELEMENT_WEIGHTS}, **REAL),
    "torch.smooth_l1_loss": Table(pairs_of(f.apart), EACH, **REAL),
    "torch.soft_margin_loss": Table(pairs_of(f.signs), EACH, **{**LABELS, "others": ("", "f32", "i64")}),
    "torch.hinge_embedding_loss": Table(pairs_of(f.signs), EACH, **{**LABELS, "others": ("", "f32", "i64")}),
    "torch.binary_cross_entropy": Table(
        [*pairs_of(f.yes_probabilities), form("shares", lambda r, s: (f.shares(r, s)[1], f.shares(r, s)[1]))],
        EACH, {"weight": ELEMENT_WEIGHTS}, **LABELS),
    "torch.binary_cross_entropy_with_logits": Table(
        [*pairs_of(f.bits), form("shares", f.shares)], EACH,
        {"weight": ELEMENT_WEIGHTS, "pos_weight": LABEL_WEIGHTS}, **LABELS),
    "torch.cross_entropy": Table(CLASS_FORMS, ROWS_FIRST),
    "torch.linear_cross_entropy": Table(
        [form("indices", f.linear_layer)], layouts((3, 2), (1, 2), (2, 2)), {"linear_bias": [
            OMITTED, spelled(None), Kind("class tensor", lambda c: c.random.normal(size=3).round(2), "tensor")],
            "weight": [OMITTED, spelled(None), *array("class", lambda c: c.random.uniform(0.25, 3, 3).round(2))],
            "ignore_index": given(-100, 1, None)}),
    "torch.nll_loss": Table(
        [form("indices", f.log_classes), form("indices, some -100", ignoring(f.log_classes, -100)),
            form("a class too many", outside(f.log_classes), True), form("one-hot", lambda r, s: (f.log_classes(r, s)[0], f.one_hot(r, s)), True)],
        ROWS_FIRST),
    "torch.kl_div": Table(
        [Form("probabilities", lambda r, s, o: (f.log_both if o.get("log_target") else f.log_first)(r, s)),
            Form("probabilities, extent 1", lambda r, s, o: broadcast(f.log_both if o.get("log_target") else f.log_first)(r, s), True)],
        layouts((5,), (3, 4), (1, 4), (2, 3, 2), (2, 2, 1, 3), (1,)),
        {"reduction": given("mean", "sum", "none", "batchmean", wrongly=[None])}),
    "torch.multi_margin_loss": Table(
        [form("indices", f.classes), form("one-hot", f.logits_one_hot, True), form("a class too many", outside(f.classes), True)],
        [*ROWS_FIRST[:3], Layout((3, 1), 1), Layout((3, 3), 1), Layout((2, 2, 3), 1, True)],
        {"p": given(1, 2, wrongly=[3]), "margin": given(1.0, 0.25, 2.5)}),
    "torch.multilabel_margin_loss": Table(
        [form("label lists", f.label_lists), form("a class too many", outside(f.label_lists), True)],
        layouts((3,), (4, 3), (1, 3), wrongly=[(2, 2, 3)])),
    "torch.multilabel_soft_margin_loss": Table(
        [form("labels", f.bits), form("shares", f.shares)],
        layouts((3,), (4, 3), (1, 3), (2, 2, 3), (3, 3), (2, 1, 2, 3)), **LABELS),
    "torch.triplet_margin_loss": Table(
        [form("vectors", f.triplets), form("one negative", lambda r, s: (lambda a, b, c: (a, b, c[:1]))(*f.triplets(r, s)), True)],
        layouts((3, 4), (1, 4), (5,), (2, 3, 2), (3, 1)), {"p": given(2.0, 1.0, 3.0, 1.5, float("inf"), wrongly=[0.0])}),
    "torch.triplet_margin_with_distance_loss": Table([form("vectors", f.triplets)], layouts((3, 4), (1, 4), (2, 3, 2), (5,))),
    "torch.cosine_embedding_loss": Table(
        [form("vectors", f.two_vectors), form("a target with an axis", lambda r, s: (lambda a, b, y: (a, b, y[..., None]))(*f.two_vectors(r, s)), True)],
        layouts((3, 4), (1, 4), (4,), (3, 1), wrongly=[(2, 3, 2)]), {"margin": given(0.0, 0.25, -0.5)},
        **{**LABELS, "others": ("", "f32", "i64")}),
    "torch.margin_ranking_loss": Table(
        [form("scores", f.two_scores)], EACH, {"margin": given(0.0, 0.25, 1)}, **{**LABELS, "others": ("", "f32", "i64")}),
    "torch.gaussian_nll_loss": Table(
        [form("variances", f.with_variance),
            form("a variance for each row", lambda r, s: (lambda a, b, v: (a, b, v[..., 0] if v.ndim else v))(*f.with_variance(r, s))),
            form("a variance for each row, extent 1", lambda r, s: (lambda a, b, v: (a, b, v[..., :1] if v.ndim else v))(*f.with_variance(r, s))),
            form("one variance", lambda r, s: (lambda a, b, v: (a, b, v.reshape(-1)[0].reshape(())))(*f.with_variance(r, s)), True),
            form("a target of extent 1", broadcast(f.with_variance), True)],
        layouts((3, 4), (1, 4), (2, 3, 2), (2, 2, 1, 3), (5,), (1,)), {"eps": given(1e-6, 0.5)}, **REAL),
    "torch.poisson_nll_loss": Table(
        [Form("counts", lambda r, s, o: (f.log_rates if o.get("log_input", True) else f.counts)(r, s)),
            Form("counts, extent 1", lambda r, s, o: broadcast(f.log_rates if o.get("log_input", True) else f.counts)(r, s), True)],
        EACH, {"eps": given(1e-8, 0.5, 0.0)}, **{**LABELS, "others": ("", "f32", "i64")}),
    "torch.cosine_similarity": Table(
        pairs_of(f.pair), layouts((3, 4), (1, 4), (2, 3, 2), (2, 2, 1, 3), wrongly=[(5,)]),
        {"dim": given(1, 0, -1, wrongly=[7, None]), "eps": given(1e-8, 0.5, 0.0)}),
    "torch.ctc_loss": Table(
        [form("padded", f.time_first_sequences),
            form("joined", lambda r, s: joined(*f.time_first_sequences(r, s))),
            form("without a batch", lambda r, s: single(*f.time_first_sequences(r, (1, 3))))],
        layouts((3, 4), (1, 3)), {"blank": given(0, 1, 2)}, others=("",)),
}


def joined(scores, labels, times, lengths):
    """Labels one after the other, without padding."""
    return scores, np.concatenate([row[:n] for row, n in zip(labels, lengths)]), times, lengths


def single(scores, labels, times, lengths):
    return scores[:, 0], labels[0], times[0].reshape(()), lengths[0].reshape(())

# torchvision.

TABLES |= {
    f"torchvision.{name}_box_iou_loss": Table(
        [form("boxes", f.boxes), form("one box for all", broadcast(f.boxes), True)],
        layouts((3, 4), (1, 4), wrongly=[(0, 4)]), **REAL)
    for name in ("generalized", "distance", "complete")}
TABLES["torchvision.generalized_box_iou_loss"] = Table(
    [form("boxes", f.boxes), form("a box", lambda r, s: tuple(x[0] for x in f.boxes(r, s)))], layouts((3, 4), (1, 4)), **REAL)
TABLES["torchvision.sigmoid_focal_loss"] = Table(
    [*pairs_of(f.bits), form("shares", f.shares)], EACH, {"alpha": given(0.25, 0.6, -1, 0.0, 1.0)}, **LABELS)
OPTIONS["torchvision"] = {
    "reduction": given("none", "mean", "sum", wrongly=[None, "avg"]), "eps": given(1e-7, 0.1),
    "gamma": given(2, 1.5, 0, 3.0)}


# Keras.


def by(option, true, otherwise, default=False):
    """The inputs that an option chooses between."""

    def made(random, shape, options):
        return (true if options.get(option, default) else otherwise)(random, shape)

    return made


def kinded(label, make, is_wrong=False):
    return Form(label, make, is_wrong)


def with_target(make, change):
    """The same, target first, with another target."""

    def made(random, shape, options):
        prediction, target = make(random, shape, options)
        return change(target), prediction

    return made


def same(target):
    return target


def sparse_probabilities(random, shape, options):
    return (f.classes if options.get("from_logits") else f.probability_classes)(random, shape)


def term_rank(call, dropped=1):
    return call.random.uniform(0.25, 3, call.leading[:-dropped] if call.leading else ()).round(2)


def by_sample_column(call):
    return call.random.uniform(0.25, 3, (*call.leading[:1], 1)).round(2)


SAMPLE_WEIGHTS = [
    OMITTED, spelled(None), Kind("term tensor", term_rank, "tensor"), Kind("term list", term_rank, "list"),
    Kind("sample tensor", by_sample, "tensor"), Kind("sample column tensor", by_sample_column, "tensor"),
    Kind("number tensor", one_number, "tensor"), Kind("element tensor", by_element, "tensor", True)]
LAST = [*layouts((4, 3), (1, 3), (3, 3), (2, 2, 3), (2, 1, 2, 3), (4, 1), wrongly=[(3,), (0, 3)])]
OPTIONS["keras"] = {
    "reduction": given("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None, wrongly=["avg"]),
    "name": given("a_loss", None), "dtype": given(None, "float64", "float32"), "sample_weight": SAMPLE_WEIGHTS,
    "from_logits": given(False, True), "label_smoothing": given(0.0, 0.1), "axis": given(-1, 1, wrongly=[0, None]),
    "ignore_class": given(None, 1, -1, 255), "gamma": given(2.0, 1.5, 0.0), "alpha": given(0.25, 0.5),
    "apply_class_balancing": given(False, True), "q": given(0.5, 0.7), "delta": given(1.0, 0.5),
    "margin": given(0.4, 0.25), "remove_diagonal": given(True, False), "ref_labels": given(None),
    "ref_embeddings": given(None), "beta": given(0.5, 0.7)}


def keras_pairs(make, more=()):
    plain = lambda r, s, o: make(r, s)
    return [kinded("equal shapes", with_target(plain, same)),
        kinded("a last axis more", with_target(plain, lambda y: y[..., None]), True),
        kinded("extent 1 at axis 0", lambda r, s, o: tuple(reversed(broadcast(make)(r, s))), True), *more]


def keras_each(make, others=("", "f32"), wrongly=((), (0, 3))):
    return Table(keras_pairs(make), layouts((3, 4), (1, 4), (3, 3), (2, 3, 2), (2, 2, 1, 3), (4, 1), (5,), wrongly=wrongly), others=others)


KERAS_DENSE = by("from_logits", f.logits_one_hot, f.probabilities_one_hot)
KERAS_SOFT = by("from_logits", f.logits_distribution, f.distributions)
KERAS_BITS = by("from_logits", f.bits, f.yes_probabilities)
REGIONS = {"axis": given(None, [1, 2], -1, [0, 1], [1])}
TABLES |= {
    **{f"keras.{name}": keras_each(f.apart, ("", "f32", "i64")) for name in (
        "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
        "log_cosh", "huber")},
    "keras.poisson": keras_each(f.counts, ("", "f32", "i64")),
    "keras.hinge": keras_each(f.signs, ("", "f32", "i64", "bool")),
    "keras.squared_hinge": keras_each(f.bits, ("", "f32", "i64", "bool")),
    "keras.kl_divergence": keras_each(f.distributions, wrongly=((0, 3),)),
    "keras.cosine_similarity": keras_each(f.pair, wrongly=((0, 3),)),
    "keras.categorical_hinge": keras_each(f.logits_one_hot, ("", "f32", "i64", "bool"), ((0, 3),)),
    "keras.binary_crossentropy": Table(
        [kinded("labels", with_target(KERAS_BITS, same)), kinded("labels with an axis", with_target(KERAS_BITS, lambda y: y[..., None]), True)],
        LAST, others=("", "f32", "i64", "bool")),
    "keras.binary_focal_crossentropy": Table(
        [kinded("labels", with_target(KERAS_BITS, same))], LAST, others=("", "f32", "i64", "bool")),
    "keras.categorical_crossentropy": Table(
        [kinded("one-hot", with_target(KERAS_DENSE, same)), kinded("whole one-hot", with_target(KERAS_DENSE, lambda y: y.astype(np.int64))),
            kinded("probabilities", with_target(KERAS_SOFT, same)), kinded("indices", with_target(sparse_probabilities, same), True)], LAST),
    "keras.categorical_focal_crossentropy": Table(
        [kinded("one-hot", with_target(KERAS_DENSE, same)), kinded("whole one-hot", with_target(KERAS_DENSE, lambda y: y.astype(np.int64)))],
        LAST, {"alpha": [*given(0.25, 0.5), *array("class", by_class)]}),
    "keras.sparse_categorical_crossentropy": Table(
        [kinded("indices", with_target(sparse_probabilities, same)),
            kinded("indices with an axis", with_target(sparse_probabilities, lambda y: y[..., None])),
            kinded("indices as numbers", with_target(sparse_probabilities, lambda y: y.astype(float))),
            kinded("one-hot", with_target(KERAS_DENSE, same), True)], LAST),
    "keras.categorical_generalized_cross_entropy": Table(
        [kinded("indices", with_target(lambda r, s, o: f.probability_classes(r, s), same)),
            kinded("indices with an axis", with_target(lambda r, s, o: f.probability_classes(r, s), lambda y: y[..., None])),
            kinded("one-hot", with_target(lambda r, s, o: f.probabilities_one_hot(r, s), same), True)],
        layouts((4, 3), (1, 3), (3, 3), wrongly=[(2, 2, 3)])),
    "keras.circle": Table([kinded("labels", with_target(lambda r, s, o: f.short_labelled(r, s), same)),
        kinded("labels with an axis", with_target(lambda r, s, o: f.short_labelled(r, s), lambda y: y[..., None]))],
        layouts((4, 3), (6, 2)), {"gamma": given(80.0, 8), "sample_weight": [OMITTED, spelled(None), Kind("sample tensor", by_sample, "tensor")]}),
    "keras.dice": Table([kinded("regions", with_target(lambda r, s, o: f.yes_probabilities(r, s), same))],
        layouts((2, 3, 2), (1, 2, 3), (2, 2, 1, 3), (2, 2, 2, 2), wrongly=[(5,)]), REGIONS | {"sample_weight": [OMITTED, spelled(None)]}, others=("", "f32", "i64")),
    "keras.tversky": Table([kinded("regions", with_target(lambda r, s, o: f.yes_probabilities(r, s), same))],
        layouts((2, 3, 2), (1, 2, 3), (2, 2, 1, 3), (2, 2, 2, 2), wrongly=[(5,)]), REGIONS | {
            "alpha": given(0.5, 0.3), "beta": given(0.5, 0.6), "sample_weight": [OMITTED, spelled(None)]}, others=("", "f32", "i64")),
    "keras.ctc": Table([kinded("labels", with_target(lambda r, s, o: f.sequences(r, s), same))], layouts((3, 4), (1, 3)),
        {"sample_weight": [OMITTED, spelled(None), Kind("sample tensor", by_sample, "tensor")]}),
}


# Optax.


def mask_of(shape):
    def made(call):
        kept = call.random.uniform(size=shape(call)) > 0.3
        if kept.ndim:
            kept[..., 0] = True
        return kept

    return made


MASKS = [OMITTED, spelled(None), Kind("element mask", mask_of(lambda c: c.leading), "tensor"),
    Kind("row mask with an axis", lambda c: np.arange(int(np.prod(c.leading[:-1]))).reshape(*c.leading[:-1], 1) % 2 == 0, "tensor"),
    Kind("class mask", mask_of(lambda c: c.leading[-1:]), "tensor")]
OPTIONS["optax"] = {
    "axis": given(-1, 0, [0, 1], None), "where": MASKS, "delta": given(1.0, 0.5), "epsilon": given(0.0, 0.5, 2.0),
    "alpha": given(0.2, 0.5), "gamma": given(2.0, 1.5), "margin": given(1.0, 0.25), "norm_degree": given(2, 4),
    "eps": given(1e-6, 0.5), "temperature": given(0.07, 0.5), "max_fun": [spelled("logsumexp")],
    "reduce_fn": given("sum", "mean", None), "smooth": given(1.0, 0.5), "beta": given(0.5, 0.6),
    "apply_softmax": given(True, False), "apply_sigmoid": given(True, False), "ignore_background": given(False, True),
    "reduction": given("mean", "sum", "none"), "blank_id": given(0, 1), "log_epsilon": given(-1e5, wrongly=[-10.0]),
    "weights": [OMITTED, spelled(None), Kind("element tensor", by_element, "tensor")],
    "class_weights": [OMITTED, spelled(None), *array("class", by_class)]}


def optax_each(make, others=("", "f32"), more=(), **options):
    return Table([form("equal shapes", make), form("extent 1 at axis 0", broadcast(make), True),
        form("the last axis only", trailing(make), True), *more], EACH, options, others=others)


CLASSED = layouts((4, 3), (1, 3), (3, 3), (3,), (2, 2, 3), (2, 1, 2, 3))
INDEXED = [form("indices", f.classes), form("a class too many", outside(f.classes), True)]
ALONE = lambda make: [form("predictions alone", lambda r, s: make(r, s)[:1])]
TABLES |= {
    **{f"optax.{name}": optax_each(f.pair, more=ALONE(f.pair)) for name in ("squared_error", "l2_loss", "huber_loss", "log_cosh")},
    "optax.cosine_similarity": Table([form("vectors", f.pair)], CLASSED),
    "optax.cosine_distance": Table([form("vectors", f.pair)], CLASSED),
    "optax.hinge_loss": optax_each(f.signs, ("", "f32", "i64")),
    "optax.perceptron_loss": optax_each(f.signs, ("", "f32", "i64")),
    "optax.sparsemax_loss": optax_each(f.bits, ("", "f32", "i64")),
    "optax.sigmoid_binary_cross_entropy": optax_each(f.shares, ("", "f32", "i64", "bool"), [form("labels", f.bits)]),
    "optax.sigmoid_focal_loss": optax_each(f.bits, ("", "f32", "i64"), alpha=given(None, 0.3, 0.0)),
    **{f"optax.{name}": Table(INDEXED, CLASSED) for name in (
        "multiclass_hinge_loss", "multiclass_perceptron_loss", "multiclass_sparsemax_loss")},
    "optax.softmax_cross_entropy_with_integer_labels": Table(INDEXED, CLASSED, {"axis": given(-1, wrongly=[0, [0, 1]])}),
    "optax.softmax_cross_entropy": Table([form("distributions", f.logits_distribution), form("one-hot", f.logits_one_hot),
        form("whole one-hot", whole(f.logits_one_hot)), form("indices", f.classes, True)], CLASSED),
    "optax.poly_loss_cross_entropy": Table(
        [form("distributions", f.logits_distribution)], CLASSED, {"epsilon": given(2.0, -0.5)}),
    "optax.kl_divergence": Table([form("distributions", f.log_first)], CLASSED),
    "optax.kl_divergence_with_log_targets": Table([form("distributions", f.log_both)], CLASSED),
    "optax.generalized_kl_divergence": Table([form("distributions", f.log_first)], CLASSED),
    "optax.smooth_labels": Table([form("labels", f.labels_only)], CLASSED, {"alpha": [spelled(0.2), spelled(0.5), spelled(0.0)]}),
    "optax.make_fenchel_young_loss": Table([form("distributions", f.logits_distribution)], CLASSED),
    "optax.ctc_loss": Table([form("padded", f.padded_sequences)], layouts((3, 4), (1, 3))),
    "optax.ntxent": Table([form("labels", f.labelled)], layouts((4, 3), (6, 2))),
    "optax.ranking_softmax_loss": Table([form("lists", f.relevances)], layouts((4, 3), (1, 3), (3,), (2, 2, 3))),
    "optax.triplet_margin_loss": Table([form("vectors", f.triplets)], layouts((4, 3), (1, 3), (3,), (2, 2, 3)),
        {"axis": given(-1, 0)}),
    "optax.dice_loss": Table([Form("one-hot", lambda r, s, o: (f.logits_one_hot if o.get("apply_softmax", True) else f.probabilities_one_hot)(r, s))],
        layouts((2, 2, 3), (1, 2, 3), (2, 2, 2, 3), (4, 3)), {"alpha": given(0.5, 0.3), "axis": given(None, wrongly=[1, [1, 2]])}),
    "optax.binary_dice_loss": Table([Form("labels", lambda r, s, o: (f.bits if o.get("apply_sigmoid", True) else f.yes_probabilities)(r, s))],
        layouts((3, 4), (1, 4), (2, 3, 2), (5,))),
}

# MLX.

OPTIONS["mlx"] = {
    "reduction": given("none", "mean", "sum", wrongly=["avg", None]), "axis": given(-1, 0, 1), "eps": given(1e-6, 0.5),
    "delta": given(1.0, 0.5), "beta": given(1.0, 0.5), "full": given(True, False), "margin": given(1.0, 0.25, 0.0),
    "p": given(2, wrongly=[3]), "label_smoothing": given(0.0, 0.1), "with_logits": given(True, False),
    "weights": [OMITTED, spelled(None), Kind("term tensor", term_rank, "tensor"), Kind("term list", term_rank, "list"),
        Kind("sample tensor", by_sample, "tensor", True), Kind("class tensor", by_class, "tensor", True)]}
TABLES |= {
    **{f"mlx.{name}": Table(pairs_of(f.apart), EACH, **REAL) for name in (
        "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "log_cosh_loss")},
    "mlx.hinge_loss": Table(pairs_of(f.signs), EACH, others=("", "f32", "i64")),
    "mlx.margin_ranking_loss": Table([form("scores", f.two_scores)], EACH, others=("", "f32", "i64")),
    "mlx.gaussian_nll_loss": Table([form("variances", f.with_variance), form("one variance a row", lambda r, s: (
        lambda a, b, v: (a, b, v[..., :1] if v.ndim else v))(*f.with_variance(r, s)), True)], EACH, **REAL),
    "mlx.binary_cross_entropy": Table(
        [Form("labels", lambda r, s, o: (f.bits if o.get("with_logits", True) else f.yes_probabilities)(r, s))], EACH,
        {"weights": [OMITTED, spelled(None), Kind("element tensor", by_element, "tensor"), Kind("sample tensor", by_sample, "tensor", True)]}, others=("", "f32", "i64", "bool")),
    "mlx.cross_entropy": Table([form("indices", f.classes), form("one-hot", f.logits_one_hot), form("probabilities", f.logits_distribution)], CLASSED,
        {"axis": given(-1, wrongly=[0, 1])}),
    "mlx.nll_loss": Table([form("indices", f.log_classes)], CLASSED, {"axis": given(-1, wrongly=[0, 1])}),
    "mlx.kl_div_loss": Table([form("distributions", f.log_both)], CLASSED),
    "mlx.cosine_similarity_loss": Table([form("vectors", f.pair)], layouts((4, 3), (1, 3), (2, 2, 3), wrongly=[(3,)]), {"eps": given(1e-8, 0.5)}),
    "mlx.triplet_loss": Table([form("vectors", f.triplets)], layouts((4, 3), (1, 3), (2, 2, 3))),
}

# MONAI.


def activated(options):
    return options.get("softmax") or options.get("sigmoid") or options.get("use_softmax")


def volumes(target):
    """Logits, or probabilities without an activation, and a target made from class indices."""

    def made(random, shape, options):
        logits, indices = f.classes(random, shape)
        chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        return logits if activated(options) else chances, target(random, indices, shape)

    return made


def hot(random, indices, shape):
    return np.eye(shape[-1])[indices] if shape[-1] > 1 else random.integers(0, 2, shape).astype(float)


VOLUME_FORMS = [
    kinded("one-hot", volumes(hot)), kinded("whole one-hot", volumes(lambda r, y, s: hot(r, y, s).astype(np.int64))),
    kinded("indices with a channel", volumes(lambda r, y, s: y[..., None])),
    kinded("indices as numbers", volumes(lambda r, y, s: y[..., None].astype(float))),
    kinded("indices", volumes(lambda r, y, s: y), True),
    kinded("shares", volumes(lambda r, y, s: r.uniform(0.05, 0.95, s).round(2)))]
VOLUMES = [Layout((2, 5, 3), 1), Layout((1, 2, 2, 3), 1), Layout((2, 1, 2, 2, 3), 1), Layout((2, 4, 1), 1), Layout((1, 2, 3, 1), 1),
    Layout((2, 2, 2, 2), 1), Layout((4, 3), 1, True)]


def foreground(call):
    count = call.classes - (0 if call.options.get("include_background", True) else 1)
    return call.random.uniform(0.25, 3, max(count, 1)).round(2)


VOLUME_WEIGHTS = [OMITTED, spelled(None), spelled(2.5), *array("class", foreground)]
OPTIONS["monai"] = {
    "reduction": given("mean", "sum", "none", wrongly=["avg", None]), "sigmoid": given(False, True), "softmax": given(False, True),
    "use_softmax": given(False, True), "include_background": given(True, False), "to_onehot_y": given(False, True),
    "other_act": given(None), "squared_pred": given(False, True), "jaccard": given(False, True), "smooth_nr": given(1e-5, 0.0, 0.5),
    "smooth_dr": given(1e-5, 0.5), "batch": given(False, True), "weight": VOLUME_WEIGHTS, "soft_label": given(False, True),
    "ignore_index": given(None, wrongly=[1]), "lambda_dice": given(1.0, 0.3), "lambda_ce": given(1.0, 2.5), "lambda_focal": given(1.0, 2.5),
    "lambda_gdl": given(1.0, 0.3), "gamma": given(2.0, 1.5, 0.0), "alpha": given(None, 0.3), "beta": given(0.5, 0.7),
    "label_smoothing": given(0.0, 0.1), "w_type": given("square", "simple", "uniform"), "lambd": given(0.005, 0.5)}
TABLES |= {
    **{f"monai.{name}": Table(VOLUME_FORMS, VOLUMES, others=("",)) for name in (
        "DiceLoss", "TverskyLoss", "GeneralizedDiceLoss", "FocalLoss", "DiceFocalLoss", "GeneralizedDiceFocalLoss")},
    "monai.MaskedDiceLoss": Table([kinded("one-hot", lambda r, s, o: masked_last(*volumes(hot)(r, s, o)))], VOLUMES[:3], others=("",)),
    "monai.DiceCELoss": Table(VOLUME_FORMS, VOLUMES, {"weight": [OMITTED, spelled(None), *array("class", by_class)]}, others=("",)),
    **{f"monai.{name}": Table(VOLUME_FORMS[:2], VOLUMES[1:3] + [Layout((2, 2, 3, 2), 1)], others=("",)) for name in (
        "BoundaryLoss", "HausdorffDTLoss", "LogHausdorffDTLoss")},
    "monai.BarlowTwinsLoss": Table([form("views", f.pair)], layouts((4, 3), (6, 2), wrongly=[(1, 3), (2, 2, 3)])),
    "monai.BoxGIoULoss": Table([form("boxes", f.boxes)], layouts((3, 4), (1, 4)), **REAL),
}
for name in ("HausdorffDTLoss", "LogHausdorffDTLoss"):
    TABLES[f"monai.{name}"].options["alpha"] = given(2.0, 1.5)
for name in ("TverskyLoss",):
    TABLES[f"monai.{name}"].options["alpha"] = given(0.5, 0.3)


def masked_last(prediction, target):
    """A mask for each place, with a last axis of extent 1."""
    kept = np.arange(prediction[..., 0].size).reshape(prediction.shape[:-1]) % 3 != 1
    return prediction, target, kept[..., None]


# segmentation_models_pytorch.


def masks(ignored=None, axis=False):
    """Logits, or probabilities, and the target of the mode."""

    def made(random, shape, options):
        logits, indices = f.classes(random, shape)
        if options.get("mode", "multiclass") != "multiclass":
            indices = random.integers(0, 2, shape)
        values = logits if options.get("from_logits", True) else np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        if ignored is not None:
            indices.reshape(-1)[::4] = ignored
        return values, indices[..., None] if axis and indices.ndim < logits.ndim else indices

    return made


MASK_FORMS = [kinded("labels", masks()), kinded("labels, some 255", masks(255)), kinded("labels with a channel", masks(axis=True), True)]
PICTURES = [Layout((2, 2, 3, 3), 1), Layout((1, 2, 2, 3), 1), Layout((2, 2, 2, 1), 1), Layout((2, 2, 2, 2), 1), Layout((2, 5, 3), 1, True)]
MODES = [spelled("multiclass"), spelled("binary"), spelled("multilabel")]
OPTIONS["smp"] = {
    "reduction": given("mean", "sum", "none", wrongly=["avg", None]), "mode": MODES, "classes": given(None, [0, 2], [1]),
    "log_loss": given(False, True), "from_logits": given(True, False), "smooth": given(0.0, 0.5), "ignore_index": given(None, 255, 1),
    "eps": given(1e-7, 0.5), "class_weights": [OMITTED, spelled(None), Kind("class list", by_class, "list")],
    "alpha": given(None, 0.3), "beta": given(0.5, 0.7), "gamma": given(2.0, 1.5, wrongly=[None]), "normalized": given(False, wrongly=[True]),
    "reduced_threshold": given(None, wrongly=[0.5]), "per_image": given(False, True), "smooth_factor": given(None, 0.1, 0.0),
    "dim": given(1, wrongly=[-1]), "weight": ELEMENT_WEIGHTS[:2] + [Kind("element tensor", by_element, "tensor")], "pos_weight": LABEL_WEIGHTS}
TABLES |= {
    **{f"smp.{name}": Table(MASK_FORMS, PICTURES, others=("",)) for name in ("DiceLoss", "JaccardLoss", "FocalLoss")},
    # Its numbers in 32 bits, and those of its inputs, have to be of one type.
    "smp.LovaszLoss": Table(MASK_FORMS, PICTURES, first=("f32",), others=("",)),
    "smp.TverskyLoss": Table(MASK_FORMS, PICTURES, {"alpha": given(0.5, 0.3), "gamma": given(1.0, wrongly=[2.0])}, others=("",)),
    "smp.SoftCrossEntropyLoss": Table(MASK_FORMS, [*PICTURES, Layout((4, 3), 1), Layout((2, 5, 3), 1)], {"ignore_index": given(-100, None, 255, 1)}, others=("",)),
    "smp.SoftBCEWithLogitsLoss": Table([form("labels", f.bits), form("shares", f.shares), form("labels, some -100", ignoring(f.bits, -100))],
        layouts((3, 4), (1, 4), (2, 3, 2), (2, 2, 2, 3)), {"ignore_index": given(-100, None, 1)}),
    "smp.MCCLoss": Table([form("labels", f.yes_probabilities)], layouts((2, 1, 3, 2), (1, 2, 3), (3, 4)), {"eps": given(1e-5, 0.5)}, others=("", "i64")),
}
