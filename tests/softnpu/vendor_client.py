"""A real client of the C ABI that nobody here wrote: the vendor's plugin, run on our libraries.

Run by test_vendor_wheel.py with the Python of the environment that holds the vendor's wheel, and with LD_LIBRARY_PATH
pointing at the software NPU. The argument names the case; a case raises when a result differs from CPU torch.
"""

from __future__ import annotations

import sys

import torch
from torch import nn
from torch.testing import assert_close

import torch_npu  # noqa: F401


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


def mlp(optimizer: str, steps: int = 10, **options: object) -> None:
    torch.manual_seed(1)
    reference = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 4))
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 4))
    model.load_state_dict(reference.state_dict())
    model.npu()
    inputs, labels = torch.randn(64, 12), torch.randint(4, (64,))
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
    assert_close(sides[1], sides[0])
    assert sides[1][-1] < sides[1][0]
    for ours, theirs in zip(model.parameters(), reference.parameters()):
        assert_close(ours.cpu(), theirs)


def sgd() -> None:
    mlp("SGD", lr=0.1)
    mlp("SGD", lr=0.1, momentum=0.9, weight_decay=1e-3)


CASES = {case.__name__: case for case in (count, compute, show, streams, pinned, sgd)}

if __name__ == "__main__":
    CASES[sys.argv[1]]()
    print(f"{sys.argv[1]} ok")
