"""Every operator that falls back is on the list in tests/known_gaps.py, and nothing else is."""

from __future__ import annotations

import fnmatch

import pytest
import torch
from known_gaps import GAPS, gaps

import torch_npu  # noqa: F401


def covers(pattern: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern)


def test_every_gap_has_a_reason() -> None:
    unlisted = [name for name in gaps() if not any(covers(pattern, name) for pattern, _ in GAPS)]
    assert not unlisted, f"no kernel for npu and no line in tests/known_gaps.py: {unlisted}"


def test_every_reason_has_a_gap() -> None:
    missing = gaps()
    stale = [pattern for pattern, _ in GAPS if not any(covers(pattern, name) for name in missing)]
    assert not stale, f"these have a kernel now, delete their lines in tests/known_gaps.py: {stale}"


def test_a_gap_is_refused_under_error_and_listed() -> None:
    """The fallback of one listed operator says which one it is."""
    assert "lgamma.out" in gaps()
    with pytest.raises(RuntimeError, match="lgamma"):
        torch.lgamma(torch.ones(2, device="npu"))


def test_native_packets_are_many() -> None:
    registered = torch._C._dispatch_get_registrations_for_dispatch_key("PrivateUse1")
    packets = {name.split(".")[0] for name in registered if name.startswith("aten::")}
    assert len(packets) >= 60
