"""The libraries must not reach for the network, and nothing may leave npu."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")


@pytest.fixture(autouse=True)
def no_fallback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import torch

    monkeypatch.setenv("TORCH_NPU_FALLBACK", "error")
    torch.npu.reset_fallback_stats()
    yield
    assert torch.npu.fallback_stats() == {}
