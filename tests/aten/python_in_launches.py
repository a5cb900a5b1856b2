"""Runs PyTorch's catalogue of operators on npu and prints those whose launch entered Python.

torch registers Python functions over the C++ kernels of device ``meta``; a launch that checks its shapes with them
takes the interpreter lock and imports a compiler on first use. Inputs are strided, so that the loops for small
contiguous tensors, which check nothing with ATen, do not serve them.
"""

from __future__ import annotations

import collections
import sys
import types
import warnings
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db

FOREIGN = ("torch/_refs", "torch/_meta_registrations", "torch/_prims", "torch/_decomp")
WRITTEN_IN_PYTHON = {"broadcast_shapes"}
SAMPLES = 3

entered: dict[str, set[str]] = collections.defaultdict(set)
current = ""


def watch(frame: types.FrameType, event: str, _: Any) -> None:
    code = frame.f_code
    if event == "call" and any(part in code.co_filename for part in FOREIGN):
        entered[current].add(f"{code.co_filename.rpartition('torch/')[2]}:{code.co_name}")


def to_npu(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().npu().requires_grad_(value.requires_grad)
    if type(value) in (list, tuple):
        return type(value)(map(to_npu, value))
    return {key: to_npu(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def run(operator: Any, value: Any, arguments: tuple, keywords: dict) -> None:
    """Forward and, where there is one, backward on this thread. What an operator refuses is not asked here."""
    sys.setprofile(watch)
    try:
        results = operator(value, *arguments, **keywords)
        results = results if isinstance(results, (list, tuple)) else [results]
        wanted = [r.sum() for r in results if isinstance(r, torch.Tensor) and r.requires_grad and not r.is_complex()]
        if wanted:
            torch.autograd.backward(wanted)
    except Exception:  # noqa: BLE001
        pass
    finally:
        sys.setprofile(None)


def main() -> None:
    global current
    warnings.simplefilter("ignore")
    torch.autograd.set_multithreading_enabled(False)  # the profile belongs to a thread
    runs = 0
    for operator in op_db:
        if operator.name.startswith("_refs") or operator.name in WRITTEN_IN_PYTHON:
            continue
        for dtype in (torch.float32, torch.int64, torch.bool):
            if not operator.supports_dtype(dtype, "cpu"):
                continue
            current = f"{operator.formatted_name} {dtype}"
            grad = dtype is torch.float32 and operator.supports_autograd
            for sample, _ in zip(
                operator.sample_inputs("cpu", dtype, requires_grad=grad), range(SAMPLES), strict=False
            ):
                try:
                    strided = sample.noncontiguous()
                    call = to_npu(strided.input), to_npu(tuple(strided.args)), to_npu(strided.kwargs)
                except RuntimeError:  # sparse samples
                    continue
                run(operator, *call)
                runs += 1
    torch.npu.synchronize()
    for name, functions in entered.items():
        print(f"entered Python: {name}: {sorted(functions)[:3]}")
    print(f"runs: {runs}")


if __name__ == "__main__":
    main()
