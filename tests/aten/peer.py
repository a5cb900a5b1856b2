"""Runs a function on CPU tensors and on their npu copies and compares everything: results, arguments, gradients."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils import _pytree as pytree

import torch_npu  # noqa: F401

FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
INTS = (torch.int64, torch.int32)
REALS = FLOATS + INTS

LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.transpose(0, -1).contiguous().transpose(0, -1) if t.dim() > 1 else t,
    "step": lambda t: torch.stack([t, t], -1)[..., 1],
    "offset": lambda t: torch.cat([t[:1], t])[1:] if t.dim() > 0 else t,
}


@contextlib.contextmanager
def no_fallback() -> Iterator[None]:
    """Fail where an operator inside the block ran on the CPU for want of a kernel."""
    before = dict(torch.npu.fallback_stats())
    yield
    after = torch.npu.fallback_stats()
    ran = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    assert not ran, f"ran on the CPU: {ran}"


def make(*sizes: int, dtype: torch.dtype = torch.float32, low: int = -9, high: int = 9, seed: int = 0) -> torch.Tensor:
    """Return a reproducible CPU tensor of ``sizes``: normal numbers, or integers in [low, high), or coin flips."""
    generator = torch.Generator().manual_seed(seed)
    if dtype == torch.bool:
        return torch.rand(sizes, generator=generator) < 0.5
    if dtype.is_complex:
        return torch.complex(make(*sizes, seed=seed), make(*sizes, seed=seed + 1)).to(dtype)
    if dtype.is_floating_point:
        return torch.randn(sizes, generator=generator, dtype=torch.float64).to(dtype)
    return torch.randint(low if dtype != torch.uint8 else 0, high, sizes, generator=generator, dtype=dtype)


def to_device(tree: Any, device: str) -> Any:
    """Return a copy of every tensor in ``tree`` on ``device``; the copies are leaves."""
    return pytree.tree_map_only(torch.Tensor, lambda t: t.detach().clone().to(device), tree)


def compare(got: Any, want: Any, tolerance: float | None = None) -> None:
    """Assert that two trees are alike, npu tensors on the left, CPU tensors on the right."""
    got_leaves, got_spec = pytree.tree_flatten(got)
    want_leaves, want_spec = pytree.tree_flatten(want)
    assert got_spec == want_spec
    for left, right in zip(got_leaves, want_leaves, strict=True):
        if not isinstance(right, torch.Tensor):
            assert left == right or (left != left and right != right), (left, right)
            continue
        assert left.device.type == "npu", left.device
        assert left.dtype == right.dtype and left.shape == right.shape, (
            left.dtype,
            left.shape,
            right.dtype,
            right.shape,
        )
        rtol = {} if tolerance is None else {"rtol": tolerance, "atol": tolerance}
        torch.testing.assert_close(left.cpu(), right, equal_nan=True, **rtol)


def same(
    function: Callable[..., Any],
    *args: Any,
    layout: str = "contiguous",
    grad: bool = False,
    tolerance: float | None = None,
) -> Any:
    """Compare ``function(*args)`` on CPU and npu, what it leaves in its arguments, and with ``grad`` their gradients.

    Returns the npu result. Raises AssertionError where they differ or where an operator fell back to the CPU.
    """
    sides = []
    for device in ("cpu", "npu"):
        leaves = to_device(args, device)
        if grad:
            pytree.tree_map_only(torch.Tensor, lambda t: t.requires_grad_() if t.is_floating_point() else t, leaves)
        inputs = pytree.tree_map_only(torch.Tensor, LAYOUTS[layout], leaves)
        with no_fallback():
            result = function(*inputs)
            if grad:
                tensors = [t for t in pytree.tree_leaves(result) if isinstance(t, torch.Tensor) and t.requires_grad]
                assert tensors
                cotangents = [make(*t.shape, dtype=t.dtype, seed=7).to(device) for t in tensors]
                torch.autograd.backward(tensors, cotangents)
        sides.append((result, inputs, leaves))
    (want, want_inputs, want_leaves), (got, got_inputs, got_leaves) = sides
    detach = lambda tree: pytree.tree_map_only(torch.Tensor, torch.Tensor.detach, tree)  # noqa: E731
    compare(detach(got), detach(want), tolerance)
    compare(detach(got_inputs), detach(want_inputs), tolerance)
    if grad:
        of = lambda tree: [t.grad for t in pytree.tree_leaves(tree) if isinstance(t, torch.Tensor)]  # noqa: E731
        compare(of(got_leaves), of(want_leaves), tolerance)
    return got
