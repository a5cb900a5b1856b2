"""What only the software NPU promises (tests/softnpu/*.cpp), and its environment table."""

from __future__ import annotations

import ctypes
import re

import pytest

from tests.cann.gtest_suites import ROOT, run_suite, suites


@pytest.mark.parametrize("suite", suites("softnpu_tests", "tests/softnpu"))
def test_suite(suite: str) -> None:
    """One suite of the program for the software NPU."""
    run_suite("softnpu_tests", suite)


def table() -> list[list[str]]:
    """Rows of the environment table: name, type, default, doc."""
    library = ctypes.CDLL(str(ROOT / "torch_npu" / "lib" / "softnpu" / "libascendcl.so"))
    library.softnpu_env_table.restype = ctypes.c_char_p
    return [line.split("\t") for line in library.softnpu_env_table().decode().splitlines()]


def test_every_variable_is_a_row() -> None:
    """Each variable that the code of softnpu/ reads has a row with a type and a sentence."""
    rows = table()
    assert all(len(row) == 4 and row[0] and row[1] and row[3].endswith(".") for row in rows)
    names = [row[0] for row in rows]
    assert len(names) == len(set(names))
    read: set[str] = set()
    for path in sorted((ROOT / "softnpu").rglob("*")):
        if path.suffix in (".cpp", ".h"):
            read.update(re.findall(r'"((?:SOFTNPU|ASCEND)_[A-Z_]+)"', path.read_text()))
    assert sorted(read - set(names)) == []
    assert {"SOFTNPU_DEVICES", "SOFTNPU_SOC", "SOFTNPU_MEMORY", "SOFTNPU_STRICT", "SOFTNPU_FAULT"} <= set(names)
