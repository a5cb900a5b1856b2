"""A rank is killed at a random moment, ten times: the others raise, never see a wrong sum, and nothing is left."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from distributed.world import World


def meet(rank: int, size: int) -> None:
    dist.all_reduce(torch.ones(1, device="npu"))
    torch.npu.synchronize()


def sum_for_ever(rank: int, size: int) -> None:
    count = 0
    while True:
        count += 1
        tensor = torch.ones(5 if count % 2 else 100_000, device="npu")
        dist.all_reduce(tensor)
        wrong = (tensor != size).sum().item()
        if wrong:
            os.write(2, b"WRONG SUM\n")
            return


def traces() -> set[str]:
    """What a job could leave on the host: shared memory with a name, sockets of ours."""
    sockets = Path("/proc/net/unix").read_text().splitlines()
    names = {line.split()[-1] for line in sockets if "@softnpu-hccl" in line}
    return names | {entry.name for entry in Path("/dev/shm").iterdir()}


@pytest.mark.parametrize("seed", range(10))
def test_survivors_raise(seed: int) -> None:
    moments = random.Random(seed)
    size = 2 + seed % 2
    before = traces()
    world = World(size, env={"TORCH_HCCL_TEARDOWN_SECONDS": "60"})
    world.run(meet)  # who dies before the ranks know each other is found by the time-out only
    victim = moments.randrange(size)
    world.begin(sum_for_ever)
    time.sleep(moments.random() * 0.2)
    killed = time.monotonic()
    world.kill(victim)
    answers = world.finish(timeout=20)
    assert time.monotonic() - killed < 10
    for rank, (done, text) in enumerate(answers):
        assert not done and "WRONG" not in world.log(rank), (text, world.log(rank))
        if rank != victim:
            assert f"rank {victim} (process" in text and "has ended" in text, text
    world.close()
    assert traces() - before == set()
