"""A model that leaves npu fails its test: a fallback is an error, and none may have been counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

import torch_npu  # noqa: F401


@pytest.fixture(autouse=True)
def stays_on_npu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "error")
    torch.npu.reset_fallback_stats()
    yield
    assert torch.npu.fallback_stats() == {}
