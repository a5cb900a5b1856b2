"""The distributed example: the losses of cpu with gloo on npu with hccl, on 1, 2 and 4 ranks, and when resumed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import documented
from tests.test_docs import TRAINING

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "train_gpt.py"
LAST_LINE = re.compile(r"loss first=(\d+\.\d+) last=(\d+\.\d+) steps=(\d+) world=(\d+) backend=(\w+) device=(\w+)")
TINY = ["--width", "32", "--layers", "4", "--heads", "2", "--context", "16", "--batch", "8", "--sample", "8"]
EXACT = ["--dtype", "float32", "--dropout", "0"]


def run(directory: Path, ranks: int, *arguments: str) -> tuple[list[float], re.Match[str]]:
    losses = directory / "losses.json"
    command = [sys.executable, "-m", "torch_npu.launch", "--nproc-per-node", str(ranks), str(SCRIPT), *TINY, "--quiet"]
    command += ["--losses", str(losses), "--plot", str(directory / "loss.png")]
    command += ["--checkpoint", str(directory / "checkpoints"), *arguments]
    environment = dict(os.environ, TORCH_NPU_FALLBACK="error", PYTHONPATH=str(ROOT), SOFTNPU_MEMORY="512M")
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    last = LAST_LINE.fullmatch(result.stdout.splitlines()[-1])
    assert last, result.stdout
    assert (directory / "loss.png").read_bytes().startswith(b"\x89PNG")
    return json.loads(losses.read_text()), last


def test_losses_agree_with_gloo(tmp_path: Path) -> None:
    ours, last = run(tmp_path, 2, "--steps", "20", *EXACT)
    theirs, other = run(tmp_path, 2, "--steps", "20", "--device", "cpu", *EXACT)
    assert last.groups()[2:] == ("20", "2", "hccl", "npu") and other.groups()[2:] == ("20", "2", "gloo", "cpu")
    assert len(ours) == len(theirs) == 20
    assert ours == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("ranks", [1, 4])
def test_other_numbers_of_ranks(tmp_path: Path, ranks: int) -> None:
    losses, last = run(tmp_path, ranks, "--steps", "12", "--dropout", "0.1")
    assert last.group(4) == str(ranks) and losses[-1] < losses[0] - 0.5


def test_a_resumed_run_continues_exactly(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole, _ = run(tmp_path / "whole", 2, "--steps", "8", "--checkpoint-every", "5")
    (tmp_path / "whole" / "checkpoints" / "step-000008" / ".metadata").unlink()  # as if it had ended in the middle
    rest, last = run(tmp_path / "whole", 2, "--steps", "8", "--resume")
    assert rest == whole[5:] and last.group(1) == f"{whole[0]:.4f}"


@pytest.mark.parametrize("command", TRAINING)
def test_commands_of_documents(tmp_path: Path, command: str) -> None:
    program, *arguments = documented(command)
    module = {".venv/bin/npurun": "torch_npu.launch", ".venv/bin/torchrun": "torch.distributed.run"}[program]
    arguments += ["--sample", "8", "--plot", str(tmp_path / "loss.png"), "--checkpoint", str(tmp_path)]
    environment = dict(os.environ, PYTHONPATH=str(ROOT), SOFTNPU_DEVICES="2")
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    last = LAST_LINE.fullmatch(result.stdout.splitlines()[-1])
    assert last and last.groups()[2:] == ("5", "2", "hccl", "npu")


def test_bad_use_is_refused() -> None:
    for arguments, sentence in [
        (["--width", "10", "--heads", "4"], "--width 10 is not a multiple of --heads 4"),
        (["--layers", "0"], "--layers must be at least 1, not 0"),
    ]:
        result = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=120)
        assert result.returncode == 2 and sentence in result.stderr
