"""A launch stays in C++."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def test_no_launch_enters_python() -> None:
    environment = {**os.environ, "TORCH_NPU_FALLBACK": "quiet"}
    script = Path(__file__).with_name("python_in_launches.py")
    result = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "entered Python" not in result.stdout, result.stdout
    runs = re.search(r"runs: (\d+)", result.stdout)
    assert runs and int(runs[1]) > 3000
