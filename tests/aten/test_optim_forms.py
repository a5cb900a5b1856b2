"""Optimizers beside test_optim.py: capturable, learning rates on the device, groups, and the rest of torch.optim."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import torch
from aten.peer import make, no_fallback
from torch import nn, optim

import torch_npu  # noqa: F401

Make = Callable[..., optim.Optimizer]

# Those that take ``capturable``: their count of steps is a tensor beside the parameters.
CAPTURABLE: dict[str, Make] = {
    "Adam": lambda p, **kw: optim.Adam(p, 1e-2, weight_decay=0.1, **kw),
    "Adam amsgrad": lambda p, **kw: optim.Adam(p, 1e-2, amsgrad=True, maximize=True, **kw),
    "AdamW": lambda p, **kw: optim.AdamW(p, 1e-2, **kw),
    "Adamax": lambda p, **kw: optim.Adamax(p, 1e-2, **kw),
    "NAdam": lambda p, **kw: optim.NAdam(p, 1e-2, decoupled_weight_decay=True, weight_decay=0.1, **kw),
    "RAdam": lambda p, **kw: optim.RAdam(p, 1e-2, **kw),
    "RMSprop": lambda p, **kw: optim.RMSprop(p, 1e-2, momentum=0.9, centered=True, **kw),
    "Adadelta": lambda p, **kw: optim.Adadelta(p, 1.0, **kw),
    "ASGD": lambda p, **kw: optim.ASGD(p, 1e-2, t0=3, **kw),
    "Rprop": lambda p, **kw: optim.Rprop(p, 1e-2, **kw),
}
# The optimizers of torch.optim that test_optim.py leaves out.
REST: dict[str, Make] = {
    "ASGD": lambda p, **kw: optim.ASGD(p, 1e-2, t0=3, **kw),
    "ASGD foreach": lambda p, **kw: optim.ASGD(p, 1e-2, t0=3, foreach=True, **kw),
    "Rprop": lambda p, **kw: optim.Rprop(p, 1e-2, **kw),
    "Rprop foreach": lambda p, **kw: optim.Rprop(p, 1e-2, foreach=True, **kw),
    "LBFGS": lambda p, **kw: optim.LBFGS(p, 0.3, max_iter=5, **kw),
    "LBFGS line search": lambda p, **kw: optim.LBFGS(p, line_search_fn="strong_wolfe", max_iter=5, **kw),
    "Adafactor": lambda p, **kw: optim.Adafactor(p, 1e-2, **kw),
    "Muon": lambda p, **kw: optim.Muon([q for q in p if q.dim() == 2], 1e-2, **kw),
}


def start(device: str, dtype: torch.dtype = torch.float32) -> list[nn.Parameter]:
    """Return a matrix, a vector and a number."""
    shapes = [(3, 4), (4,), ()]
    return [nn.Parameter(make(*shape, dtype=dtype, seed=i).to(device)) for i, shape in enumerate(shapes)]


def objective(p: Iterable[torch.Tensor]) -> torch.Tensor:
    """A bowl with its minimum at 3, and something to couple the parameters."""
    matrix, vector, number = p
    return ((matrix - 3) ** 2).sum() + ((matrix @ vector - number) ** 2).sum() + (vector**4).sum() + number**2


def minimise(
    device: str, make_optimizer: Make, dtype: torch.dtype = torch.float32, steps: int = 8
) -> list[torch.Tensor]:
    parameters = start(device, dtype)
    optimizer = make_optimizer(parameters)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = objective(parameters)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return [p.detach() for p in parameters]


def agree(got: list[torch.Tensor], want: list[torch.Tensor]) -> None:
    for left, right in zip(got, want):
        assert left.device.type == "npu"
        torch.testing.assert_close(left.cpu(), right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("foreach", [True, False])
@pytest.mark.parametrize("name", CAPTURABLE)
def test_capturable(name: str, foreach: bool) -> None:
    with no_fallback():
        got = minimise("npu", lambda p: CAPTURABLE[name](p, capturable=True, foreach=foreach))
    agree(got, minimise("cpu", CAPTURABLE[name]))


def test_a_capturable_step_is_counted_on_the_device() -> None:
    parameters = start("npu")
    optimizer = optim.Adam(parameters, capturable=True)
    objective(parameters).backward()
    optimizer.step()
    optimizer.step()
    for state in optimizer.state.values():
        assert state["step"].device.type == "npu" and state["step"].item() == 2


@pytest.mark.parametrize("settings", [{"fused": True}, {"foreach": True, "capturable": True}, {"foreach": False}])
@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW, optim.SGD])
def test_learning_rate_on_the_device(kind: type[optim.Optimizer], settings: dict[str, bool]) -> None:
    if kind is optim.SGD:
        settings = {key: value for key, value in settings.items() if key != "capturable"}
    with no_fallback():
        got = minimise("npu", lambda p: kind(p, lr=torch.tensor(0.01, device="npu"), **settings))
    agree(got, minimise("cpu", lambda p: kind(p, lr=0.01)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", REST)
def test_the_rest(name: str, dtype: torch.dtype) -> None:
    if name == "Muon" and dtype == torch.float64:
        dtype = torch.bfloat16  # it orthogonalises in bfloat16 whatever the weights are
    with no_fallback():
        got = minimise("npu", REST[name], dtype)
    want = minimise("cpu", REST[name], dtype)
    if name == "Muon":
        torch.testing.assert_close(got[0].cpu(), want[0], rtol=2e-2, atol=2e-2)
    else:
        agree(got, want)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("settings", [{"foreach": False}, {"foreach": True}, {"fused": True}])
@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW, optim.SGD, optim.Adagrad])
def test_half_parameters(kind: type[optim.Optimizer], settings: dict[str, bool], dtype: torch.dtype) -> None:
    more = {} if kind is optim.SGD else {"eps": 1e-4}  # the default is nothing in float16
    with no_fallback():
        got = minimise("npu", lambda p: kind(p, lr=0.01, **more, **settings), dtype)
    want = minimise("cpu", lambda p: kind(p, lr=0.01))
    for left, right in zip(got, want):
        torch.testing.assert_close(left.cpu().float(), right, rtol=3e-2, atol=3e-2)


@pytest.mark.parametrize("settings", [{"foreach": False}, {"foreach": True}, {"fused": True}])
def test_groups_schedules_and_parameters_without_gradient(settings: dict[str, bool]) -> None:
    def run(device: str, **settings: bool) -> list[torch.Tensor]:
        parameters, idle = start(device), nn.Parameter(torch.ones(3, device=device))
        optimizer = optim.AdamW(
            [{"params": parameters[:1], "lr": 0.1}, {"params": [*parameters[1:], idle], "weight_decay": 0.0}],
            0.01,
            **settings,
        )
        schedule = optim.lr_scheduler.SequentialLR(
            optimizer,
            [
                optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=3),
                optim.lr_scheduler.CosineAnnealingLR(optimizer, 5),
            ],
            [3],
        )
        for _ in range(8):
            optimizer.zero_grad()
            objective(parameters).backward()
            optimizer.step()
            schedule.step()
        assert idle.grad is None
        return [p.detach() for p in (*parameters, idle)]

    with no_fallback():
        got = run("npu", **settings)
    agree(got, run("cpu"))
