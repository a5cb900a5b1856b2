"""Draws random numbers and trains a little from a fixed seed, and prints a digest of the bits of each as JSON.

With the argument ``streams`` all of it runs on side streams, in turn, beside a stream that is kept busy.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable

import torch
import torch.nn.functional as functional
from torch import nn

import torch_npu  # noqa: F401

N = 1 << 18  # enough for a kernel to use all the threads it may


def empty(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(N, dtype=dtype, device="npu")


DRAWS: dict[str, Callable[[], torch.Tensor]] = {
    "rand": lambda: torch.rand(N, device="npu"),
    "rand double": lambda: torch.rand(N, device="npu", dtype=torch.float64),
    "randn": lambda: torch.randn(N, device="npu"),
    "normal_ bfloat16": lambda: empty(torch.bfloat16).normal_(),
    "randint": lambda: torch.randint(1000, (N,), device="npu"),
    "randperm": lambda: torch.randperm(N, device="npu"),
    "bernoulli_": lambda: empty().bernoulli_(0.3),
    "exponential_": lambda: empty().exponential_(),
    "cauchy_": lambda: empty().cauchy_(),
    "geometric_": lambda: empty().geometric_(0.3),
    "log_normal_": lambda: empty().log_normal_(),
    "multinomial": lambda: torch.multinomial(torch.arange(100.0, device="npu"), N, replacement=True),
    "dropout": lambda: functional.dropout(torch.ones(N, device="npu"), 0.3),
    "sums at indices": lambda: torch.zeros(100, device="npu").index_put(
        (torch.randint(100, (N,), device="npu"),), torch.randn(N, device="npu"), accumulate=True
    ),
    "sum of random numbers": lambda: torch.randn(N, device="npu").sum(),
}


class Block(nn.Module):
    """Attention and a feed-forward layer, with dropout in both: sums over rows, products, normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(128) for _ in range(2))
        self.batch_norm = nn.BatchNorm1d(128)
        self.qkv, self.out = nn.Linear(128, 384), nn.Linear(128, 128)
        self.mlp = nn.Sequential(nn.Linear(128, 512), nn.GELU(), nn.Dropout(0.1), nn.Linear(512, 128))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(self.norms[0](x)).view(8, 128, 3, 4, 32).permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(q, k, v, dropout_p=0.1, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(8, 128, 128))
        x = self.batch_norm(x.flatten(0, 1)).view(8, 128, 128)
        return x + self.mlp(self.norms[1](x))


def train() -> list[torch.Tensor]:
    with torch.device("npu"):
        model = Block()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    losses = []
    for _ in range(3):
        x = torch.randn(8, 128, 128, device="npu")
        loss = functional.mse_loss(model(x), x.roll(1, 1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        losses.append(loss.detach())
    return [*losses, *model.state_dict().values()]


def convolve() -> list[torch.Tensor]:
    """Convolutions of many and of few samples, by one element and by more, and their gradients."""
    found = []
    for shape, channels, kernel, options in (
        ((16, 8, 20, 20), 12, 3, {"padding": 1}),
        ((16, 64, 14, 14), 32, 1, {}),
        ((1, 32, 40, 40), 48, 3, {"stride": 2}),
        ((2, 64, 28, 28), 64, 1, {}),
        ((6, 16, 30, 30), 16, 3, {"groups": 4}),
    ):
        with torch.device("npu"):
            layer = nn.Conv2d(shape[1], channels, kernel, **options)
            x = torch.randn(shape, requires_grad=True)
        y = layer(x)
        y.square().mean().backward()
        found += [y, x.grad, *(p.grad for p in layer.parameters())]
    with torch.device("npu"):
        up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        y = up(torch.randn(6, 16, 20, 20))
    y.square().mean().backward()
    return [*found, y, *(p.grad for p in up.parameters()), nn.init.orthogonal_(torch.empty(300, 200, device="npu"))]


def digest(tensors: list[torch.Tensor]) -> str:
    bits = [t.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes() for t in tensors]
    return hashlib.sha256(b"".join(bits)).hexdigest()


def main(on_streams: bool) -> None:
    torch.manual_seed(2026)
    streams = [torch.npu.Stream() for _ in range(2)]
    busy, work = torch.npu.Stream(), torch.ones(500, 500, device="npu")
    torch.npu.synchronize()
    result = {}
    for i, (name, draw) in enumerate([*DRAWS.items(), ("training", train), ("convolutions", convolve)]):
        if on_streams:
            with torch.npu.stream(busy):
                for _ in range(20):
                    torch.mm(work, work)
        with torch.npu.stream(streams[i % 2]) if on_streams else contextlib.nullcontext():
            value = draw()
            result[name] = digest(value if isinstance(value, list) else [value])
    print(json.dumps(result))


if __name__ == "__main__":
    main("streams" in sys.argv)
