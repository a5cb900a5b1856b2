"""What a user sees of a tensor is what the CPU shows, with the device added, and costs no fallback."""

from __future__ import annotations

import copy
import io
import pickle
import re

import pytest
import torch
from aten.peer import make, no_fallback

SPECIAL = torch.tensor([float("nan"), float("inf"), -float("inf"), 1e10, 1e-8, 0.0, -1.5])
TENSORS: dict[str, torch.Tensor] = {
    "float32": make(2, 3),
    "float64": make(2, 3, dtype=torch.float64),
    "float16": make(4, dtype=torch.float16),
    "bfloat16": make(2, 2, dtype=torch.bfloat16),
    "int64": make(3, 3, dtype=torch.int64),
    "int32": make(3, dtype=torch.int32),
    "uint8": make(3, dtype=torch.uint8),
    "bool": make(2, 3, dtype=torch.bool),
    "complex64": make(2, 2, dtype=torch.complex64),
    "complex128": make(2, dtype=torch.complex128),
    "special": SPECIAL,
    "special half": SPECIAL.half(),
    "integers as floats": torch.arange(5.0),
    "large": torch.tensor([1e8, 2.0, 3e-3]),
    "zeros": torch.zeros(2, 2),
    "summarised": make(1200),
    "summarised rows": make(300, 300),
    "summarised integers": make(2000, dtype=torch.int64),
    "summarised flags": make(50, 50, dtype=torch.bool),
    "three dimensions": make(2, 2, 2),
    "number": torch.tensor(1.5),
    "flag": torch.tensor(True),
    "nothing": torch.empty(0),
    "no rows": torch.empty(0, 3),
    "strided": make(4, 6).t()[::2],
}


@pytest.mark.parametrize("name", TENSORS)
def test_repr(name: str) -> None:
    x = TENSORS[name]
    y = x.npu()
    with no_fallback():
        text = repr(y)
        assert str(y) == text
    assert "device='npu:0'" in text
    words = re.sub(r",\s+device='npu:0'", "", text).split()
    assert words == repr(x).split()


def test_repr_of_a_parameter_and_of_a_graph() -> None:
    x = make(2, 2).npu()
    parameter = torch.nn.Parameter(x)
    with no_fallback():
        assert repr(parameter).startswith("Parameter containing:\ntensor(") and "requires_grad=True" in repr(parameter)
        assert "grad_fn=<MulBackward0>" in repr(parameter * 2)
        assert "npu" in repr(torch.nn.Linear(2, 2).npu().weight)


def test_numbers_out() -> None:
    x = make(3, 4)
    y = x.npu()
    with no_fallback():
        assert y[1, 2].item() == x[1, 2].item()
        assert y.tolist() == x.tolist()
        assert f"{y[0, 0]:.3f}" == f"{x[0, 0]:.3f}"
        assert float(y[0, 0]) == float(x[0, 0]) and int(y[0, 0] * 10) == int(x[0, 0] * 10)
        assert bool(y[0, 0] > -100) and len(y) == 3 and (y.cpu().numpy() == x.numpy()).all()
        assert [row.sum().item() for row in y] == pytest.approx([row.sum().item() for row in x])
        assert y.max() in y
    with pytest.raises(RuntimeError, match="Boolean value of Tensor"):
        bool(y)


def test_copies_and_archives() -> None:
    y = make(3, 4).npu()
    with no_fallback():
        assert torch.equal(copy.deepcopy(y), y)
        assert torch.equal(pickle.loads(pickle.dumps(y)), y)
        buffer = io.BytesIO()
        torch.save(y, buffer)
        buffer.seek(0)
        assert torch.equal(torch.load(buffer), y)
