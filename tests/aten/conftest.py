"""Nothing falls back unseen: an operator without a kernel is an error in these tests unless a test says otherwise."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def fallback_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "error")
