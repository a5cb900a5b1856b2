"""DDP and FSDP2 on 2 and 4 ranks train as on the CPU with gloo; training_cases.py says what is compared."""

from __future__ import annotations

import pytest
import torch
from distributed import training_cases
from distributed.world import World, Worlds

CASES = [name for name in dir(training_cases) if name.startswith("case_")]


def run(rank: int, size: int, name: str) -> None:
    torch.npu.reset_fallback_stats()
    getattr(training_cases, name)()
    assert not torch.npu.fallback_stats()


def both_devices(worlds: Worlds, size: int) -> World:
    """A world whose default group takes tensors of both."""
    return worlds.get(size, 120, "cpu:gloo,npu:hccl")


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("case", CASES)
def test_case(worlds: Worlds, case: str, size: int) -> None:
    both_devices(worlds, size).run(run, case, timeout=120)
