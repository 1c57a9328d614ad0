"""PyTorch tensors through the autograd function."""

import pytest

import losses

torch = pytest.importorskip("torch")


def leaves(*shapes):
    generator = torch.Generator().manual_seed(18)
    return [torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_() for shape in shapes]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_gradcheck(reduction):
    p, t = leaves((4, 3), (4, 3))
    assert torch.autograd.gradcheck(lambda p, t: losses.log_cosh(p, t, reduction=reduction), (p, t))
    classes = torch.tensor([0, 2, 1, 1])
    loss = losses.get("torch.nn.CrossEntropyLoss", reduction=reduction, label_smoothing=0.1)
    assert torch.autograd.gradcheck(lambda p: 3 * loss(p, classes), (p,))


def test_gradcheck_of_three_inputs():
    a, p, n = leaves((4, 3), (4, 3), (4, 3))
    assert torch.autograd.gradcheck(lambda a, p, n: losses.triplet_margin(a, p, n, margin=3), (a, p, n))
    assert torch.autograd.gradcheck(lambda p: losses.triplet_margin(anchor=a, positive=p, negative=n), (p,))


@pytest.mark.parametrize("name, options", [
    ("torch.nn.MSELoss", {}), ("torch.nn.HuberLoss", {"delta": 0.5}), ("torch.nn.L1Loss", {}),
    ("torch.nn.SmoothL1Loss", {}), ("torch.nn.SoftMarginLoss", {}), ("torch.nn.PoissonNLLLoss", {})])
def test_agrees_with_pytorch(name, options):
    p, t = leaves((5, 4), (5, 4))
    t = t.detach().sign() if "Soft" in name else t.detach().abs()
    (value := losses.get(name, **options)(p, t)).backward()
    ours, p.grad = p.grad, None
    (expected := getattr(torch.nn, name.split(".")[-1])(**options)(p, t)).backward()
    assert value.item() == pytest.approx(expected.item(), rel=1e-14)
    assert torch.allclose(ours, p.grad, rtol=1e-13, atol=1e-16)


def test_strides_and_types():
    p, t = leaves((3, 5), (5, 3))
    assert losses.mean_squared_error(p.T, t).item() == pytest.approx(
        torch.nn.functional.mse_loss(p.T, t).item(), rel=1e-15)
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        x = p.detach().to(dtype).requires_grad_()
        value = losses.mean_squared_error(x, torch.zeros(3, 5, dtype=dtype))
        value.backward()
        assert value.dtype == torch.float32 and x.grad.dtype == dtype
        # Computed in Float and rounded once.
        wide = x.detach().float().requires_grad_()
        losses.mean_squared_error(wide, torch.zeros(3, 5)).backward()
        assert torch.allclose(wide.grad, wide.detach() * 2 / 15, rtol=2e-7)
        assert torch.equal(x.grad, wide.grad.to(dtype))
    assert losses.mean_squared_error(p, [[0.0] * 5] * 3).item() == pytest.approx(p.square().mean().item())


def test_several_passes_and_no_gradient():
    p, t = leaves((3,), (3,))
    value = losses.mean_squared_error(p, t)
    first = torch.autograd.grad(value, p, retain_graph=True)[0]
    second = torch.autograd.grad(value, p, retain_graph=True)[0]
    assert torch.equal(first, second)
    assert torch.autograd.grad(losses.mean_squared_error(p, t) * 4, p)[0].tolist() == (4 * first).tolist()
    with torch.no_grad():
        assert not losses.mean_squared_error(p, t).requires_grad
    with pytest.raises(losses.LossError) as refusal:
        losses.mean_squared_error(p, t[:2])
    assert refusal.value.code == "shape_mismatch"


def test_gradient_of_a_gradient_is_refused():
    for reduction in ("mean", "none"):
        x = torch.tensor([1.0, 2, 0.5], dtype=torch.float64, requires_grad=True)
        value = losses.mean_squared_error(x, torch.zeros_like(x), reduction=reduction).sum()
        gradient, = torch.autograd.grad(value, x, create_graph=True)
        assert gradient.requires_grad
        with pytest.raises(losses.LossError, match="gradient of a gradient"):
            (value + gradient.square().sum()).backward()
    with pytest.raises(losses.LossError, match="gradient of a gradient"):
        torch.autograd.functional.hessian(lambda x: losses.huber(x, torch.zeros(3)), torch.ones(3))


def test_lazily_negated_tensors():
    z = torch.complex(torch.zeros(3), torch.tensor([1.0, 2, 3])).conj().imag
    assert z.is_neg() and losses.mean_squared_error(z, torch.tensor([-1.0, -2, -3])).item() == 0
    x = torch.tensor([1.0, 2, 3], requires_grad=True)
    losses.mean_squared_error(x, torch.zeros(3), reduction="none").backward(z)
    assert torch.allclose(x.grad, 2 * x.detach() * z)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_loss_scale_comes_before_rounding(dtype):
    x = torch.full((100_000,), 1e-3, dtype=dtype).requires_grad_()
    wide = x.detach().float().requires_grad_()
    (losses.mean_squared_error(x, torch.zeros_like(x)) * 65536).backward()
    (torch.nn.functional.mse_loss(wide, torch.zeros_like(wide)) * 65536).backward()
    assert x.grad.dtype == dtype and torch.equal(x.grad, wide.grad.to(dtype)) and x.grad[0] != 0


def test_device_and_lists():
    loss = losses.get("torch.nn.MSELoss")
    x = torch.ones(2)
    loss(x, x)
    with pytest.raises(losses.LossError, match="expected the CPU"):
        loss(x.to("meta"), x.to("meta"))
    wide = torch.ones(2, dtype=torch.float64)
    assert losses.mean_squared_error(wide, 0 * wide, weight=[0.1, 0.3], reduction="sum").item() == 0.4
    assert losses.mean_squared_error(x, [0.1, 0.1]).dtype == torch.float32


def test_trains():
    torch.manual_seed(0)
    x = torch.randn(64, 3)
    y = x @ torch.tensor([1.0, -2, 3])
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        losses.huber(model(x)[:, 0], y).backward()
        optimizer.step()
    assert torch.allclose(model.weight[0], torch.tensor([1.0, -2, 3]), atol=1e-2)
