"""The benchmarks run and print their table; what they measure is no test's business."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "dispatch.py"
GOALS = {"G1", "G2", "G3", "G3w", "G4", "G8", "G17", "G18"}


def test_it_prints_a_row_for_every_goal() -> None:
    command = [sys.executable, str(SCRIPT), "--rounds", "1", "--quick"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if re.match(r"\| G\d", line)]
    assert {row[0] for row in rows} == GOALS
    for row in rows:
        assert len(row) == 7 and row[-1] in ("must", "ambitious", "missed"), row
