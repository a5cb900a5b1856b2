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


pytestmark = [
    pytest.mark.vendor,
    pytest.mark.skipif(not WHEEL, reason="TORCH_NPU_VENDOR_WHEEL does not name an environment with the vendor's wheel"),
]


def start(script: str, argument: str | Path, **settings: str) -> subprocess.Popen[str]:
    """Run a script with the vendor's wheel on our libraries."""
    python = Path(WHEEL).parents[2] / "bin" / "python"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ASCEND", "TORCH_NPU", "PYTHON", "LD_"))
    }
    return subprocess.Popen(
        [str(python), str(HERE / script), str(argument)],
        env={**environment, "LD_LIBRARY_PATH": str(LIBRARIES), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    with start("vendor_client.py", case) as client:
        output, _ = client.communicate(timeout=300)
    assert client.returncode == 0 and f"{case} ok" in output, output


def test_two_ranks(tmp_path: Path) -> None:
    """Collectives, messages, groups, asynchronous works and DDP of the vendor's process group."""
    settings = {"WORLD_SIZE": "2", "SOFTNPU_HCCL_TIMEOUT": "60"}
    ranks = [start("vendor_ranks.py", tmp_path / "store", RANK=str(rank), **settings) for rank in range(2)]
    outputs = [rank.communicate(timeout=300)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], "\n".join(outputs)
    assert all("ddp ok" in output for output in outputs)
