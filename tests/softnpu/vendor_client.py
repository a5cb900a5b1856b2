"""A real client of the C ABI that nobody here wrote: the vendor's plugin, run on our libraries.

Run by test_vendor_wheel.py with the Python of the environment that holds the vendor's wheel, and with LD_LIBRARY_PATH
pointing at the software NPU. The argument names the case; a case raises when a result differs from CPU torch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.testing import assert_close

import torch_npu  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent))
from vendor_models import GPT, ResNet  # noqa: E402


def count() -> None:
    assert torch.npu.is_available()
    assert torch.npu.device_count() == 8, torch.npu.device_count()


def compute() -> None:
    torch.manual_seed(0)
    x, y, row = torch.randn(5, 7), torch.randn(7, 3), torch.randn(3)
    on = [t.npu() for t in (x, y, row)]
    assert on[0].device == torch.device("npu", 0)
    assert_close((on[0].mm(on[1]) + on[2]).cpu(), x.mm(y) + row)
    assert_close(on[0].t().contiguous().cpu(), x.t().contiguous())
    assert_close((on[0] * 2 - 1).relu().sum(dim=1).cpu(), (x * 2 - 1).relu().sum(dim=1))
    assert_close(torch.softmax(on[0], dim=-1).cpu(), torch.softmax(x, dim=-1))
    assert_close(on[0].half().cpu(), x.half())  # it makes float32 of double


def show() -> None:
    z = torch.arange(6.0).reshape(2, 3) / 4
    assert repr(z.npu()) == repr(z).replace(")", ", device='npu:0')"), repr(z.npu())
    assert repr(torch.tensor([1, 2]).npu()) == "tensor([1, 2], device='npu:0')"


def streams() -> None:
    side, started, ended = torch.npu.Stream(), torch.npu.Event(enable_timing=True), torch.npu.Event(enable_timing=True)
    x = torch.ones(1000).npu()
    started.record()
    side.wait_stream(torch.npu.current_stream())
    with torch.npu.stream(side):
        y = x * 3
        for _ in range(50):
            y = y + 1
        ended.record(side)
    torch.npu.current_stream().wait_event(ended)
    assert_close((y + x).cpu(), torch.full((1000,), 54.0))
    ended.synchronize()
    assert ended.query() and started.elapsed_time(ended) > 0


def pinned() -> None:
    host = torch.randn(4096).pin_memory()
    assert host.is_pinned()
    on = host.npu(non_blocking=True)
    back = torch.empty(4096, pin_memory=True)
    back.copy_(on, non_blocking=True)
    torch.npu.synchronize()
    assert_close(back, host)


def train(
    make: Callable[[], nn.Module],
    inputs: torch.Tensor,
    labels: torch.Tensor,
    optimizer: str,
    steps: int,
    atol: float = 2e-5,
    **options: object,
) -> None:
    """Train on the CPU and on npu from the same start: losses and parameters must agree and the loss fall."""
    reference, model = make(), make()
    model.load_state_dict(reference.state_dict())
    model.npu()
    sides = []
    for net, x, t in ((reference, inputs, labels), (model, inputs.npu(), labels.npu())):
        update = getattr(torch.optim, optimizer)(net.parameters(), **options)
        losses = []
        for _ in range(steps):
            loss = nn.functional.cross_entropy(net(x), t)
            update.zero_grad()
            loss.backward()
            update.step()
            losses.append(loss.item())
        sides.append(losses)
    assert_close(torch.tensor(sides[1]), torch.tensor(sides[0]))  # as float32, which the losses are
    assert sides[1][-1] < sides[1][0]
    theirs = reference.state_dict()
    for name, ours in model.state_dict().items():
        assert_close(ours.cpu(), theirs[name], rtol=1e-4, atol=atol, msg=lambda text, name=name: f"{name}: {text}")


def mlp(optimizer: str, **options: object) -> None:
    torch.manual_seed(1)
    inputs, labels = torch.randn(64, 12), torch.randint(4, (64,))
    make = lambda: nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 4))  # noqa: E731
    train(make, inputs, labels, optimizer, 10, **options)


def sgd() -> None:
    mlp("SGD", lr=0.1)
    mlp("SGD", lr=0.1, momentum=0.9, weight_decay=1e-3)


def adam() -> None:
    for options in ({}, {"foreach": False}, {"fused": True}):
        mlp("Adam", lr=1e-2, **options)


def adamw() -> None:
    for options in ({}, {"foreach": False}, {"fused": True}):
        mlp("AdamW", lr=1e-2, weight_decay=0.1, **options)


def resnet() -> None:
    torch.manual_seed(2)
    inputs, labels = torch.randn(8, 3, 32, 32), torch.randint(5, (8,))
    train(ResNet, inputs, labels, "SGD", 6, lr=0.05, momentum=0.9)


def gpt() -> None:
    torch.manual_seed(3)
    tokens = torch.randint(32, (8, 17))
    # AdamW divides a gradient by its own size: where it is nothing but rounding, so is the step, of up to lr.
    train(GPT, tokens[:, :16], tokens[:, 1:].flatten(), "AdamW", 6, atol=2e-4, lr=3e-3)


def dropout() -> None:
    tokens = torch.randint(32, (8, 17)).npu()

    def run(seed: int) -> list[float]:
        torch.manual_seed(0)
        model = GPT(dropout=0.2).npu()
        torch.npu.manual_seed(seed)
        update = torch.optim.AdamW(model.parameters(), lr=1e-2)
        losses = []
        for _ in range(8):
            loss = nn.functional.cross_entropy(model(tokens[:, :16]), tokens[:, 1:].flatten())
            update.zero_grad()
            loss.backward()
            update.step()
            losses.append(loss.item())
        return losses

    first = run(1)
    assert first[-1] < first[0]
    assert run(1) == first
    assert run(2) != first


CASES = {
    case.__name__: case for case in (count, compute, show, streams, pinned, sgd, adam, adamw, resnet, gpt, dropout)
}

if __name__ == "__main__":
    CASES[sys.argv[1]]()
    print(f"{sys.argv[1]} ok")
