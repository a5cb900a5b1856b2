"""A model that leaves npu fails its test: a fallback is an error, and none may have been counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

import torch_npu  # noqa: F401


@pytest.fixture(autouse=True)
def one_thread_on_the_cpu() -> Iterator[None]:
    """The models are too small for more, and threads that wait for each other on a busy machine are slow."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def stays_on_npu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TORCH_NPU_FALLBACK", "error")
    torch.npu.reset_fallback_stats()
    yield
    assert torch.npu.fallback_stats() == {}
