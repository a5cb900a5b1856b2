"""Run a benchmark's child on several ranks: processes of one job on this host, which meet in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def run_ranks(script: str, side: str, ranks: int, extra: list[str]) -> dict[str, float]:
    """Run ``script --child side`` on every rank; return the JSON object that is the last line of rank 0.

    Raises RuntimeError with the output of all ranks when one of them fails.
    """
    with tempfile.TemporaryDirectory() as directory:
        children = []
        for rank in range(ranks):
            environment = dict(
                os.environ,
                TORCH_NPU_FALLBACK="error",
                RANK=str(rank),
                LOCAL_RANK=str(rank),
                WORLD_SIZE=str(ranks),
                LOCAL_WORLD_SIZE=str(ranks),
                OMP_NUM_THREADS=str(max(1, len(os.sched_getaffinity(0)) // ranks)),
                BENCHMARK_STORE=str(Path(directory) / "store"),
            )
            command = [sys.executable, script, "--child", side, *extra]
            children.append(
                subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            )
        outputs = [child.communicate()[0] for child in children]
    if any(child.returncode for child in children):
        raise RuntimeError(f"{script} --child {side} failed on {ranks} ranks:\n" + "\n".join(outputs))
    return json.loads(outputs[0].splitlines()[-1])


def join(backend: str) -> tuple[int, int]:
    """In a child: join the process group, choose the device and return (rank, ranks)."""
    import torch
    import torch.distributed as dist

    rank, ranks = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if backend == "hccl":
        import torch_npu  # noqa: F401

        torch.npu.set_device(rank)
    store = dist.FileStore(os.environ["BENCHMARK_STORE"], ranks)
    dist.init_process_group(backend, store=store, rank=rank, world_size=ranks)
    return rank, ranks
