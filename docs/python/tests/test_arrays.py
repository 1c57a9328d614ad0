"""Values and gradients of NumPy arrays, by arithmetic."""

import copy
import inspect
import pickle
import threading

import numpy as np
import pytest

import losses

P, T = [1.5, 2.0, 1.0], [1.0, 2.0, 3.0]  # residuals 0.5, 0, -2; Huber with delta 1: 0.125, 0, 1.5
VALUE, GRADIENT = 1.625 / 3, [0.5 / 3, 0.0, -1 / 3]


def test_value_and_gradient():
    value, gradient = losses.huber.value_and_grad(np.array(P), np.array(T))
    assert value == VALUE and losses.huber(P, T) == VALUE
    assert gradient.tolist() == GRADIENT and gradient.dtype == np.float64
    assert losses.huber(P, T, delta=0.5) == (0.125 + 0 + 0.5 * 1.75) / 3
    loss = losses.get("torch.nn.HuberLoss", delta=0.5, reduction="sum")
    assert loss(np.array(P), np.array(T)) == 0.125 + 0.5 * 1.75
    assert loss.value_and_grad(np.array(P), np.array(T), wrt="input")[1].tolist() == [0.5, 0, -0.5]
    # The order of Keras.
    keras = losses.get("keras.losses.KLDivergence")
    assert keras([[1.0, 0.0]], [[0.5, 0.5]]) == pytest.approx(np.log(2), abs=1e-5)
    # A framework may have an option called name, and weights as the third argument.
    keras = losses.get("keras.losses.Huber", name="h")
    assert keras([[1.0], [0.0]], [[0.0], [0.0]], [4.0, 1.0]) == 1.0


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "bfloat16"])
def test_element_types(kind):
    dtype = pytest.importorskip("ml_dtypes").bfloat16 if kind == "bfloat16" else np.dtype(kind)
    value, gradient = losses.huber.value_and_grad(np.array(P).astype(dtype), np.array(T).astype(dtype))
    assert value == (VALUE if kind == "f8" else np.float32(np.float32(1.625) / np.float32(3)))
    assert gradient.dtype == dtype
    # Each computed in Float or Double, then rounded once.
    wide = np.array([0.5, 0, -1], np.float64 if kind == "f8" else np.float32)
    assert gradient.tolist() == (wide / wide.dtype.type(3)).astype(dtype).tolist()


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4", ">i8"])
def test_whole_numbers_as_classes(kind):
    logits = np.array([[0.0, np.log(3)], [0, 0]])
    classes = np.array([1, 0]).astype(kind)
    for _ in range(2):  # the second call is that of the same types and shapes
        value = losses.cross_entropy(logits, classes)
        assert value == pytest.approx((np.log(4 / 3) + np.log(2)) / 2, rel=1e-15)


def test_strides():
    p, t = np.arange(24.0).reshape(2, 3, 4), np.ones((2, 3, 4))
    expected = losses.mean_squared_error.value_and_grad(p, t)
    for order in [(0, 2, 1), (2, 1, 0)]:
        value, gradient = losses.mean_squared_error.value_and_grad(p.transpose(order), t.transpose(order))
        assert value == pytest.approx(expected[0], rel=1e-15)
        assert (gradient == expected[1].transpose(order)).all()
    for view in [np.s_[:, ::-1], np.s_[..., ::2], np.s_[1:, 1, ::-3]]:
        assert losses.mean_squared_error(p[view], t[view]) == losses.mean_squared_error(
            p[view].copy(), t[view].copy())
    broadcast = np.broadcast_to(np.array([[1.0], [2.0]]), (2, 3))
    assert losses.mean_squared_error(np.zeros((2, 3)), broadcast) == 2.5
    unaligned = np.frombuffer(b"\0" + np.array(P).tobytes(), np.uint8)[1:].view(np.float64)
    assert not unaligned.flags.aligned and losses.huber(unaligned, T) == VALUE


def test_reductions_weights_and_masks():
    p, t = np.array([[1.0, 2], [3, 4]]), np.zeros((2, 2))
    terms = losses.mean_squared_error(p, t, reduction="none")
    assert terms.tolist() == [[1, 4], [9, 16]] and terms.dtype == np.float64
    again = losses.mean_squared_error(2 * p, t, reduction="none")
    assert again.tolist() == [[4, 16], [36, 64]] and terms.tolist() == [[1, 4], [9, 16]]
    rows = losses.mean_squared_error(p, t, reduction={"kind": "sum", "axes": [1]})
    assert rows.tolist() == [5, 25]
    assert losses.mean_squared_error(np.ones(1), np.zeros(1), reduction="none").shape == (1,)
    assert losses.mean_squared_error(p, t, mask=np.array([[True, False], [False, True]])) == 8.5
    assert losses.mean_squared_error(p, t, weight=np.array([[2.0], [0]]), reduction="sum") == 10
    axis = losses.cross_entropy(p.T, np.array([0, 1]), class_axis=0)
    assert axis == losses.cross_entropy(p, np.array([0, 1]))


def test_gradients_by_name():
    a, p, n = (np.array(x, float) for x in ([[0, 0]], [[3, 4]], [[0, 5]]))
    value, gradients = losses.triplet_margin.value_and_grad(a, p, n, wrt=["anchor", "negative"], margin=1)
    assert value == pytest.approx(1, rel=1e-6) and set(gradients) == {"anchor", "negative"}
    value = losses.triplet_margin(negative=n, anchor=a, positive=p, margin=1)
    assert value == pytest.approx(1, rel=1e-6)


class Foreign:
    """An array of another library."""

    def __init__(self, array):
        self.array = array


def test_other_arrays():
    interface = Foreign(np.array(P))
    interface.__array_interface__ = interface.array.__array_interface__

    class Exchange(Foreign):
        def __dlpack__(self, **arguments):
            return self.array.__dlpack__(**arguments)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    assert losses.huber(interface, Exchange(np.array(T))) == VALUE


def test_settings_that_are_none():
    half = losses.huber(np.ones(2, np.float32), np.zeros(2, np.float32), element=np.float64)
    assert half == losses.huber(np.ones(2, np.float32), np.zeros(2, np.float32), element="float64")
    for setting in ({"element": "f16"}, {"element": np.float16}, {"element": []}, {"checks": "some"}):
        with pytest.raises(losses.LossError, match="expected"):
            losses.huber([1.0], [2.0], **setting)


@pytest.mark.parametrize("call, message", [
    (lambda x: losses.get("torch.mse_loss")(x, x, input=x), "prediction is given twice"),
    (lambda x: losses.get("torch.cross_entropy")(x, x, label_smoothing=0.1), "It is an option: losses.get"),
    (lambda x: losses.huber(np.ma.array(x, mask=[[True, False]]), x), "masked array"),
    (lambda x: losses.huber(x, None), "is None; expected numbers"),
    (lambda x: losses.huber([[1.0, 2.0], [3.0]], x), "lists of equal lengths"),
    (lambda x: losses.huber(x, x, threads="2"), "threads is '2'; expected an integer"),
    (lambda x: losses.huber(x, x, threads=-3), "threads is -3"),
    (lambda x: losses.cross_entropy(x, [0], class_axis=1.0), "class_axis is 1.0; expected an integer"),
    (lambda x: losses.huber(x, x, checks=["all"]), "expected all, data or none"),
])
def test_refusals(call, message):
    with pytest.raises(losses.LossError, match=message):
        call(np.zeros((1, 2)))


def test_errors():
    with pytest.raises(losses.LossError) as refusal:
        losses.huber(np.zeros(3), np.zeros(2))
    error = refusal.value
    assert isinstance(error, ValueError) and error.code == "shape_mismatch" and error.subject == "target"
    assert str(error) == "huber: target has shape [2]; expected [3], the shape of prediction."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    for call, code in [
        (lambda: losses.get("hubr"), "unknown_loss"),
        (lambda: losses.huber(P, T, dleta=1), "unknown_option"),
        (lambda: losses.huber(P, T, delta=-1), "invalid_option"),
        (lambda: losses.huber(P, T, delta=object()), "invalid_option"),
        (lambda: losses.huber(P), "missing_input"),
        (lambda: losses.huber(P, T, T), "unknown_input"),
        (lambda: losses.huber(np.array(P, complex), T), "invalid_type"),
        (lambda: losses.huber(np.array(["a"]), T), "invalid_type"),
        (lambda: losses.huber(P, T, reduction="average"), "invalid_option"),
        (lambda: losses.huber.value_and_grad(P, T, wrt="anchor"), "unknown_input"),
        (lambda: losses.huber(np.zeros((0,)), np.zeros((0,))), "empty_input"),
    ]:
        with pytest.raises(losses.LossError) as refusal:
            call()
        assert refusal.value.code == code, refusal.value
    with pytest.raises(AttributeError, match="Did you mean"):
        losses.hubr


def test_names_and_descriptions():
    assert "huber" in losses.names() and "torch.nn.HuberLoss" in losses.names("torch")
    assert losses.search("mse")[0] == "mean_squared_error"
    assert losses.describe("torch.nn.HuberLoss")["name"] == "huber"
    assert "delta" in inspect.signature(losses.huber).parameters
    assert inspect.signature(losses.huber).parameters["delta"].default == 1
    for name in losses.names():
        function = getattr(losses, name + ("_" if name == "lambda" else ""))
        assert len(function.__doc__.splitlines()) > 3 and inspect.signature(function)
    assert "huber" in dir(losses)
    loss = pickle.loads(pickle.dumps(losses.get("huber", delta=0.5)))
    assert loss(P, T) == copy.copy(loss)(P, T) == losses.huber(P, T, delta=0.5)


def test_threads_agree_and_the_gil_is_released():
    random = np.random.default_rng(1)
    p, t = random.normal(size=(2, 200_000)).astype(np.float32)
    one = losses.huber.value_and_grad(p, t)
    two = losses.huber.value_and_grad(p, t, threads=2)
    assert one[0] == two[0] and (one[1] == two[1]).all()
    values = []
    # One loss in many threads, with calls of the same shape and of others.
    def work(size):
        for _ in range(50):
            values.append((size, losses.huber(p[:size], t[:size])))
    threads = [threading.Thread(target=work, args=(1000 * (1 + i % 3),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == 400 and len(set(values)) == 3


def test_reductions_are_those_of_the_framework():
    logits, labels, weight = np.array([[1., 2], [.5, 0]]), np.array([0, 1]), np.array([1., 3])
    entropy = losses.get("torch.cross_entropy")
    mean = entropy(logits, labels, weight=weight)
    assert mean == entropy(logits, labels, weight=weight, reduction="mean") == 1.0588731600146357
    assert entropy(logits, labels, weight=weight, reduction="sum") == pytest.approx(4 * mean, rel=1e-15)
