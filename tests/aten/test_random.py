"""Random numbers: the right distribution, the same numbers for the same seed, other numbers after that."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from aten.peer import FLOATS, no_fallback

N = 40_000
Draw = Callable[[], torch.Tensor]


def empty(*sizes: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(sizes or (N,), dtype=dtype, device="npu")


DRAWS: dict[str, Draw] = {
    "rand": lambda: torch.rand(N, device="npu"),
    "randn": lambda: torch.randn(N, device="npu"),
    "randint": lambda: torch.randint(3, 1000, (N,), device="npu"),
    "randperm": lambda: torch.randperm(N, device="npu"),
    "rand_like": lambda: torch.rand_like(empty()),
    "randint_like": lambda: torch.randint_like(empty(), 100),
    "uniform_": lambda: empty().uniform_(-2, 3),
    "normal_": lambda: empty().normal_(1, 2),
    "random_": lambda: empty(dtype=torch.int64).random_(),
    "bernoulli_": lambda: empty().bernoulli_(0.3),
    "bernoulli": lambda: torch.bernoulli(torch.full((N,), 0.3, device="npu")),
    "exponential_": lambda: empty().exponential_(2.0),
    "log_normal_": lambda: empty().log_normal_(0, 0.5),
    "cauchy_": lambda: empty().cauchy_(1.0, 2.0),
    "geometric_": lambda: empty().geometric_(0.3),
    "normal": lambda: torch.normal(torch.ones(N, device="npu"), 2.0),
    "multinomial": lambda: torch.multinomial(torch.tensor([1.0, 2.0, 3.0, 4.0], device="npu"), N, True),
    "dropout": lambda: torch.nn.functional.dropout(torch.ones(N, device="npu"), 0.4),
    "rrelu": lambda: torch.nn.functional.rrelu(torch.full((N,), -1.0, device="npu"), 0.2, 0.6, training=True),
}


@pytest.mark.parametrize("name", DRAWS)
def test_seed_repeats_the_sequence(name: str) -> None:
    draw = DRAWS[name]
    with no_fallback():
        torch.npu.manual_seed(5)
        first, second = draw(), draw()
        torch.manual_seed(5)
        again = draw(), draw()
        torch.manual_seed(6)
        other = draw()
    assert torch.equal(first, again[0]) and torch.equal(second, again[1])
    assert not torch.equal(first, second) and not torch.equal(first, other)


def moments(x: torch.Tensor) -> tuple[float, float]:
    x = x.double()
    return x.mean().item(), x.std().item()


@pytest.mark.parametrize(
    ("name", "mean", "std"),
    [
        ("rand", 0.5, math.sqrt(1 / 12)),
        ("randn", 0, 1),
        ("randint", 501, 997 / math.sqrt(12)),
        ("uniform_", 0.5, 5 / math.sqrt(12)),
        ("normal_", 1, 2),
        ("bernoulli_", 0.3, math.sqrt(0.21)),
        ("bernoulli", 0.3, math.sqrt(0.21)),
        ("exponential_", 0.5, 0.5),
        ("log_normal_", math.exp(0.125), math.sqrt((math.exp(0.25) - 1) * math.exp(0.25))),
        ("geometric_", 1 / 0.3, math.sqrt(0.7) / 0.3),
        ("normal", 1, 2),
        ("multinomial", 2.0, 1.0),
        ("dropout", 1.0, math.sqrt(0.24) / 0.6),
        ("rrelu", -0.4, 0.4 / math.sqrt(12)),
    ],
)
def test_mean_and_deviation(name: str, mean: float, std: float) -> None:
    """Within five standard errors of what the distribution says."""
    torch.npu.manual_seed(11)
    got_mean, got_std = moments(DRAWS[name]())
    assert abs(got_mean - mean) < 5 * std / math.sqrt(N)
    assert abs(got_std - std) < 0.04 * std + 1e-9


def test_quantiles() -> None:
    """The distribution function at the ninths, within five standard errors."""
    torch.npu.manual_seed(3)
    bound = 5 * 0.5 / math.sqrt(N)
    for name, cdf in {
        "rand": lambda x: x,
        "randn": lambda x: 0.5 * (1 + torch.erf(x / math.sqrt(2))),
        "exponential_": lambda x: 1 - torch.exp(-2 * x),
        "cauchy_": lambda x: torch.atan((x - 1) / 2) / math.pi + 0.5,
    }.items():
        level = cdf(DRAWS[name]().cpu().double())
        for edge in torch.linspace(0, 1, 10)[1:-1]:
            assert abs((level < edge).double().mean().item() - edge) < bound, name


def test_neighbours_are_independent() -> None:
    """No number is drawn twice, within a tensor or by the next operator."""
    torch.npu.manual_seed(0)
    x, y = torch.randn(N, device="npu").cpu(), torch.randn(N, device="npu").cpu()
    for a, b in ((x, y), (x[:-1], x[1:]), (x[4:], y[:-4]), (x[:-4], y[4:])):
        assert abs((a * b).mean().item()) < 5 / math.sqrt(N)


@pytest.mark.parametrize("dtype", FLOATS)
def test_ranges(dtype: torch.dtype) -> None:
    x = empty(dtype=dtype).uniform_(2, 5)
    assert x.min().item() >= 2 and x.max().item() <= 5 and x.dtype == dtype
    assert empty(dtype=dtype).exponential_().min().item() > 0
    assert set(empty(500, dtype=dtype).bernoulli_(0.5).tolist()) == {0.0, 1.0}
    assert empty(500, dtype=dtype).normal_(0, 0).abs().max().item() == 0


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.float32])
def test_random_integers(dtype: torch.dtype) -> None:
    x = empty(4000, dtype=dtype).random_(2, 9)
    assert set(x.tolist()) == set(range(2, 9))
    assert set(empty(4000, dtype=dtype).random_(3).tolist()) == {0, 1, 2}
    whole = empty(4000, dtype=dtype).random_()
    assert whole.min().item() >= 0 and len(set(whole.tolist())) > 50
    assert torch.randint(5, 6, (9,), dtype=dtype, device="npu").eq(5).all().item()


def test_permutations() -> None:
    torch.npu.manual_seed(1)
    for n in (0, 1, 2, 1000):
        x = torch.randperm(n, device="npu")
        assert x.sort()[0].tolist() == list(range(n)) and x.dtype == torch.int64
    assert torch.randperm(50, device="npu").tolist() != list(range(50))
    assert torch.randperm(5, dtype=torch.int32, device="npu").dtype == torch.int32


def test_multinomial() -> None:
    weights = torch.tensor([[0.0, 1.0, 3.0], [2.0, 0.0, 2.0]], device="npu")
    x = torch.multinomial(weights, N, replacement=True).cpu()
    counts = torch.stack([torch.bincount(row, minlength=3) for row in x]) / N
    assert torch.allclose(
        counts, torch.tensor([[0, 0.25, 0.75], [0.5, 0, 0.5]], dtype=counts.dtype), atol=5 * 0.5 / math.sqrt(N)
    )
    distinct = torch.multinomial(torch.ones(100, 7, device="npu"), 7).sort(1)[0]
    assert torch.equal(distinct.cpu(), torch.arange(7).expand(100, 7))
    for bad, text in (([-1.0, 2.0], "element < 0"), ([0.0, 0.0], "sum of probabilities"), ([float("nan"), 1.0], "nan")):
        with pytest.raises(RuntimeError, match=text):
            torch.multinomial(torch.tensor(bad, device="npu"), 1)
    with pytest.raises(RuntimeError, match="without replacement"):
        torch.multinomial(torch.ones(3, device="npu"), 4)
    assert (torch.ones(2, device="npu") + 1).sum().item() == 4


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("p", [0.0, 0.25, 1.0])
def test_dropout(p: float, dtype: torch.dtype) -> None:
    torch.npu.manual_seed(2)
    x = torch.ones(200, 50, dtype=dtype, device="npu", requires_grad=True)
    with no_fallback():
        y = torch.nn.functional.dropout(x, p)
        y.backward(torch.full_like(y, 3))
    kept = (y != 0).cpu()
    scale = 0 if p == 1 else 1 / (1 - p)
    torch.testing.assert_close(y.detach().cpu(), kept.to(dtype) * scale)
    torch.testing.assert_close(x.grad.cpu(), kept.to(dtype) * scale * 3)
    assert abs(kept.double().mean().item() - (1 - p)) < 0.05
    assert torch.equal(torch.nn.functional.dropout(x, p, training=False), x)


def test_native_dropout_has_a_mask_like_upstream() -> None:
    x = torch.randn(3, 4, device="npu")
    y, mask = torch.native_dropout(x, 0.5, True)
    assert mask.dtype == torch.bool and mask.shape == x.shape
    assert torch.equal(y, x * mask * 2)


def test_generators() -> None:
    one, two = torch.Generator("npu").manual_seed(4), torch.Generator("npu").manual_seed(4)
    state = torch.npu.get_rng_state()
    assert torch.equal(torch.rand(9, generator=one, device="npu"), torch.rand(9, generator=two, device="npu"))
    assert torch.equal(torch.npu.get_rng_state(), state), "an own generator leaves the default one alone"
    assert not torch.equal(
        torch.rand(9, generator=one, device="npu"),
        torch.rand(9, generator=torch.Generator("npu").manual_seed(4), device="npu"),
    )
    with pytest.raises(RuntimeError, match="generator"):
        torch.rand(3, generator=torch.Generator("cpu"), device="npu")


@pytest.mark.parametrize(
    ("sizes", "dtype", "moved"), [((5,), torch.float32, 8), ((4,), torch.float32, 4), ((3, 3), torch.float64, 20)]
)
def test_offset_moves_by_what_was_drawn(sizes: tuple[int, ...], dtype: torch.dtype, moved: int) -> None:
    """Four bytes per draw, in whole Philox blocks: DTensor computes with the same rule."""
    generator = torch.Generator("npu").manual_seed(9)
    before = generator.get_offset()
    torch.rand(sizes, dtype=dtype, generator=generator, device="npu")
    assert generator.get_offset() - before == moved


@pytest.mark.parametrize("shape", [(), (0,), (3, 0)])
def test_nothing_to_draw(shape: tuple[int, ...]) -> None:
    for draw in (torch.rand, torch.randn, lambda s, device: torch.empty(s, device=device).exponential_()):
        assert draw(shape, device="npu").shape == shape


@pytest.mark.parametrize("layout", ["transposed", "step"])
def test_strided(layout: str) -> None:
    base = torch.zeros(40, 60, device="npu")
    view = base.t() if layout == "transposed" else base[:, ::2]
    torch.npu.manual_seed(8)
    view.normal_()
    assert abs(view.std().item() - 1) < 0.1
    if layout == "step":
        assert base[:, 1::2].eq(0).all().item()
    torch.npu.manual_seed(8)
    assert torch.equal(view, torch.empty(view.shape, device="npu").normal_())


def test_wrong_arguments_are_refused() -> None:
    x = empty(4)
    for use, text in (
        (lambda: x.uniform_(3, 2), "from <= to|found from"),
        (lambda: x.normal_(0, -1), "std >= 0"),
        (lambda: x.bernoulli_(1.5), r"p to be in \[0, 1\]"),
        (lambda: x.random_(5, 5), "'from' to be less than 'to'"),
        (lambda: x.exponential_(-1), "lambda > 0"),
        (lambda: x.geometric_(2), "p to be in"),
        (lambda: x.long().uniform_(), "not implemented for 'Long'"),
        (lambda: torch.randperm(-1, device="npu"), "non-negative|negative dimension"),
        (lambda: torch.nn.functional.dropout(x, 1.5), "dropout probability"),
    ):
        with pytest.raises((RuntimeError, ValueError), match=text):
            use()


def test_init_functions() -> None:
    init = torch.nn.init
    torch.npu.manual_seed(0)
    with no_fallback():
        for fill in (
            init.uniform_,
            init.normal_,
            init.ones_,
            init.zeros_,
            init.eye_,
            init.xavier_uniform_,
            init.xavier_normal_,
            init.kaiming_uniform_,
            init.kaiming_normal_,
            init.trunc_normal_,
            init.orthogonal_,
        ):
            w = fill(empty(60, 60))
            assert torch.isfinite(w).all().item(), fill
        init.sparse_(w, 0.5)
        assert (w == 0).sum().item() == 1800
        w = init.orthogonal_(empty(20, 20))
        torch.testing.assert_close((w @ w.T).cpu(), torch.eye(20), atol=1e-5, rtol=0)
        bound = math.sqrt(6 / 120)
        assert init.xavier_uniform_(empty(60, 60)).abs().max().item() <= bound
