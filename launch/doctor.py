"""``python -m torch_npu.launch.doctor``: what this installation sees, and one sentence for everything that is wrong.

Exits with 0 where a tensor can be computed on ``npu``, with 1 otherwise.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

KNOWN_PREFIXES = ("TORCH_NPU_", "SOFTNPU_", "ASCEND_", "HCCL_", "PYTORCH_NPU_")
GIB = 2**30


class Report:
    """Collects rows of "what: value" and the sentences about what is wrong."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.problems: list[str] = []

    def row(self, name: str, *values: object) -> None:
        self.rows.append((name, "  ".join(str(value) for value in values)))

    def print(self) -> None:
        for name, value in self.rows:
            print(f"{name:12} {value}")
        print()
        for problem in self.problems or ["everything is in order"]:
            print(problem)


def examine_packages(report: Report) -> ModuleType | None:
    """Report the interpreter and the packages; return torch where torch and torch_npu can both be imported."""
    report.row("python", platform.python_version(), sys.executable)
    os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"  # so that a failure to load is raised below and not a warning
    try:
        import torch
    except ImportError as error:
        report.problems.append(f"torch cannot be imported: {error}")
        return None
    report.row("torch", torch.__version__, Path(torch.__file__).parent)
    try:
        import torch_npu
    except ImportError as error:
        report.problems.append(f"torch_npu cannot be imported: {error}")
        return None
    report.row("torch_npu", torch_npu.__version__, Path(torch_npu.__file__).parent)
    if not has_entry_point():
        report.problems.append(
            "torch_npu is on the path but not installed, so `import torch` alone does not load it: "
            "install it with pip, or write `import torch_npu` in the program"
        )
    return torch


def has_entry_point() -> bool:
    points = importlib.metadata.entry_points(group="torch.backends")
    return any(point.value == "torch_npu:_autoload" for point in points)


def examine_cann(report: Report) -> bool:
    """Report which CANN is in use; return whether there is one."""
    if os.environ.get("TORCH_NPU_CANN", "").strip() == "off":
        report.row("CANN", "off")
        report.problems.append("TORCH_NPU_CANN=off switches the device off: unset it")
        return False
    from torch_npu import _C

    try:
        found = _C.cann_info()
    except RuntimeError as error:
        report.problems.append(str(error).splitlines()[0])
        return False
    report.row("CANN", found["version"], found["directory"])
    return True


def examine_devices(report: Report, torch: ModuleType) -> None:
    """Report every device with its memory and compute on it; this initialises the devices."""
    from torch_npu import _C

    count = torch.npu.device_count()
    report.row("devices", count)
    if count == 0:
        report.problems.append(_C.unavailable_reason())
    for index in range(count):
        try:
            free, total = torch.npu.mem_get_info(index)
            x = torch.ones(4, device=f"npu:{index}")
            computed = (x + x).sum().item()
        except RuntimeError as error:
            report.problems.append(f"npu:{index} cannot be used: {str(error).splitlines()[0]}")
            continue
        if computed != 8.0:
            report.problems.append(f"npu:{index} computes wrong results: four times 2 sums up to {computed}")
        memory = f"{free / GIB:.2f} of {total / GIB:.2f} GiB free"
        report.row(f"  npu:{index}", torch.npu.get_device_name(index), memory)


def set_variables() -> Iterator[str]:
    """Yield NAME=value for what is set and concerns the device."""
    for name, value in sorted(os.environ.items()):
        if name.startswith(KNOWN_PREFIXES):
            yield f"{name}={value}"


def main() -> int:
    report = Report()
    torch = examine_packages(report)
    if torch is not None and examine_cann(report):
        examine_devices(report, torch)
    for variable in set_variables():
        report.row("environment", variable)
    report.print()
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
