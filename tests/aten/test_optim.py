"""Optimizers, foreach operators, gradient clipping and GradScaler; a small language model trained as on the CPU."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as functional
from aten.peer import LAYOUTS, compare, make, no_fallback, same
from torch import nn

optim = torch.optim


class Model(nn.Module):
    """Embedding, two linear layers, layer norm, GELU, dropout: bytes in, logits out."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(32, 8)
        self.hidden = nn.Linear(4 * 8, 24)
        self.norm = nn.LayerNorm(24)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(24, 32)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        hidden = functional.gelu(self.norm(self.hidden(self.embedding(tokens).flatten(1))))
        return self.out(self.dropout(hidden))


OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "SGD": lambda p, **kw: optim.SGD(p, 0.1, **kw),
    "SGD momentum": lambda p, **kw: optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01, nesterov=True, **kw),
    "SGD dampening": lambda p, **kw: optim.SGD(p, 0.1, momentum=0.9, dampening=0.1, **kw),
    "SGD maximize": lambda p, **kw: optim.SGD(p, 1e-3, weight_decay=0.1, maximize=True, **kw),
    "Adam": lambda p, **kw: optim.Adam(p, 1e-2, **kw),
    "Adam decay": lambda p, **kw: optim.Adam(p, 1e-2, weight_decay=0.1, amsgrad=True, **kw),
    "Adam maximize": lambda p, **kw: optim.Adam(p, 1e-3, weight_decay=0.1, maximize=True, **kw),
    "AdamW": lambda p, **kw: optim.AdamW(p, 1e-2, weight_decay=0.1, **kw),
    "AdamW amsgrad": lambda p, **kw: optim.AdamW(p, 1e-2, amsgrad=True, **kw),
    "AdamW maximize": lambda p, **kw: optim.AdamW(p, 1e-3, maximize=True, **kw),
    "RMSprop": lambda p, **kw: optim.RMSprop(p, 1e-3, momentum=0.9, centered=True, **kw),
    "Adagrad": lambda p, **kw: optim.Adagrad(p, 1e-2, **kw),
    "Adagrad decay": lambda p, **kw: optim.Adagrad(p, 1e-2, lr_decay=0.1, weight_decay=0.1, maximize=True, **kw),
    "Adamax": lambda p, **kw: optim.Adamax(p, 1e-2, weight_decay=0.1, **kw),
    "NAdam": lambda p, **kw: optim.NAdam(p, 1e-2, **kw),
    "RAdam": lambda p, **kw: optim.RAdam(p, 1e-2, **kw),
    "Adadelta": lambda p, **kw: optim.Adadelta(p, 1.0, **kw),
}


def train(device: str, make_optimizer: Callable, steps: int = 8, clip: float | None = 1.0) -> tuple[list[float], dict]:
    """Train the model for ``steps`` steps from the same start on any device; returns losses and the final state."""
    torch.manual_seed(0)
    model = Model().to(device)
    optimizer = make_optimizer(model.parameters())
    generator = torch.Generator().manual_seed(1)
    losses = []
    for _ in range(steps):
        tokens = torch.randint(0, 32, (16, 5), generator=generator).to(device)
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(tokens[:, :4]), tokens[:, 4])
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    return losses, model.state_dict()


IMPLEMENTATIONS = {"loop": {"foreach": False}, "foreach": {"foreach": True}, "default": {}, "fused": {"fused": True}}


FUSED = ("SGD", "Adam", "AdamW", "Adagrad")  # the optimizers of which torch has a fused form
RUNS = [
    (name, implementation)
    for name in OPTIMIZERS
    for implementation in IMPLEMENTATIONS
    if implementation != "fused" or name.split()[0] in FUSED
]


@pytest.mark.parametrize(("name", "implementation"), RUNS)
def test_training_matches_cpu(name: str, implementation: str) -> None:
    want_losses, want = train("cpu", lambda p: OPTIMIZERS[name](p, foreach=False))
    with no_fallback():
        got_losses, got = train("npu", lambda p: OPTIMIZERS[name](p, **IMPLEMENTATIONS[implementation]))
    assert got_losses == pytest.approx(want_losses, abs=1e-4)
    for key, value in want.items():
        torch.testing.assert_close(
            got[key].cpu(), value, rtol=1e-3, atol=1e-4, msg=lambda text, key=key: f"{key}: {text}"
        )


def test_state_moves_with_the_checkpoint() -> None:
    """A run that is stopped and resumed on the other device goes on as if it had not been."""
    straight, _ = train("npu", lambda p: optim.AdamW(p, 1e-2), steps=6)
    torch.manual_seed(0)
    model = Model()
    generator = torch.Generator().manual_seed(1)
    losses = []
    optimizer = optim.AdamW(model.parameters(), 1e-2)
    for step in range(6):
        if step == 3:
            state = copy.deepcopy(optimizer.state_dict())
            model = model.npu()
            optimizer = optim.AdamW(model.parameters(), 1e-2)
            optimizer.load_state_dict(state)
            assert next(iter(optimizer.state.values()))["exp_avg"].device.type == "npu"
        tokens = torch.randint(0, 32, (16, 5), generator=generator).to(next(model.parameters()).device)
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(tokens[:, :4]), tokens[:, 4])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    assert losses == pytest.approx(straight, abs=1e-4)


def test_dropout_trains_and_evaluates() -> None:
    torch.manual_seed(0)
    model = Model(dropout=0.3).npu()
    optimizer = optim.AdamW(model.parameters(), 1e-2)
    tokens = torch.randint(0, 32, (64, 5), device="npu")
    with no_fallback():
        for step in range(60):
            loss = functional.cross_entropy(model(tokens[:, :4]), tokens[:, 4])
            if step == 0:
                first = loss.item()
            optimizer.zero_grad(set_to_none=step % 2 == 0)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            last = functional.cross_entropy(model(tokens[:, :4]), tokens[:, 4]).item()
            assert torch.equal(model(tokens[:, :4]), model(tokens[:, :4]))
    assert abs(first - math.log(32)) < 0.5 and last < 1.0


def test_adamw_against_the_formula() -> None:
    lr, beta1, beta2, eps, decay = 0.1, 0.9, 0.99, 1e-6, 0.2
    for implementation in IMPLEMENTATIONS.values():
        p = nn.Parameter(torch.tensor([1.0, -2.0], device="npu"))
        optimizer = optim.AdamW([p], lr, (beta1, beta2), eps, decay, **implementation)
        value, m, v = [1.0, -2.0], [0.0, 0.0], [0.0, 0.0]
        for step in (1, 2, 3):
            optimizer.zero_grad()
            (p**2).sum().backward()
            optimizer.step()
            for i in range(2):
                g = 2 * value[i]
                m[i] = beta1 * m[i] + (1 - beta1) * g
                v[i] = beta2 * v[i] + (1 - beta2) * g * g
                update = (m[i] / (1 - beta1**step)) / (math.sqrt(v[i] / (1 - beta2**step)) + eps)
                value[i] = value[i] * (1 - lr * decay) - lr * update
        assert p.tolist() == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("foreach", [True, False])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, float("inf")])
def test_clip_grad(foreach: bool, norm_type: float) -> None:
    def run(a: torch.Tensor, b: torch.Tensor) -> object:
        parameters = [nn.Parameter(torch.zeros_like(t)) for t in (a, b)]
        for parameter, grad in zip(parameters, (a, b), strict=True):
            parameter.grad = grad.clone()
        total = nn.utils.clip_grad_norm_(parameters, 0.5, norm_type, foreach=foreach)
        clipped = [p.grad.clone() for p in parameters]
        nn.utils.clip_grad_value_(parameters, 0.01, foreach=foreach)
        return total, clipped, [p.grad for p in parameters]

    same(run, make(5, 4), make(7, seed=1))
    same(run, make(5, 4, dtype=torch.float64), make(7, dtype=torch.float64, seed=1))


UNARY = [
    "abs",
    "acos",
    "asin",
    "atan",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "neg",
    "reciprocal",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "rsqrt",
    "ceil",
]
BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "clamp_min", "clamp_max", "pow"]


def lists(*, dtype: torch.dtype = torch.float32, count: int = 3, seed: int = 0) -> list[torch.Tensor]:
    """Return tensors of several shapes with values inside the domain of every function here: (0, 1)."""
    shapes = [(3, 2), (4,), (), (0,), (2, 3, 2)]
    return [make(*shapes[i % 5], dtype=torch.float64, seed=seed + i).sigmoid().to(dtype) for i in range(count)]


def pair(name: str) -> tuple[Callable, Callable]:
    return getattr(torch, f"_foreach_{name}"), getattr(torch, f"_foreach_{name}_")


def check_foreach(name: str, x: list[torch.Tensor], *args: object, tolerance: float | None = None) -> None:
    functional_form, inplace_form = pair(name)

    def run(x: list[torch.Tensor], *args: object) -> object:
        changed = [t.clone() for t in x]
        inplace_form(changed, *args)
        return functional_form(x, *args), changed

    same(run, x, *args, tolerance=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", UNARY)
def test_foreach_unary(name: str, dtype: torch.dtype) -> None:
    check_foreach(name, lists(dtype=dtype, count=5), tolerance=2e-2 if dtype.itemsize == 2 else 1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int64])
@pytest.mark.parametrize("name", BINARY)
def test_foreach_binary(name: str, dtype: torch.dtype) -> None:
    x, y = lists(dtype=dtype, count=5), lists(dtype=dtype, count=5, seed=9)
    if dtype == torch.int64:
        x, y = [t + 2 for t in x], [t + 2 for t in y]
        if name == "div":  # an integer list cannot hold the quotients
            same(lambda x, y: torch._foreach_div(x, y), x, y)
            return
    tolerance = 2e-2 if dtype == torch.bfloat16 else 1e-5
    check_foreach(name, x, y, tolerance=tolerance)
    check_foreach(name, x, 2, tolerance=tolerance)
    check_foreach(name, x, [1, 2, 3, 1, 2], tolerance=tolerance)
    if dtype != torch.int64:
        check_foreach(name, x, 1.5, tolerance=tolerance)
        check_foreach(name, x, [1.5, 2.0, 0.5, 1.0, 3.0], tolerance=tolerance)
    if name in ("add", "mul", "div"):
        check_foreach(name, x, torch.tensor(2, dtype=dtype), tolerance=tolerance)
    if name in ("add", "sub"):
        same(lambda x, y: getattr(torch, f"_foreach_{name}")(x, y, alpha=2), x, y, tolerance=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", ["addcmul", "addcdiv"])
def test_foreach_pointwise(name: str, dtype: torch.dtype) -> None:
    x, y, z = (lists(dtype=dtype, count=5, seed=seed) for seed in (0, 9, 18))
    tolerance = 5e-2 if dtype == torch.bfloat16 else 1e-5
    check_foreach(name, x, y, z, 0.5, tolerance=tolerance)
    check_foreach(name, x, y, z, [0.5] * 5, tolerance=tolerance)
    check_foreach(name, x, y, z, [0.5, 1.0, 2.0, 3.0, 4.0], tolerance=tolerance)


def test_foreach_lerp_norm_zero_copy() -> None:
    x, y, w = lists(count=5), lists(count=5, seed=9), lists(count=5, seed=18)
    check_foreach("lerp", x, y, 0.3)
    check_foreach("lerp", x, y, w)
    for order in (1, 2, 2.0, float("inf"), 3):
        same(lambda x, order=order: torch._foreach_norm(x[:3], order), x, tolerance=1e-5)
    same(lambda x, y: (torch._foreach_copy_(x, y), torch._foreach_zero_(y)), x, y)
    same(lambda x, y: torch._foreach_copy_(x, [t.double() for t in y]), x, y)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_foreach_of_strided_and_mixed_lists(layout: str) -> None:
    """What the list kernels cannot take goes tensor by tensor, with the same result."""
    x = [make(3, 4), make(3, 4, dtype=torch.float64), make(3, 4, dtype=torch.int64)]
    same(lambda x: (torch._foreach_mul(x, 2), torch._foreach_add(x, [t.clone() for t in x])), x, layout=layout)
    same(lambda x, y: torch._foreach_add(x, y), [make(3, 4)], [make(4)], layout=layout)


def test_foreach_of_more_tensors_than_one_launch_takes() -> None:
    x, y = lists(count=123), lists(count=123, seed=9)
    check_foreach("add", x, y)
    check_foreach("mul", x, [float(i) for i in range(123)])
    check_foreach("addcmul", x, y, y, 0.5)
    same(lambda x: torch._foreach_norm([t for t in x if t.numel()]), x)


def test_foreach_refuses_lists_of_different_length() -> None:
    x = [t.npu() for t in lists()]
    with pytest.raises(RuntimeError, match="same number of tensors"):
        torch._foreach_add(x, x[:1])
    with pytest.raises(RuntimeError, match="at least one tensor"):
        torch._foreach_add([], 1)


# ---------------------------------------------------------------------- GradScaler


def test_unscale_finds_what_is_not_finite() -> None:
    for bad in (None, float("inf"), float("nan")):
        grads = [make(3, 4).npu(), make(5, dtype=torch.float16).npu()]
        if bad is not None:
            grads[0][1, 2] = bad
        want = [g.clone() for g in grads]
        found, inverse = torch.zeros(1, device="npu"), torch.full((1,), 0.25, device="npu")
        with no_fallback():
            torch._amp_foreach_non_finite_check_and_unscale_(grads, found, inverse)
        assert found.item() == (bad is not None)
        for got, expected in zip(grads, want, strict=True):
            compare(got, (expected * 0.25).cpu())


def test_update_scale() -> None:
    scale, tracker = torch.full((1,), 8.0, device="npu"), torch.zeros(1, dtype=torch.int32, device="npu")
    good, bad = torch.zeros(1, device="npu"), torch.ones(1, device="npu")
    with no_fallback():
        seen = []
        for found in (good, good, bad, good):
            torch._amp_update_scale_(scale, tracker, found, 2.0, 0.5, 2)
            seen.append((scale.item(), tracker.item()))
    assert seen == [(8.0, 1), (16.0, 0), (8.0, 0), (8.0, 1)]


@pytest.mark.parametrize("fused", [False, True])
def test_grad_scaler_skips_a_bad_step(fused: bool) -> None:
    p = nn.Parameter(torch.ones(3, device="npu"))
    optimizer = optim.AdamW([p], 0.1, fused=fused)
    scaler = torch.amp.GradScaler("npu", init_scale=4.0)
    with no_fallback():
        scaler.scale((p * 2).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        after_good = p.detach().clone()
        optimizer.zero_grad()
        scaler.scale((p * float("inf")).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
    assert not torch.equal(after_good, torch.ones(3, device="npu"))
    assert torch.equal(p.detach(), after_good)
    assert scaler.get_scale() == 2.0


def test_fused_refuses_double() -> None:
    p = nn.Parameter(torch.ones(3, dtype=torch.float64, device="npu"))
    p.grad = torch.ones_like(p)
    with pytest.raises(NotImplementedError, match="fused=False"):
        optim.AdamW([p], fused=True).step()
