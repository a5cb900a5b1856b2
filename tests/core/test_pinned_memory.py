"""Pinned host memory: what counts as pinned, reuse after asynchronous copies, statistics."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok

import torch_npu  # noqa: F401

LONG = 400_000_000


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    torch.npu.init()
    gc.collect()
    torch.npu.synchronize()
    torch.npu.host_empty_cache()
    yield
    torch.npu.synchronize()


def pinned(*shape: int) -> torch.Tensor:
    return torch.empty(*shape, pin_memory=True)


def test_what_is_pinned() -> None:
    x = torch.arange(100.0)
    y = x.pin_memory()
    assert y.is_pinned() and not x.is_pinned() and torch.equal(x, y)
    assert y[50:].is_pinned() and y[::7].is_pinned() and y.view(10, 10)[9, 9].is_pinned()
    assert y.untyped_storage().is_pinned()
    assert y.pin_memory().data_ptr() == y.data_ptr()
    assert not torch.empty(0).is_pinned()
    assert pinned(3).is_pinned() and torch.zeros(2, 2, pin_memory=True).is_pinned()
    with pytest.raises(RuntimeError, match="pin"):
        torch.ones(2, device="npu").pin_memory()


def test_query_before_the_first_use(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    assert not torch.ones(4).is_pinned()
    assert not torch.npu.is_initialized()
    x = torch.ones(4).pin_memory()
    assert x.is_pinned() and torch.npu.is_initialized()
    """
    run_ok(code, tmp_path)


def test_blocks_are_reused() -> None:
    x = pinned(1000)
    address = x.data_ptr()
    del x
    assert pinned(1000).data_ptr() == address
    stats = torch.npu.host_memory_stats()
    assert stats["num_host_alloc"] >= 1
    torch.npu.host_empty_cache()
    after = torch.npu.host_memory_stats()
    assert after["allocated_bytes.current"] == 0 and after["num_host_free"] >= 1
    assert after["host_alloc_time.count"] >= 1


def test_a_block_is_not_reused_while_a_copy_reads_it() -> None:
    source = pinned(1 << 18)
    source.fill_(5)
    target = torch.zeros(1 << 18, device="npu")
    torch.npu.synchronize()
    address = source.data_ptr()
    stream = torch.npu.Stream()
    with torch.npu.stream(stream):
        torch.npu._sleep(LONG)
        target.copy_(source, non_blocking=True)
        done = stream.record_event()
    del source
    other = pinned(1 << 18)
    assert not done.query(), "the sleep is too short to test anything"
    assert other.data_ptr() != address
    other.fill_(-1)
    stream.synchronize()
    assert torch.equal(target.cpu(), torch.full((1 << 18,), 5.0))
    again = [pinned(1 << 18) for _ in range(2)]
    assert address in {block.data_ptr() for block in again}


def test_a_copy_of_pinned_memory_does_not_wait() -> None:
    source, target = pinned(1 << 16), torch.empty(1 << 16, device="npu")
    source.fill_(2)
    torch.npu.synchronize()
    torch.npu._sleep(LONG)
    target.copy_(source, non_blocking=True)
    back = pinned(1 << 16)
    back.copy_(target, non_blocking=True)
    assert not torch.npu.current_stream().query()
    torch.npu.synchronize()
    assert torch.equal(back, source)


def test_pageable_memory_may_change_right_after_the_copy() -> None:
    source = torch.full((1 << 16,), 3.0)
    torch.npu._sleep(LONG // 4)
    target = source.to("npu", non_blocking=True)
    source.fill_(-1)
    assert torch.equal(target.cpu(), torch.full((1 << 16,), 3.0))


def test_threads_pin_and_copy() -> None:
    failures: list[str] = []
    barrier = threading.Barrier(6)

    def work(me: int) -> None:
        try:
            stream = torch.npu.Stream()
            barrier.wait()
            with torch.npu.stream(stream):
                for step in range(60):
                    value = float(me * 100 + step)
                    source = torch.full((257 * (step % 5 + 1),), value).pin_memory()
                    target = source.to("npu", non_blocking=True)
                    del source
                    pinned(257 * (step % 5 + 1)).fill_(-1)
                    result = torch.empty_like(target, device="cpu", pin_memory=True)
                    result.copy_(target, non_blocking=True)
                    stream.synchronize()
                    if not bool((result == value).all()):
                        failures.append(f"{me}/{step}")
        except Exception as error:
            failures.append(f"{me}: {error!r}")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:5]


def test_background_thread(tmp_path: Path) -> None:
    code = """
    import time, torch, torch_npu
    x = torch.ones(1 << 16).pin_memory()
    address = x.data_ptr()
    y = x.to("npu", non_blocking=True)
    del x
    torch.npu.synchronize()
    torch.empty(1 << 17, pin_memory=True)   # a miss starts the thread
    deadline = time.monotonic() + 20
    while torch.npu.host_memory_stats()["active_requests.current"] > 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert torch.empty(1 << 16, pin_memory=True).data_ptr() == address
    assert y.sum().item() == 1 << 16
    """
    run_ok(code, tmp_path, env={"PYTORCH_NPU_ALLOC_CONF": "pinned_use_background_threads:True"})


def test_pinned_tensors_that_outlive_the_runtime(tmp_path: Path) -> None:
    code = """
    import atexit, torch, torch_npu
    kept = [torch.ones(1 << i).pin_memory() for i in range(16)]
    atexit.register(lambda: kept.clear())       # runs after the plugin's own exit hook
    torch.npu.kept = [torch.ones(8).pin_memory(), torch.ones(8, device="npu")]
    print("end")
    """
    assert run_ok(code, tmp_path) == "end\n"


def test_torch_accelerator_empties_it() -> None:
    x = pinned(1 << 12)
    del x
    torch.accelerator.empty_host_cache()
    assert torch.npu.host_memory_stats()["allocated_bytes.current"] == 0
