"""Margin losses of several classes, with gradients, against CPU torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import LAYOUTS, make, same

REDUCTIONS = ["none", "mean", "sum"]
LABELS = torch.tensor([[1, 3, -1, 0, 2], [-1, 2, 2, 2, 2], [4, 0, 1, 2, 3], [2, 2, -1, 1, 1]])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_multi_margin(dtype: torch.dtype, weighted: bool, p: int, reduction: str, layout: str) -> None:
    weight = make(5, dtype=dtype, seed=2).abs()

    def run(x: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        weight = weight.detach() if weighted else None
        return functional.multi_margin_loss(x, labels, p=p, margin=0.7, weight=weight, reduction=reduction)

    same(run, make(4, 5, dtype=dtype), weight, torch.tensor([1, 0, 4, 4]), layout=layout, grad=True)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_margins_of_one_sample(reduction: str) -> None:
    one = torch.tensor(3)
    same(lambda x, y: functional.multi_margin_loss(x, y, reduction=reduction), make(5), one, grad=True)
    same(lambda x, y: functional.multilabel_margin_loss(x, y, reduction=reduction), make(5), LABELS[0], grad=True)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_multilabel_margin(dtype: torch.dtype, reduction: str, layout: str) -> None:
    def run(x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.multilabel_margin_loss(x, labels, reduction=reduction)

    same(run, make(4, 5, dtype=dtype), LABELS, layout=layout, grad=True)


def test_wrong_arguments_are_refused() -> None:
    x = make(4, 5).npu()
    with pytest.raises(RuntimeError, match="only p == 1 and p == 2"):
        torch._C._nn.multi_margin_loss(x, torch.zeros(4, dtype=torch.long).npu(), 3)
    with pytest.raises(RuntimeError, match="inconsistent target size"):
        functional.multi_margin_loss(x, torch.zeros(3, dtype=torch.long).npu())
    with pytest.raises(RuntimeError, match="inconsistent weight size"):
        functional.multi_margin_loss(x, torch.zeros(4, dtype=torch.long).npu(), weight=make(4).npu())
    with pytest.raises(RuntimeError, match="expected a target of int64 but got Int on npu:0"):
        functional.multi_margin_loss(x, torch.zeros(4, dtype=torch.int).npu())
    with pytest.raises(RuntimeError, match="inconsistent target size"):
        functional.multilabel_margin_loss(x, torch.zeros(4, dtype=torch.long).npu())
