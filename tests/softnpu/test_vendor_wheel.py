"""The vendor's plugin runs on the software NPU: it imports, computes and trains with CPU torch's results."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIBRARIES = HERE.parents[1] / "torch_npu" / "lib" / "softnpu"
WHEEL = os.environ.get("TORCH_NPU_VENDOR_WHEEL")
CASES = ("count", "compute", "show", "streams", "pinned", "sgd", "adam", "adamw", "resnet", "gpt", "dropout")


@pytest.mark.vendor
@pytest.mark.skipif(not WHEEL, reason="TORCH_NPU_VENDOR_WHEEL does not name an environment with the vendor's wheel")
@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    python = Path(WHEEL).parents[2] / "bin" / "python"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ASCEND", "TORCH_NPU", "PYTHON", "LD_"))
    }
    environment["LD_LIBRARY_PATH"] = str(LIBRARIES)
    result = subprocess.run(
        [str(python), str(HERE / "vendor_client.py"), case],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0 and f"{case} ok" in result.stdout, result.stdout + result.stderr
