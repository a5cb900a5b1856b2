"""The two sides of a check: the same call with the same numbers on CPU torch and on npu, and how they are compared."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import torch
from torch.testing._internal.common_utils import noncontiguous_like
from torch.utils import _pytree as pytree

import torch_npu  # noqa: F401

SEED = 20


@dataclasses.dataclass
class Ran:
    """What came of a call on one side: a value or an exception, and which operators had no kernel for npu."""

    value: Any
    raised: type | None
    message: str
    fell_back: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Strictness:
    """What two results must have in common beyond kind, dtype, shape and device."""

    numbers: bool = True
    strides: bool = True
    rtol: float = 1.3e-6  # those of torch.testing.assert_close for float32
    atol: float = 1e-5


class Difference(Exception):
    """npu has another result than the CPU."""


class OtherNumbers(Difference):
    """The results differ in their numbers, at least."""


def run(device: str, call: Callable[[str], Any], seed: int = SEED) -> Ran:
    """Run ``call(device)`` to its end, also on the device, from a given state of the random generators."""
    torch.manual_seed(seed)
    before = torch.npu.fallback_stats()
    value, raised, message = None, None, ""
    try:
        value = call(device)
        if device == "npu":
            torch.npu.synchronize()
    except Exception as error:  # whatever it is: the other side decides whether it is right
        value, raised, message = None, type(error), first_line(error)
    after = torch.npu.fallback_stats()
    fell_back = sorted(name.removeprefix("aten::") for name, count in after.items() if count != before.get(name, 0))
    return Ran(value, raised, message, tuple(fell_back))


def first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return f"{type(error).__name__}: {text.splitlines()[0]}"


def copy_to(tree: Any, device: str) -> Any:
    """Return the tree with its tensors copied to ``device``, with their strides and with what they share.

    Every copy is a leaf of autograd. Where npu is asked for, arguments that name the CPU name npu instead.
    """
    storages: dict[int, torch.Tensor] = {}

    def tensor(source: torch.Tensor) -> torch.Tensor:
        if source.device.type != "cpu":
            return source
        if source.layout != torch.strided or type(source) not in (torch.Tensor, torch.nn.Parameter):
            return source.detach().clone().to(device).requires_grad_(source.requires_grad)
        storage = source.untyped_storage()
        key = storage._cdata
        if key not in storages:
            bytes_ = torch.empty(0, dtype=torch.uint8).set_(storage)
            storages[key] = bytes_.clone() if device == "cpu" else bytes_.to(device)
        copy = torch.empty(0, dtype=source.dtype, device=device)
        copy.set_(storages[key].untyped_storage(), source.storage_offset(), source.size(), source.stride())
        if source.is_conj():
            copy = torch._conj(copy)
        if source.is_neg():
            copy = torch._neg_view(copy)
        return copy.requires_grad_(source.requires_grad)

    def leaf(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return tensor(value)
        if isinstance(value, torch.device) and value.type == "cpu":
            return torch.device(device)
        return device if isinstance(value, str) and value in ("cpu", "cpu:0") else value

    return pytree.tree_map(leaf, tree)


def strided(tree: Any) -> Any:
    """Return the tree with tensors that have gaps, filled with NaN, between their elements."""
    return pytree.tree_map_only(torch.Tensor, lambda t: noncontiguous_like(t) if t.layout == torch.strided else t, tree)


def place(tree: Any, device: str, gaps: bool, exact: bool) -> Any:
    """Return a copy of the arguments of a call on ``device``, as they are, with gaps, or in double precision."""
    if exact:
        tree = pytree.tree_map_only(torch.Tensor, in_double, tree)
    return copy_to(strided(tree) if gaps else tree, device)


def in_double(tensor: torch.Tensor) -> torch.Tensor:
    wide = {torch.float32: torch.float64, torch.complex64: torch.complex128}.get(tensor.dtype)
    return tensor.detach().to(wide).requires_grad_(tensor.requires_grad) if wide else tensor


def aliases(result: Any, arguments: Any) -> list[int | None]:
    """Return for each tensor of the result which argument's memory it lies in."""
    owners: dict[int, int] = {}
    for index, leaf in enumerate(tensors(arguments)):
        if leaf.layout == torch.strided:
            owners.setdefault(leaf.untyped_storage()._cdata, index)
    return [
        owners.get(leaf.untyped_storage()._cdata) if leaf.layout == torch.strided else None for leaf in tensors(result)
    ]


def tensors(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def compare(got: Any, want: Any, how: Strictness, anywhere: bool = False) -> None:
    """Raise Difference unless the tree ``got``, of npu, is the tree ``want`` of the CPU."""
    got_leaves, got_spec = pytree.tree_flatten(got)
    want_leaves, want_spec = pytree.tree_flatten(want)
    if got_spec != want_spec:
        raise Difference(f"the structure of the result is {got_spec}, on the CPU {want_spec}")
    for left, right in zip(got_leaves, want_leaves, strict=True):
        if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
            compare_tensors(left.detach(), right.detach(), how, anywhere)
        elif type(left) is not type(right):
            raise Difference(f"a {type(left).__name__} where the CPU gives a {type(right).__name__}")
        elif isinstance(left, torch.device) or (isinstance(left, str) and left in ("cpu", "npu")):
            continue
        elif (how.numbers or not isinstance(left, float)) and not equal(left, right):
            raise Difference(f"{left!r} where the CPU gives {right!r}")


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, float):
        return math.isclose(left, right, rel_tol=1e-5, abs_tol=1e-6) or (left != left and right != right)
    return isinstance(left, torch.nn.Module) or bool(left == right)


def compare_tensors(got: torch.Tensor, want: torch.Tensor, how: Strictness, anywhere: bool) -> None:
    if want.device.type == "cpu" and got.device.type != "npu" and not anywhere:
        raise Difference(f"the result is on {got.device}")
    for what in ("layout", "dtype", "shape"):
        if getattr(got, what) != getattr(want, what):
            raise Difference(f"{what} {getattr(got, what)}, on the CPU {getattr(want, what)}")
    if how.strides and got.layout == torch.strided and significant(got) != significant(want):
        raise Difference(f"strides {got.stride()} of shape {tuple(got.shape)}, on the CPU {want.stride()}")
    if not how.numbers or want.device.type == "meta":
        return
    tolerance = {"rtol": how.rtol, "atol": how.atol} if want.dtype in (torch.float32, torch.complex64) else {}
    try:
        torch.testing.assert_close(got.cpu(), want, equal_nan=True, **tolerance)
    except AssertionError as error:
        raise OtherNumbers(summary(str(error))) from None


def significant(tensor: torch.Tensor) -> list[int]:
    """Return the strides that mean something: of the dimensions that have more than one element."""
    if tensor.numel() == 0:
        return []
    return [stride for stride, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1]


def summary(text: str) -> str:
    """Put what assert_close says on one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = [line for line in lines if line.startswith(("Mismatched", "Greatest absolute", "Expected", "Absolute"))]
    return "; ".join(kept[:2] or lines[:1])
