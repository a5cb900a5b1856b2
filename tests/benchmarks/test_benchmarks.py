"""The benchmarks run and print their table; what they measure is no test's business."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
GOALS = {
    "dispatch": {"G1", "G2", "G3", "G3w", "G4", "G8", "G17", "G18"},
    "train_step": {"G5", "G6", "G6b", "G7", "G13", "G14", "G15"},
    "collectives": {"G11"},  # of what --quick measures
}


def run(script: str, *arguments: str) -> list[list[str]]:
    """Run a benchmark; return the rows of its table."""
    command = [sys.executable, str(BENCHMARKS / f"{script}.py"), "--rounds", "1", "--quick", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    return [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if re.match(r"\| G\d", line)]


@pytest.mark.parametrize("script", GOALS)
def test_it_prints_a_row_for_every_goal(script: str) -> None:
    rows = run(script, *(["--ranks", "2"] if script == "collectives" else []))
    assert {row[0] for row in rows} == GOALS[script]
    for row in rows:
        assert len(row) == 7 and row[-1] in ("must", "ambitious", "missed"), row


def test_only_the_named_cases() -> None:
    assert [row[1] for row in run("train_step", "--only", "mlp-tiny", "--only", "gemm 1024")] == [
        "mlp-tiny",
        "gemm 1024",
    ]
