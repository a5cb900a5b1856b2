"""The checks of one module (training and evaluation) and of one optimizer (a few steps in each implementation)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from aten.sweep.catalogue import Entry
from aten.sweep.check import Case, Column, check_backward, check_forward, spread, tolerance
from aten.sweep.sides import SEED, Strictness, copy_to, place, run

STEPS = 4


def check_module(entry: Entry, samples: int) -> Iterator[tuple[str, Column]]:
    """Yield each column before it is checked; when the next is asked for, it is complete."""
    info = entry.info
    cases = []
    for training in (True, False):
        torch.manual_seed(SEED)
        inputs = info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=True, training=training)
        cases += [module_case(info, sample, training) for sample in spread(list(inputs), samples)]
    columns = {name: Column() for name in entry.columns}
    yield "forward", columns["forward"]
    for case in cases:
        check_forward(case, columns["forward"])
    yield "backward", columns["backward"]
    for case in cases:
        check_backward(case, columns["backward"])
    yield "non-contiguous", columns["non-contiguous"]
    for case in cases:
        check_forward(case, columns["non-contiguous"], gaps=True)
        check_backward(case, columns["non-contiguous"], gaps=True)


def module_case(info: Any, sample: Any, training: bool) -> Case:
    """The arguments of the call are the module's parameters and buffers too: they are compared after it."""
    constructor, call = sample.constructor_input, sample.forward_input
    torch.manual_seed(SEED)
    module = info.module_cls(*constructor.args, **constructor.kwargs).train(training)
    if info.is_lazy:
        module(*copy_to(call.args, "cpu"), **copy_to(call.kwargs, "cpu"))

    def make(device: str, gaps: bool, exact: bool = False) -> tuple[Callable[[], Any], Any]:
        there = copy.deepcopy(module).to(device, torch.float64 if exact else None)
        args, kwargs = place((call.args, call.kwargs), device, gaps, exact)
        return lambda: there(*args, **kwargs), (args, kwargs, list(there.parameters()), list(there.buffers()))

    return Case.of(make, tolerance(info))


def check_optimizer(entry: Entry, samples: int) -> Iterator[tuple[str, Column]]:
    """Yield each implementation before it is checked; when the next is asked for, it is complete."""
    info = entry.info
    for name in entry.columns:
        column = Column()
        yield name, column
        if name != "for-loop" and name not in info.supported_impls:
            continue
        chosen = {"fused": {"fused": True}, "foreach": {"foreach": True}, "for-loop": {}}[name]
        if name == "for-loop" and "foreach" in info.supported_impls:
            chosen = {"foreach": False}
        for sample in spread(list(info.optim_inputs_func("cpu")), samples):
            settings = {**sample.kwargs, **chosen}
            call = lambda device, settings=settings: steps(info, device, settings)  # noqa: E731
            column.judge(run("npu", call), run("cpu", call), Strictness(strides=False), anywhere=True)


def steps(info: Any, device: str, settings: dict[str, Any]) -> Any:
    """Return parameters and state after some steps with given gradients, or those of a loss for a closure."""
    generator = torch.Generator().manual_seed(SEED)
    shapes = [(4, 3), (5, 6)] if info.optim_cls is torch.optim.Muon else [(4, 3), (7,), (), (2, 1, 3)]
    start = [torch.randn(shape, generator=generator) for shape in shapes]
    gradients = [[torch.randn(shape, generator=generator) for shape in shapes] for _ in range(STEPS)]
    parameters = [torch.nn.Parameter(tensor.to(device)) for tensor in start]
    groups = [{"params": parameters[:1]}, {"params": parameters[1:]}] if info.supports_param_groups else parameters
    optimizer = info.optim_cls(groups, **copy.deepcopy(settings))

    def loss(step: int) -> torch.Tensor:
        optimizer.zero_grad()
        terms = [(p - g.to(device)).square().sum() for p, g in zip(parameters, gradients[step], strict=True)]
        total = torch.stack(terms).sum()
        total.backward()
        return total

    for step in range(STEPS):
        if info.step_requires_closure:
            optimizer.step(lambda step=step: loss(step))
            continue
        for parameter, gradient in zip(parameters, gradients[step], strict=True):
            parameter.grad = gradient.to(device).to_sparse() if info.only_supports_sparse_grads else gradient.to(device)
        optimizer.step()
    return [p.detach() for p in parameters], [optimizer.state[p] for p in parameters]
