"""Values and gradients by PyTorch's automatic differentiation, for the adapters that stand on it."""

import torch


def differentiate(function, inputs, wanted):
    tensors = {role: torch.from_numpy(array.copy()) for role, array in inputs.items()}
    for role in wanted:
        if not tensors[role].is_floating_point():
            tensors[role] = tensors[role].to(torch.get_default_dtype())
        tensors[role].requires_grad_()
    value = function(**tensors)
    if not wanted:
        return value.detach().numpy(), {}
    leaves = [tensors[role] for role in wanted]
    # A leaf that the value does not depend on has no gradient: that is a slope of 0.
    found = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
    slopes = [torch.zeros_like(x) if g is None else g for g, x in zip(found, leaves)]
    return value.detach().numpy(), {role: g.numpy() for role, g in zip(wanted, slopes)}
