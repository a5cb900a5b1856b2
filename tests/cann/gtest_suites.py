"""Runs GoogleTest programs suite by suite, so that pytest shows each as a test with its own time limit."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def program(name: str) -> Path:
    """A test program of the build directory."""
    return ROOT / "build" / "tests" / name


def environment() -> dict[str, str]:
    """The environment of a test program. ``CANN_LIBRARY_PATH`` puts the libraries of a real toolkit before ours.

    On the software NPU the program sees eight devices that no other run is likely to use: the memory of a device is
    shared by all processes of a user, and some tests count it to the byte.
    """
    variables = dict(os.environ)
    real = variables.get("CANN_LIBRARY_PATH")
    if real:
        before = variables.get("LD_LIBRARY_PATH")
        variables["LD_LIBRARY_PATH"] = real if not before else f"{real}:{before}"
    elif "ASCEND_RT_VISIBLE_DEVICES" not in variables and "SOFTNPU_DEVICES" not in variables:
        first = 8 + os.getpid() % 7 * 8
        variables["SOFTNPU_DEVICES"] = "64"
        variables["ASCEND_RT_VISIBLE_DEVICES"] = ",".join(str(first + i) for i in range(8))
        variables.setdefault("SOFTNPU_MEMORY", "1G")
    return variables


def suites(name: str, sources: str) -> list[str]:
    """Suites of a program, read from its sources so that a missing program is seen and not an empty list.

    Suites that only hold the part of a child process (``DISABLED_``) are left out.
    """
    found: set[str] = set()
    for path in sorted((ROOT / sources).glob("*.cpp")):
        for suite, test in re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", path.read_text(), flags=re.M):
            if not test.startswith("DISABLED_"):
                found.add(suite)
    assert found, f"{sources} has no tests of {name}"
    return sorted(found)


def run_suite(name: str, suite: str, timeout: float = 300) -> None:
    """Runs one suite; on failure the test fails with the program's output."""
    path = program(name)
    if not path.is_file():
        pytest.skip(f"{name} is not built: CMAKE_ARGS=-DTORCH_NPU_BUILD_TESTS=ON make build")
    arguments = [str(path), f"--gtest_filter={suite}.*:*/{suite}.*", "--gtest_color=no"]
    try:
        result = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout if isinstance(error.stdout, str) else (error.stdout or b"").decode(errors="replace")
        pytest.fail(f"{suite} did not end within {timeout} s:\n{output}", pytrace=False)
    if result.returncode != 0:
        pytest.fail(f"{suite} ended with {result.returncode}:\n{result.stdout}", pytrace=False)
    if skipped := re.findall(r": Skipped\n(.*)\n+\[  SKIPPED \] (\S+) \(", result.stdout):
        pytest.skip("; ".join(f"{test}: {reason}" for reason, test in skipped))
    assert re.search(r"\[  PASSED  \] [1-9]", result.stdout), f"no test of {suite} ran:\n{result.stdout}"
