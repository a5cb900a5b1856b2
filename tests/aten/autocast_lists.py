"""Runs upstream's lists of operators for autocast on npu; a program of its own, as upstream's module sets global flags.

Prints a line for each entry that does not give the data type, or not bit for bit the numbers, of its arguments cast by
hand, and last how many entries were run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch.testing._internal.autocast_test_lists import AutocastTestLists

import torch_npu  # noqa: F401

# Operators of another device, and one of which CANN has no gradient: it has no kernel here.
NOT_OURS = ("cudnn_convolution", "cudnn_convolution_transpose", "pdist")
# Its arguments there are those of no overload.
BROKEN = ("einsum",)

Entry = tuple[str, str, tuple, dict[str, Any], torch.dtype, torch.dtype, Any]


def cast(value: Any, dtype: torch.dtype) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(dtype) if value.is_floating_point() else value
    if isinstance(value, (tuple, list)):
        return type(value)(cast(v, dtype) for v in value)
    return value


def entries(lists: AutocastTestLists, low: torch.dtype) -> Iterator[Entry]:
    """List, operator, arguments, in what it is computed, what it gives, and where to find it."""
    nn, linalg = torch._C._nn, torch._C._linalg
    for name, module in (("torch_fp16", torch), ("nn_fp16", nn), ("linalg_fp16", linalg), ("methods_fp16", None)):
        for op, args, *_ in getattr(lists, name):
            yield name, op, args, {}, low, low, module
    for name, module in (("torch_fp32", torch), ("nn_fp32", nn), ("methods_fp32", None)):
        for op, args, *rest in getattr(lists, name):
            yield name, op, args, rest[0] if rest else {}, torch.float32, torch.float32, module
    for op, args in lists.torch_need_autocast_promote:
        yield "torch_need_autocast_promote", op, args, {}, torch.float32, torch.float32, torch
    for name, module in (("torch_expect_builtin_promote", torch), ("methods_expect_builtin_promote", None)):
        for op, args, result in getattr(lists, name):
            yield name, op, args, {}, torch.float32, result, module


def tensors(value: Any) -> Iterable[torch.Tensor]:
    return [t for t in torch.utils._pytree.tree_leaves(value) if isinstance(t, torch.Tensor)]


def run(op: str, module: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    if module is not None and hasattr(module, op):
        return getattr(module, op)(*args, **kwargs)
    return getattr(args[0], op)(*args[1:], **kwargs)


def check(op: str, args: tuple, kwargs: dict, inner: torch.dtype, result: torch.dtype, module: Any, low: Any) -> str:
    """What is wrong with an entry, or nothing."""
    with torch.autocast("npu", dtype=low):
        got = run(op, module, args, kwargs)
    want = run(op, module, cast(args, inner), kwargs)
    got_tensors, want_tensors = tensors(got), tensors(want)
    if not got_tensors:
        return "" if got == want else f"gave {got}, not {want}"
    if got_tensors[0].dtype != result:
        return f"gave {got_tensors[0].dtype}, not {result}"
    torch.testing.assert_close(got_tensors, want_tensors, rtol=0, atol=0, equal_nan=True)
    return ""


def run_lists(low: torch.dtype) -> int:
    torch.manual_seed(0)
    count = 0
    for name, op, args, kwargs, inner, result, module in entries(AutocastTestLists("npu"), low):
        if op in NOT_OURS + BROKEN:
            continue
        if low is torch.bfloat16:  # upstream writes its lists for float16
            args = torch.utils._pytree.tree_map_only(
                torch.Tensor, lambda t: t.bfloat16() if t.dtype == torch.half else t, args
            )
        try:
            wrong = check(op, args, kwargs, inner, result, module, low)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}".splitlines()[0]
        count += 1
        if wrong:
            print(f"{low}: {name}.{op}: {wrong}")
    return count


if __name__ == "__main__":
    print(f"entries: {sum(map(run_lists, (torch.float16, torch.bfloat16)))}")
