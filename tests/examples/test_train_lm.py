"""The example trains on npu as on the CPU, and says so in its last line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "train_lm.py"
LAST_LINE = re.compile(r"loss first=(\d+\.\d+) last=(\d+\.\d+) steps=(\d+) world=1 device=(\w+)")


def run(directory: Path, device: str, steps: int) -> tuple[list[float], re.Match[str]]:
    losses = directory / f"{device}.json"
    command = [sys.executable, str(SCRIPT), "--device", device, "--steps", str(steps), "--quiet"]
    command += ["--losses", str(losses), "--plot", str(directory / f"{device}.png")]
    environment = dict(os.environ, TORCH_NPU_FALLBACK="error")
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    last = LAST_LINE.fullmatch(result.stdout.splitlines()[-1])
    assert last, result.stdout
    assert (directory / f"{device}.png").read_bytes().startswith(b"\x89PNG")
    return json.loads(losses.read_text()), last


def test_losses_agree_with_cpu(tmp_path: Path) -> None:
    ours, last = run(tmp_path, "npu", 20)
    theirs, _ = run(tmp_path, "cpu", 20)
    assert len(ours) == len(theirs) == 20 and last.group(4) == "npu"
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_it_learns(tmp_path: Path) -> None:
    _, last = run(tmp_path, "npu", 300)
    assert 5.2 < float(last.group(1)) < 5.9 and float(last.group(2)) < 3


@pytest.mark.parametrize("flag", ["--steps", "--context"])
def test_bad_number_is_refused(flag: str) -> None:
    result = subprocess.run([sys.executable, str(SCRIPT), flag, "0"], capture_output=True, text=True, timeout=120)
    assert result.returncode == 2 and f"{flag} must be at least 1" in result.stderr


def test_no_npu_is_said() -> None:
    environment = dict(os.environ, TORCH_NPU_CANN="off")
    result = subprocess.run([sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1 and "no npu is available" in result.stderr
