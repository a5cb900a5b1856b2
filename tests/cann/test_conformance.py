"""The conformance suite of the C ABI (tests/cann/*.cpp), on the software NPU or the toolkit in CANN_LIBRARY_PATH."""

from __future__ import annotations

import pytest

from .gtest_suites import run_suite, suites


@pytest.mark.parametrize("suite", suites("cann_conformance", "tests/cann"))
def test_suite(suite: str) -> None:
    """One suite of the conformance program."""
    run_suite("cann_conformance", suite)
