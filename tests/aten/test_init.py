"""Every initialiser of torch.nn.init: what is certain exactly, what is random by its bounds, moments and seed."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from aten.peer import compare, no_fallback
from torch.nn import init

Fill = Callable[[torch.Tensor], torch.Tensor]

CERTAIN: dict[str, tuple[Fill, tuple[int, ...]]] = {
    "zeros_": (init.zeros_, (3, 4)),
    "ones_": (init.ones_, (3, 4)),
    "constant_": (lambda t: init.constant_(t, 0.3), (3, 4)),
    "eye_": (init.eye_, (3, 5)),
    "eye_ tall": (init.eye_, (5, 3)),
    "dirac_": (init.dirac_, (4, 3, 5)),
    "dirac_ of images": (init.dirac_, (4, 6, 3, 3)),
    "dirac_ of volumes": (lambda t: init.dirac_(t, groups=2), (4, 2, 3, 2, 5)),
}

# (fill, mean, deviation, least, greatest) of a weight of 300 rows and 200 columns.
ROWS, COLUMNS = 300, 200
RELU = math.sqrt(2)
INF = float("inf")


def uniform(bound: float) -> tuple[float, float, float, float]:
    return 0.0, bound / math.sqrt(3), -bound, bound


def normal(std: float) -> tuple[float, float, float, float]:
    return 0.0, std, -INF, INF


# A standard normal cut at 2: its deviation is known in closed form.
DENSITY, MASS = math.exp(-2) / math.sqrt(2 * math.pi), math.erf(math.sqrt(2))
CUT = math.sqrt(1 - 4 * DENSITY / MASS)

RANDOM: dict[str, tuple[Fill, tuple[float, float, float, float]]] = {
    "uniform_": (lambda t: init.uniform_(t, -1, 3), (1.0, 2 / math.sqrt(3), -1.0, 3.0)),
    "normal_": (lambda t: init.normal_(t, 0.5, 0.2), (0.5, 0.2, -INF, INF)),
    "trunc_normal_": (init.trunc_normal_, (0.0, CUT, -2.0, 2.0)),
    "trunc_normal_ scaled": (lambda t: init.trunc_normal_(t, 1, 0.5, 0, 2), (1.0, CUT / 2, 0.0, 2.0)),
    "xavier_uniform_": (init.xavier_uniform_, uniform(math.sqrt(6 / (ROWS + COLUMNS)))),
    "xavier_normal_": (lambda t: init.xavier_normal_(t, 2.0), normal(2 * math.sqrt(2 / (ROWS + COLUMNS)))),
    "kaiming_uniform_": (init.kaiming_uniform_, uniform(RELU * math.sqrt(3 / COLUMNS))),
    "kaiming_normal_": (
        lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"),
        normal(RELU / math.sqrt(ROWS)),
    ),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", CERTAIN)
def test_certain(name: str, dtype: torch.dtype) -> None:
    fill, shape = CERTAIN[name]
    with no_fallback():
        got = fill(torch.full(shape, 7.0, dtype=dtype, device="npu"))
    compare(got, fill(torch.full(shape, 7.0, dtype=dtype)))


@pytest.mark.parametrize("name", RANDOM)
def test_random(name: str) -> None:
    fill, (mean, std, least, greatest) = RANDOM[name]
    fills = []
    with no_fallback():
        for seed in (3, 3, 4):
            torch.manual_seed(seed)
            fills.append(fill(torch.empty(ROWS, COLUMNS, device="npu")).cpu())
    x = fills[0]
    assert torch.equal(x, fills[1]) and not torch.equal(x, fills[2])
    assert least <= x.min().item() and x.max().item() <= greatest
    n = x.numel()
    assert abs(x.double().mean().item() - mean) < 5 * std / math.sqrt(n)
    assert abs(x.double().std().item() / std - 1) < 5 / math.sqrt(n)
    if math.isfinite(greatest):  # it comes near its bounds
        assert x.max().item() > greatest - 0.01 * (greatest - least) and x.min().item() < least * 0.99 + greatest * 0.01


def test_sparse() -> None:
    torch.manual_seed(0)
    with no_fallback():
        x = init.sparse_(torch.empty(50, 40, device="npu"), 0.3, std=0.5).cpu()
    assert (x == 0).sum(0).tolist() == [15] * 40
    assert abs(x[x != 0].std().item() - 0.5) < 0.05
    assert len({tuple(row) for row in (x == 0).T.tolist()}) == 40


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (6, 2, 3)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    with no_fallback():
        first = init.orthogonal_(torch.empty(shape, device="npu"), 2.0).flatten(1).cpu()
        second = init.orthogonal_(torch.empty(shape, device="npu"), 2.0).flatten(1).cpu()
    assert not torch.equal(first, second)
    wide = first if first.shape[0] <= first.shape[1] else first.T
    torch.testing.assert_close(wide @ wide.T, 4 * torch.eye(len(wide)), rtol=0, atol=1e-5)


def test_every_initialiser_is_tested() -> None:
    names = {name for name in dir(init) if name.endswith("_") and not name.startswith("_")}
    assert names == {name.split()[0] for name in (*CERTAIN, *RANDOM)} | {"sparse_", "orthogonal_"}
