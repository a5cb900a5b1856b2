"""What a training step costs, compared with CPU eager.

    python benchmarks/train_step.py [--rounds 5] [--only mlp-tiny --only "gemm 1024"]

Measures, in alternated processes (see alternate.py), the wall time of a step from its first operator to the end of its
last: forward, backward and AdamW of multi-layer perceptrons, of transformer blocks and of a small ResNet, and plain
matrix products; and on two ranks, with hccl and with gloo, steps of DDP and of FSDP2. A process warms up first, which
keeps the first touch of device memory out, and reports the lower quartile of its blocks of steps. Prints a table of
ratios against the goals.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from alternate import alternate, machine, quartile, run_child, table, verdict
from ranks import join, run_ranks

if TYPE_CHECKING:
    import torch
    from torch import nn

Step = Callable[[], object]


class Case(NamedTuple):
    """A step to measure: the goal it belongs to, what is reached at which ratio, steps of a block, and its maker.

    A case of several ranks is compared with gloo, or with another case of ours that it names.
    """

    goal: str
    must: float
    ambitious: float
    steps: int
    make: Callable[[str], Step]
    ranks: int = 1
    against: str = ""


def train(model: nn.Module, inputs: torch.Tensor, update: bool) -> Step:
    """Return a step: forward, backward, and with ``update`` AdamW."""
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        model(inputs).square().mean().backward()
        if update:
            optimizer.step()

    return step


def mlp(device: str, width: int, batch: int, update: bool = True) -> Step:
    import torch
    from torch import nn

    layers = [nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width), nn.LayerNorm(width)]
    return train(nn.Sequential(*layers).to(device), torch.randn(batch, width).to(device), update)


def block(device: str, width: int, batch: int, length: int, update: bool = True) -> Step:
    import torch
    import torch.nn.functional as functional
    from torch import nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
            self.projection, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            parts = self.projection(self.first(x)).chunk(3, -1)
            q, k, v = (part.unflatten(2, (4, width // 4)).transpose(1, 2) for part in parts)
            attended = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(attended.transpose(1, 2).flatten(2))
            return x + self.mlp(self.second(x))

    return train(Block().to(device), torch.randn(batch, length, width).to(device), update)


def resnet(device: str) -> Step:
    import torch
    import torch.nn.functional as functional
    from torch import nn

    class Residual(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.first, self.second = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))
            self.first_norm, self.second_norm = nn.BatchNorm2d(width), nn.BatchNorm2d(width)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = functional.relu(self.first_norm(self.first(x)))
            return functional.relu(self.second_norm(self.second(y)) + x)

    stem = nn.Sequential(nn.Conv2d(3, 32, 7, 2, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    model = nn.Sequential(stem, Residual(32), Residual(32), head)
    return train(model.to(device), torch.randn(8, 3, 64, 64).to(device), True)


def gemm(device: str, size: int) -> Step:
    import torch

    a, b, out = (torch.randn(size, size).to(device) for _ in range(3))
    return lambda: torch.mm(a, b, out=out)


def layers(width: int) -> list[nn.Module]:
    from torch import nn

    return [nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)) for _ in range(3)]


def ddp(device: str, width: int, communicate: bool = True) -> Step:
    import torch
    from torch import nn

    model = nn.Sequential(*layers(width)).to(device)
    if communicate:
        model = nn.parallel.DistributedDataParallel(model)
    return train(model, torch.randn(64, width).to(device), True)


def fsdp2(device: str, width: int) -> Step:
    import torch
    import torch.distributed as dist
    from torch import nn
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device, (dist.get_world_size(),))
    model = nn.Sequential(*layers(width)).to(device)
    for layer in model:
        fully_shard(layer, mesh=mesh)
    return train(fully_shard(model, mesh=mesh), torch.randn(64, width).to(device), True)


CASES = {
    "mlp-tiny": Case("G5", 1.0, 0.70, 100, lambda device: mlp(device, 32, 32)),
    "mlp-tiny without update": Case("G5", 1.0, 0.70, 100, lambda device: mlp(device, 32, 32, False)),
    "block-tiny": Case("G5", 1.0, 0.70, 50, lambda device: block(device, 32, 4, 16)),
    "block": Case("G6", 1.15, 1.00, 2, lambda device: block(device, 512, 4, 128)),
    "block without update": Case("G6", 1.15, 1.00, 2, lambda device: block(device, 512, 4, 128, False)),
    "mlp": Case("G6b", 1.0, 0.80, 10, lambda device: mlp(device, 512, 128)),
    "resnet": Case("G6", 1.15, 1.00, 4, resnet),
    "gemm 1024": Case("G7", 1.25, 1.05, 4, lambda device: gemm(device, 1024)),
    "gemm 1536": Case("G7", 1.25, 1.05, 2, lambda device: gemm(device, 1536)),
    # 6 and 25 MB of gradients
    "ddp 256": Case("G13", 0.90, 0.72, 8, lambda device: ddp(device, 256), ranks=2),
    "ddp 512": Case("G13", 0.90, 0.72, 4, lambda device: ddp(device, 512), ranks=2),
    "fsdp2 256": Case("G14", 0.80, 0.55, 8, lambda device: fsdp2(device, 256), ranks=2),
    "fsdp2 512": Case("G14", 0.80, 0.55, 4, lambda device: fsdp2(device, 512), ranks=2),
    "no ddp 256": Case("", 0, 0, 8, lambda device: ddp(device, 256, False), ranks=2),
    "ddp 256 to no ddp": Case("G15", 1.45, 1.20, 8, lambda device: ddp(device, 256), ranks=2, against="no ddp 256"),
}


def measure(device: str, names: list[str], quick: bool) -> dict[str, float]:
    """Return the wall nanoseconds of one step of each case."""
    import torch

    if device == "npu":
        import torch_npu  # noqa: F401
    several = CASES[names[0]].ranks > 1
    if several:
        join("hccl" if device == "npu" else "gloo")

    def synchronize() -> None:
        if device == "npu":
            torch.npu.synchronize()

    results = {}
    for name in names:
        case = CASES[name]
        torch.manual_seed(0)
        step, steps = case.make(device), 1 if quick else case.steps

        def once(step: Step = step, steps: int = steps) -> float:
            begin = time.perf_counter_ns()
            for _ in range(steps):
                step()
            synchronize()
            return (time.perf_counter_ns() - begin) / steps

        once()
        results[name] = quartile(once, 2 if quick else 12)
    if several:
        torch.distributed.destroy_process_group()
    return results


def compare(names: list[str], rounds: int, quick: bool) -> dict[str, dict[str, float]]:
    """Return the median of each case over alternated processes, or jobs of several: {side: {case: nanoseconds}}."""
    results: dict[str, dict[str, float]] = {"npu": {}, "cpu": {}}
    for ranks in sorted({CASES[name].ranks for name in names}):
        extra = ["--quick"] if quick else []
        for name in names:
            extra += ["--only", name] if CASES[name].ranks == ranks else []
        run = run_child if ranks == 1 else partial(run_ranks, ranks=ranks)
        for side, medians in alternate(__file__, ["npu", "cpu"], rounds, extra, run).items():
            results[side].update(medians)
    return results


def rows(results: dict[str, dict[str, float]]) -> list[list[str]]:
    lines = []
    for name, ours in results["npu"].items():
        case = CASES[name]
        if not case.goal:
            continue
        peer = results["npu"][case.against] if case.against else results["cpu"][name]
        ratio = ours / peer
        lines.append(
            [case.goal, name, f"{ours / 1e3:,.0f}", f"{peer / 1e3:,.0f}", f"{ratio:.2f}"]
            + [f"{case.must:.2f} / {case.ambitious:.2f}", verdict(ratio, case.must, case.ambitious)]
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="processes of each side")
    parser.add_argument("--only", action="append", choices=CASES, help="measure this case; may be repeated")
    parser.add_argument(
        "--quick", action="store_true", help="single steps: shows that it runs, the numbers mean little"
    )
    parser.add_argument("--child", choices=["npu", "cpu"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    names = args.only or list(CASES)
    if args.child:
        print(json.dumps(measure(args.child, names, args.quick)))
        return
    os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"
    names += [CASES[name].against for name in names if CASES[name].against and CASES[name].against not in names]
    results = compare(names, args.rounds, args.quick)
    print(f"{machine()}; microseconds of a step, median of {args.rounds} processes a side\n")
    head = ["goal", "what", "npu", "peer", "ratio", "must / ambitious", "reached"]
    print(table(head, rows(results)))


if __name__ == "__main__":
    main()
