"""Runs the C++ tests: every suite of every GoogleTest program is one test here, in a process of its own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).resolve().parents[1] / "build" / "tests"
NAMES = ("cann_conformance", "softnpu_tests")


def suites() -> list[tuple[str, str]]:
    """Return (program, suite) for every suite; a program that is not there counts as one suite without a name."""
    found = []
    for name in NAMES:
        if not (PROGRAMS / name).exists():
            found.append((name, ""))
            continue
        listing = subprocess.run([PROGRAMS / name, "--gtest_list_tests"], capture_output=True, text=True, timeout=60)
        if listing.returncode != 0:
            pytest.exit(f"{name} does not start:\n{listing.stdout}{listing.stderr}", returncode=1)
        found += [(name, line.split(".")[0]) for line in listing.stdout.splitlines() if re.match(r"\w\S*\.", line)]
    return found


@pytest.mark.parametrize(("program", "suite"), suites())
def test_suite(program: str, suite: str) -> None:
    if not suite:
        pytest.skip(f"{program} is not built")
    command = [PROGRAMS / program, f"--gtest_filter={suite}.*"]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    if skipped := re.findall(r": Skipped\n(.*)\n+\[  SKIPPED \] (\S+) \(", result.stdout):
        pytest.skip("; ".join(f"{name}: {reason}" for reason, name in skipped))
    assert re.search(r"\[  PASSED  \] [1-9]", result.stdout), f"no test ran:\n{result.stdout}"
