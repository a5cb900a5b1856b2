"""The doctor tells a working installation from a broken one, and says what is wrong in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def doctor(**settings: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TORCH_NPU", "ASCEND", "SOFTNPU"))
    }
    return subprocess.run(
        [sys.executable, ROOT / "launch" / "doctor.py"],
        env={**kept, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )


def problems(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the sentences after the table, less the one that depends on how this checkout is installed."""
    sentences = result.stdout.partition("\n\n")[2].splitlines()
    return [sentence for sentence in sentences if "not installed" not in sentence]


def test_working_installation() -> None:
    result = doctor(TORCH_NPU_CANN="soft", SOFTNPU_DEVICES="2", SOFTNPU_MEMORY="268435456")
    assert result.stderr == ""
    rows = dict(line.split(None, 1) for line in result.stdout.splitlines() if line)
    assert rows["python"].startswith(".".join(map(str, sys.version_info[:3])))
    assert rows["devices"] == "2"
    assert rows["npu:1"].endswith("of 0.25 GiB free")
    assert "environment  SOFTNPU_DEVICES=2\n" in result.stdout
    assert problems(result) in ([], ["everything is in order"])
    assert (result.returncode == 0) == ("everything is in order" in result.stdout)


def test_switched_off() -> None:
    result = doctor(TORCH_NPU_CANN="off")
    assert result.returncode == 1
    assert problems(result) == ["TORCH_NPU_CANN=off switches the device off: unset it"]


def test_no_visible_device() -> None:
    result = doctor(TORCH_NPU_CANN="soft", ASCEND_RT_VISIBLE_DEVICES="-1")
    assert result.returncode == 1
    assert len(problems(result)) == 1
    assert "ASCEND_RT_VISIBLE_DEVICES" in problems(result)[0]


def test_directory_without_cann(tmp_path: Path) -> None:
    result = doctor(TORCH_NPU_CANN=str(tmp_path))
    assert result.returncode == 1
    assert len(problems(result)) == 1
    assert str(tmp_path) in problems(result)[0]
