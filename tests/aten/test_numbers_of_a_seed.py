"""A seed stands for the same numbers, bit for bit, whatever the number of threads and streams, also after training."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def digests(threads: int | None, *arguments: str) -> dict[str, str]:
    """Run the script with that many threads for a kernel, or its share of the cores."""
    environment = {**os.environ, "TORCH_NPU_FALLBACK": "error", "PYTHONPATH": str(ROOT)}
    for name in ("SOFTNPU_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment.pop(name, None)
        if threads is not None:
            environment[name] = str(threads)
    command = [sys.executable, Path(__file__).with_name("numbers_of_a_seed.py"), *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def with_one_thread() -> dict[str, str]:
    return digests(1)


@pytest.mark.parametrize("threads", [2, 5])
def test_threads(threads: int, with_one_thread: dict[str, str]) -> None:
    assert digests(threads) == with_one_thread


def test_streams(with_one_thread: dict[str, str]) -> None:
    """On side streams in turn, while another is busy and takes its share of the cores."""
    assert digests(None, "streams") == with_one_thread


def test_every_draw_is_another(with_one_thread: dict[str, str]) -> None:
    assert len(set(with_one_thread.values())) == len(with_one_thread) > 14
