"""Every loss of torch.nn, in all its settings, forward and backward against CPU torch."""

from __future__ import annotations

import copy

import pytest
import torch
from aten.peer import compare, make, no_fallback, to_device
from torch import nn

Inputs = tuple[torch.Tensor, ...]
X, Y, Z = make(4, 5), make(4, 5, seed=1), make(4, 5, seed=2)
UNIT, LIKELY = Y.sigmoid(), Y.softmax(1)
LABELS = torch.tensor([0, 4, 2, 1])
SIGNS = torch.tensor([1, -1, -1, 1])
MANY = torch.tensor([[1, 3, -1, 0, 0], [0, -1, 1, 1, 1], [4, 3, 2, 1, 0], [-1, 0, 0, 0, 0]])
WEIGHT = make(5, seed=3).abs()
MAPS, PIXELS = make(2, 5, 3, 4), make(2, 3, 4, dtype=torch.int64, low=0, high=5)

# Settings beside ``reduction``, and inputs: the first is what the gradient is asked for.
SETTINGS: dict[str, list[tuple[dict[str, object], Inputs]]] = {
    "L1Loss": [({}, (X, Y))],
    "MSELoss": [({}, (X, Y))],
    "SmoothL1Loss": [({}, (X, Y)), ({"beta": 0.3}, (X, Y)), ({"beta": 0.0}, (X, Y))],
    "HuberLoss": [({}, (X, Y)), ({"delta": 0.3}, (X, Y))],
    "NLLLoss": [
        ({}, (X.log_softmax(1), LABELS)),
        ({"weight": WEIGHT, "ignore_index": 2}, (X.log_softmax(1), LABELS)),
        ({"ignore_index": 4}, (X[0].log_softmax(0), LABELS[0])),
        ({"weight": WEIGHT, "ignore_index": 1}, (MAPS.log_softmax(1), PIXELS)),
    ],
    "CrossEntropyLoss": [
        ({}, (X, LABELS)),
        ({}, (X[0], LABELS[0])),
        ({"weight": WEIGHT}, (X, LABELS)),
        ({"ignore_index": 4}, (X, LABELS)),
        ({"label_smoothing": 0.2}, (X, LABELS)),
        ({"weight": WEIGHT, "ignore_index": 4, "label_smoothing": 0.2}, (X, LABELS)),
        ({}, (X, LIKELY)),
        ({"weight": WEIGHT, "label_smoothing": 0.2}, (X, LIKELY)),
        ({"weight": WEIGHT, "ignore_index": 1, "label_smoothing": 0.1}, (MAPS, PIXELS)),
        ({"label_smoothing": 0.1}, (MAPS, MAPS.softmax(1))),
    ],
    "PoissonNLLLoss": [
        ({}, (X, Y.abs())),
        ({"log_input": False}, (X.abs(), Y.abs())),
        ({"full": True}, (X, 3 * Y.abs())),
    ],
    "GaussianNLLLoss": [
        ({}, (X, Y, Z.abs())),
        ({"full": True, "eps": 0.1}, (X, Y, Z.abs())),
        ({}, (X, Y, Z[:, :1].abs())),
    ],
    "KLDivLoss": [({}, (X.log_softmax(1), LIKELY)), ({"log_target": True}, (X.log_softmax(1), LIKELY.log()))],
    "BCELoss": [({}, (X.sigmoid(), UNIT)), ({"weight": WEIGHT}, (X.sigmoid(), UNIT))],
    "BCEWithLogitsLoss": [
        ({}, (X, UNIT)),
        ({"weight": WEIGHT}, (X, UNIT)),
        ({"pos_weight": WEIGHT}, (X, UNIT)),
        ({"weight": WEIGHT, "pos_weight": WEIGHT}, (X, UNIT)),
    ],
    "HingeEmbeddingLoss": [({}, (X, SIGNS[:, None].expand(4, 5))), ({"margin": 0.2}, (X, SIGNS[:, None].expand(4, 5)))],
    "SoftMarginLoss": [({}, (X, Y.sign()))],
    "MultiLabelMarginLoss": [({}, (X, MANY)), ({}, (X[0], MANY[0]))],
    "MultiLabelSoftMarginLoss": [({}, (X, (Y > 0).float())), ({"weight": WEIGHT}, (X, (Y > 0).float()))],
    "MultiMarginLoss": [
        ({}, (X, LABELS)),
        ({"p": 2, "margin": 0.3}, (X, LABELS)),
        ({"weight": WEIGHT}, (X, LABELS)),
    ],
    "CosineEmbeddingLoss": [({}, (X, Y, SIGNS)), ({"margin": 0.2}, (X, Y, SIGNS)), ({}, (X[0], Y[0], SIGNS[0]))],
    "MarginRankingLoss": [({}, (X[:, 0], Y[:, 0], SIGNS)), ({"margin": 0.5}, (X[:, 0], Y[:, 0], SIGNS))],
    "TripletMarginLoss": [
        ({}, (X, Y, Z)),
        ({"p": 1.0, "margin": 0.3}, (X, Y, Z)),
        ({"swap": True}, (X, Y, Z)),
    ],
    "TripletMarginWithDistanceLoss": [
        ({}, (X, Y, Z)),
        ({"distance_function": lambda x, y: 1 - nn.functional.cosine_similarity(x, y), "margin": 0.4}, (X, Y, Z)),
        ({"swap": True}, (X, Y, Z)),
    ],
    "CTCLoss": [
        ({}, (make(9, 3, 5).log_softmax(2), torch.tensor([[1, 2, 2], [3, 1, 4], [2, 0, 0]]), (9, 8, 6), (3, 2, 1))),
        (
            {"blank": 4, "zero_infinity": True},
            (make(3, 2, 5).log_softmax(2), LABELS.new_tensor([[1, 1], [2, 3]]), (3, 3), (2, 2)),
        ),
    ],
}
# Torch differentiates these by their input alone.
OF_ONE = ("BCELoss", "KLDivLoss", "PoissonNLLLoss", "SoftMarginLoss")
# An old name of NLLLoss, and one that has parameters and a test of its own.
ELSEWHERE = {"NLLLoss2d", "LinearCrossEntropyLoss"}
CASES = [(name, index) for name, settings in SETTINGS.items() for index in range(len(settings))]


def run(name: str, settings: dict[str, object], inputs: tuple, device: str) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The loss and the gradients of all floating inputs."""
    loss = getattr(nn, name)(**settings).to(device)
    inputs = to_device(inputs, device)
    differentiable = 1 if name in OF_ONE else len(inputs)
    leaves = [
        t.requires_grad_() for t in inputs[:differentiable] if isinstance(t, torch.Tensor) and t.is_floating_point()
    ]
    result = loss(*inputs)
    result.backward(make(*result.shape, seed=9).to(device))
    return result.detach(), [t.grad for t in leaves]


@pytest.mark.filterwarnings("ignore:.*reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(("name", "index"), CASES)
def test_loss(name: str, index: int, reduction: str) -> None:
    settings, inputs = SETTINGS[name][index]
    settings = {**settings, "reduction": reduction}
    want = run(name, settings, inputs, "cpu")
    with no_fallback():
        got = run(name, settings, inputs, "npu")
    assert got[1]
    compare(got, want)


@pytest.mark.parametrize("labels", [LABELS, LIKELY])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_cross_entropy(bias: bool, reduction: str, labels: torch.Tensor) -> None:
    torch.manual_seed(0)
    loss = nn.LinearCrossEntropyLoss(6, 5, bias=bias, reduction=reduction, weight=WEIGHT, label_smoothing=0.1)
    results = []
    for device in ("cpu", "npu"):
        module, x = copy.deepcopy(loss).to(device), make(4, 6).to(device).requires_grad_()
        with no_fallback():
            result = module(x, labels.to(device))
            result.backward(torch.ones_like(result))
        results.append([result.detach(), x.grad, *(p.grad for p in module.parameters())])
    compare(results[1], results[0])


def test_every_loss_has_its_row() -> None:
    assert set(nn.modules.loss.__all__) == SETTINGS.keys() | ELSEWHERE
