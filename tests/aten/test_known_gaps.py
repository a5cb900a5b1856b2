"""Every operator that falls back is on the list in tests/known_gaps.py, and nothing else is."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from known_gaps import GAPS, gaps

import torch_npu  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]


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
    """What `make ops` prints: each has a kernel, and there are at least 250 packets."""
    result = subprocess.run([sys.executable, ROOT / ".ci" / "print_ops.py"], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    *lines, last = result.stdout.splitlines()
    assert len(lines) >= 250
    names = [name for line in lines for name in line.split()[1:]]
    assert last == f"{len(lines)} packets, {len(names)} kernels"
    registered = set(torch._C._dispatch_get_registrations_for_dispatch_key("PrivateUse1"))
    assert [name for name in names if f"aten::{name}" not in registered] == []
