"""What a collective costs through torch.distributed, compared with gloo and with memcpy of the same bytes.

    python benchmarks/collectives.py [--rounds 3] [--ranks 2 --ranks 4 --ranks 8] [--all]

A round runs all ranks with hccl on npu, then with gloo on the CPU, in processes of their own. All ranks start at once,
the time ends when the last one has its result, and the lower quartile of many is taken. The side of gloo also measures
what all ranks take to copy the same bytes at the same time, which is the least that a collective of large tensors
costs. Prints the ratios that are goals; ``--all`` adds a table of everything that was measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from alternate import machine, table, verdict
from ranks import join, run_ranks

if TYPE_CHECKING:
    import torch

KB, MB = 1 << 10, 1 << 20
SIZES = [KB, 64 * KB, MB, 16 * MB, 64 * MB]
OPERATIONS = ["all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast"]
DTYPES = ["float32", "bfloat16"]


class Goal(NamedTuple):
    """A ratio of our time to the peer's: the metric, the ranks, the peer, what must and what may be reached."""

    name: str
    operation: str
    dtype: str
    size: int
    ranks: int
    peer: str
    must: float
    ambitious: float

    @property
    def key(self) -> str:
        return f"{self.operation} {self.dtype} {self.size}"


def goals() -> list[Goal]:
    """The goals of the design: shares of the memcpy limit, and factors over gloo."""
    found = []
    for size in (16 * MB, 64 * MB):
        for dtype in DTYPES:
            found.append(Goal("G9", "all_reduce", dtype, size, 2, "memcpy", 1 / 0.7, 1 / 0.9))
            share = (1 / 0.6, 1 / 0.8) if dtype == "float32" else (1 / 0.5, 1 / 0.7)
            found += [Goal("G10", "all_reduce", dtype, size, ranks, "memcpy", *share) for ranks in (4, 8)]
    for size, must, ambitious in ((KB, 10, 40), (64 * KB, 10, 40), (MB, 8, 20), (16 * MB, 4, 7), (64 * MB, 4, 7)):
        found.append(Goal("G11", "all_reduce", "float32", size, 2, "gloo", 1 / must, 1 / ambitious))
    for operation in ("all_gather", "reduce_scatter"):
        found.append(Goal("G12", operation, "float32", 64 * MB, 2, "gloo", 1 / 8, 1 / 15))
    for operation in ("all_to_all", "broadcast"):
        found.append(Goal("G12", operation, "float32", 64 * MB, 2, "gloo", 1 / 3, 1 / 5))
    found.append(Goal("G16", "all_reduce", "float32", KB, 8, "gloo", 1 / 20, 1 / 300))
    return found


def operation(name: str, mine: torch.Tensor, all_of: torch.Tensor) -> Callable[[], object]:
    """Return a call of the collective. ``all_of`` holds the bytes of the size, ``mine`` the part of a rank."""
    import torch
    import torch.distributed as dist

    if name == "all_reduce":
        return lambda: dist.all_reduce(all_of)
    if name == "broadcast":
        return lambda: dist.broadcast(all_of, 0)
    if name == "all_gather":
        return lambda: dist.all_gather_single(all_of, mine)
    if name == "reduce_scatter":
        return lambda: dist.reduce_scatter_single(mine, all_of)
    out = torch.empty_like(all_of)
    return lambda: dist.all_to_all_single(out, all_of)


def measure(side: str, quick: bool) -> dict[str, float]:
    """Return the nanoseconds of each metric ``"<operation> <dtype> <bytes>"`` on this rank; gloo's side adds memcpy."""
    import torch
    import torch.distributed as dist

    _, ranks = join(side)
    device = "npu" if side == "hccl" else "cpu"
    wait = torch.npu.synchronize if side == "hccl" else lambda: None
    results = {}

    def lower_quartile(call: Callable[[], object], size: int) -> float:
        calls, times = (2, 3) if quick else (10, 20) if size <= MB else (1, 10)
        call(), wait()
        samples = []
        for _ in range(times):
            dist.barrier()
            begin = next_tick()
            for _ in range(calls):
                call()
                wait()
            # From the common start to the end of the last rank, of which this one may not be.
            ends = [None] * ranks
            dist.all_gather_object(ends, time.monotonic_ns())
            samples.append((max(ends) - begin) / calls)
        return sorted(samples)[len(samples) // 4]

    for dtype in DTYPES:
        for size in SIZES[:2] if quick else SIZES:
            count = size // torch.empty(0, dtype=getattr(torch, dtype)).element_size()
            all_of = torch.zeros(count, dtype=getattr(torch, dtype), device=device)
            mine = torch.zeros(count // ranks, dtype=all_of.dtype, device=device)
            for name in OPERATIONS:
                results[f"{name} {dtype} {size}"] = lower_quartile(operation(name, mine, all_of), size)
            if side == "gloo":
                twin = torch.empty_like(all_of)
                results[f"memcpy {dtype} {size}"] = lower_quartile(lambda: twin.copy_(all_of), size)  # noqa: B023
    dist.destroy_process_group()
    return results


def next_tick() -> int:
    """Sleep until the next whole 5 ms of the clock that all processes share, where all ranks start; return it."""
    tick = 5_000_000
    start = (time.monotonic_ns() // tick + 2) * tick
    time.sleep((start - time.monotonic_ns()) / 1e9)
    return start


def size_text(size: int) -> str:
    return f"{size // MB} MB" if size >= MB else f"{size // KB} KB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="processes of each side")
    parser.add_argument("--ranks", type=int, action="append", help="a number of ranks; may be repeated (2, 4 and 8)")
    parser.add_argument("--all", action="store_true", help="also print everything that was measured")
    parser.add_argument("--quick", action="store_true", help="few small calls: shows that it runs, no more")
    parser.add_argument("--child", choices=["hccl", "gloo"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(args.child, args.quick)))
        return
    worlds, extra = args.ranks or [2, 4, 8], ["--quick"] if args.quick else []
    medians: dict[tuple[int, str], dict[str, float]] = {}
    for ranks in worlds:
        samples: dict[str, list[dict[str, float]]] = {"hccl": [], "gloo": []}
        for turn in range(args.rounds):
            for side, runs in samples.items():
                print(f"{ranks} ranks, round {turn + 1}/{args.rounds}: {side}", file=sys.stderr)
                runs.append(run_ranks(__file__, side, ranks, extra))
        for side, runs in samples.items():
            medians[ranks, side] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}

    print(f"{machine()}; microseconds of a call, median of {args.rounds} processes a side\n")
    rows = []
    for goal in goals():
        if (goal.ranks, "hccl") not in medians or goal.key not in medians[goal.ranks, "hccl"]:
            continue
        ours = medians[goal.ranks, "hccl"][goal.key]
        metric = goal.key if goal.peer == "gloo" else f"memcpy {goal.dtype} {goal.size}"
        peer = medians[goal.ranks, "gloo"][metric]
        what = f"{goal.operation} {size_text(goal.size)} {goal.dtype}, {goal.ranks} ranks, to {goal.peer}"
        ratio, bounds = ours / peer, f"{goal.must:.3g} / {goal.ambitious:.3g}"
        rows.append([goal.name, what, f"{ours / 1e3:,.0f}", f"{peer / 1e3:,.0f}", f"{ratio:.3g}", bounds])
        rows[-1].append(verdict(ratio, goal.must, goal.ambitious))
    print(table(["goal", "what", "npu", "peer", "ratio", "must / ambitious", "reached"], rows))
    if args.all:
        print_everything(worlds, medians)


def print_everything(worlds: list[int], medians: dict[tuple[int, str], dict[str, float]]) -> None:
    rows = []
    for ranks in worlds:
        theirs = medians[ranks, "gloo"]
        for key, ours in medians[ranks, "hccl"].items():
            name, dtype, size = key.split()
            memcpy = theirs[f"memcpy {dtype} {size}"]
            row = [str(ranks), name, dtype, size_text(int(size))]
            row += [f"{value / 1e3:,.0f}" for value in (ours, theirs[key], memcpy)]
            rows.append([*row, f"{theirs[key] / ours:.1f}", f"{100 * memcpy / ours:.0f} %"])
    print()
    head = ["ranks", "operation", "dtype", "size", "npu", "gloo", "memcpy", "times gloo", "of memcpy"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
