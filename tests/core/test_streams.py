"""Streams, events and guards through torch.npu, torch.Stream, torch.Event and torch.accelerator."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok

import torch_npu  # noqa: F401

LONG = 100_000_000  # cycles, about a tenth of a second
two_devices = pytest.mark.skipif(torch.npu.device_count() < 2, reason="needs two devices")


@pytest.fixture(autouse=True)
def as_before() -> object:
    yield
    torch.npu.synchronize()
    torch.npu.set_device(0)
    torch.npu.set_stream(torch.npu.default_stream())


def test_default_and_current() -> None:
    default = torch.npu.default_stream()
    assert default.stream_id == 0 and torch.npu.current_stream() == default
    stream = torch.npu.Stream()
    with torch.npu.stream(stream):
        assert torch.npu.current_stream() == stream == torch.accelerator.current_stream()
        with torch.npu.stream(default):
            assert torch.npu.current_stream() == default
        assert torch.npu.current_stream() == stream
    assert torch.npu.current_stream() == default
    torch.accelerator.set_stream(stream)
    assert torch.npu.current_stream() == stream


def test_the_pool_is_handed_out_in_turn() -> None:
    streams = [torch.npu.Stream() for _ in range(64)]
    ids = [stream.stream_id for stream in streams]
    assert len(set(ids)) == 32 and ids[:32] == ids[32:]
    high = [torch.npu.Stream(priority=-1).stream_id for _ in range(64)]
    assert len(set(high)) == 32 and not set(high) & set(ids)
    assert 0 not in ids + high
    assert len({stream.npu_stream for stream in streams}) == 32


def test_external_stream() -> None:
    owner = torch.npu.Stream()
    external = torch.npu.ExternalStream(owner.npu_stream)
    assert external.npu_stream == owner.npu_stream
    with torch.npu.stream(external):
        torch.npu._sleep(LONG)
        assert torch.npu.current_stream() == external
        x = torch.ones(8, device="npu") + 1
    assert not owner.query()
    external.synchronize()
    assert owner.query() and x.sum().item() == 16
    for wrong in (0, 3):
        with pytest.raises(RuntimeError, match="not that of a stream"):
            torch.npu.ExternalStream(wrong)


def test_a_made_up_stream_is_refused() -> None:
    device = torch.npu.current_stream().device_type
    with pytest.raises(RuntimeError, match="no stream"):
        torch.Stream(stream_id=(1000 << 2) | 1, device_index=0, device_type=device).synchronize()
    with pytest.raises(RuntimeError, match=r"npu:99|99"):
        torch.Stream(stream_id=0, device_index=99, device_type=device).synchronize()


def test_streams_overlap() -> None:
    first, second = torch.npu.Stream(), torch.npu.Stream()
    torch.npu.synchronize()
    start = time.monotonic()
    for stream in (first, second):
        with torch.npu.stream(stream):
            torch.npu._sleep(2 * LONG)
    queued = time.monotonic() - start
    assert not first.query() and not second.query()
    torch.npu.synchronize()
    total = time.monotonic() - start
    assert first.query() and second.query()
    assert queued < total / 2, "queueing waited for the work"
    start = time.monotonic()
    torch.npu._sleep(2 * LONG)
    torch.npu.synchronize()
    one = time.monotonic() - start
    assert total < 1.7 * one, (total, one)


def test_wait_event_orders_streams() -> None:
    first, second = torch.npu.Stream(), torch.npu.Stream()
    x = torch.zeros(1024, device="npu")
    torch.npu.synchronize()
    with torch.npu.stream(first):
        torch.npu._sleep(LONG)
        x.fill_(3)
        done = first.record_event()
    with torch.npu.stream(second):
        second.wait_event(done)
        y = x * 2
    assert not done.query()
    second.synchronize()
    assert done.query() and y.sum().item() == 6 * 1024
    with torch.npu.stream(first):
        torch.npu._sleep(LONG)
        x.fill_(4)
    second.wait_stream(first)
    with torch.npu.stream(second):
        assert (x * 2).sum().item() == 8 * 1024


def test_a_new_record_does_not_satisfy_an_old_waiter() -> None:
    slow, quick, waiter = torch.npu.Stream(), torch.npu.Stream(), torch.npu.Stream()
    event, x = torch.npu.Event(), torch.zeros(16, device="npu")
    torch.npu.synchronize()
    with torch.npu.stream(slow):
        torch.npu._sleep(LONG)
        x.fill_(1)
        event.record(slow)
    with torch.npu.stream(waiter):
        event.wait(waiter)
        y = x.clone()
    event.record(quick)
    event.synchronize()
    assert not waiter.query(), "the second record released the waiter of the first"
    waiter.synchronize()
    assert y.sum().item() == 16


def test_events_that_were_never_recorded() -> None:
    event = torch.npu.Event()
    assert event.query()
    event.synchronize()
    event.wait(torch.npu.current_stream())
    with pytest.raises(ValueError, match="recorded"):
        torch.npu.Event(enable_timing=True).elapsed_time(torch.npu.Event(enable_timing=True))


def test_elapsed_time() -> None:
    start, end = torch.npu.Event(enable_timing=True), torch.npu.Event(enable_timing=True)
    start.record()
    begin = time.monotonic()
    torch.npu._sleep(LONG)
    end.record()
    with pytest.raises(RuntimeError, match="completed"):
        start.elapsed_time(end)
    end.synchronize()
    wall = (time.monotonic() - begin) * 1000
    assert 0.3 * wall < start.elapsed_time(end) < wall + 20
    plain = torch.npu.Event()
    plain.record()
    plain.synchronize()
    with pytest.raises(ValueError, match="enable_timing"):
        start.elapsed_time(plain)


def test_torch_event_and_stream() -> None:
    stream = torch.Stream("npu")
    event = torch.Event("npu", enable_timing=True)
    with stream:
        assert torch.accelerator.current_stream() == stream
        torch.npu._sleep(LONG)
        event.record(stream)
    assert not event.query() and not stream.query()
    torch.accelerator.synchronize()
    assert event.query() and stream.query()
    assert event.event_id != 0 and stream.native_handle != 0 and not stream.is_capturing()


@two_devices
def test_an_event_stays_on_its_device() -> None:
    event = torch.npu.Event()
    event.record(torch.npu.Stream("npu:1"))
    with pytest.raises(RuntimeError, match=r"npu:1.*npu:0"):
        event.record(torch.npu.Stream("npu:0"))
    event.synchronize()


@two_devices
def test_wait_across_devices() -> None:
    there = torch.npu.Stream("npu:1")
    x = torch.zeros(256, device="npu:1")
    torch.npu.synchronize("npu:1")
    with torch.npu.stream(there):
        torch.npu._sleep(LONG)
        x.fill_(2)
        done = there.record_event()
    assert torch.npu.current_device() == 0
    torch.npu.current_stream().wait_event(done)
    y = x.to("npu:0", non_blocking=True)
    assert y.sum().item() == 512


@two_devices
def test_guards_restore_device_and_stream() -> None:
    stream = torch.npu.Stream("npu:1")
    assert torch.npu.current_device() == 0
    with torch.npu.stream(stream):
        assert torch.npu.current_device() == 1 and torch.npu.current_stream() == stream
        assert torch.ones(2, device="npu").device.index == 1
        with torch.npu.device(0):
            assert torch.npu.current_stream() == torch.npu.default_stream(0)
    assert torch.npu.current_device() == 0
    assert torch.npu.current_stream(1) == torch.npu.default_stream(1)
    with pytest.raises(KeyError), torch.accelerator.device_index(1):
        assert torch.npu.current_device() == 1
        raise KeyError
    assert torch.npu.current_device() == 0
    x = torch.ones(3, device="npu:1") + 1  # an operator leaves the current device as it was
    assert torch.npu.current_device() == 0 and x.device.index == 1


@two_devices
def test_every_thread_has_its_own_device_and_streams() -> None:
    torch.npu.set_device(1)
    torch.npu.set_stream(torch.npu.Stream("npu:1"))
    seen: list[object] = []

    def look() -> None:
        seen.append((torch.npu.current_device(), torch.npu.current_stream(0).stream_id))
        seen.append(torch.npu.current_stream(1).stream_id)
        seen.append((torch.ones(4, device="npu") + 1).device.index)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [(0, 0), 0, 0]
    assert torch.npu.current_device() == 1


@two_devices
def test_autograd_uses_the_device_and_stream_of_forward() -> None:
    """Threads of autograd have no device until the guard sets one."""
    seen: list[tuple[int, int]] = []

    class Probe(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: object, grad: torch.Tensor) -> torch.Tensor:
            seen.append((torch.npu.current_device(), torch.npu.current_stream(1).stream_id))
            torch.npu._sleep(1000)
            return grad * 2

    stream = torch.npu.Stream("npu:1")
    with torch.npu.stream(stream):
        x = torch.ones(8, device="npu:1", requires_grad=True)
        Probe.apply(x).sum().backward()
    stream.synchronize()
    assert seen == [(1, stream.stream_id)]
    assert x.grad.sum().item() == 16


def test_threads_share_a_stream() -> None:
    stream, x = torch.npu.Stream(), torch.zeros(64, device="npu")
    torch.npu.synchronize()
    barrier = threading.Barrier(8)

    def add() -> None:
        barrier.wait()
        with torch.npu.stream(stream):
            for _ in range(200):
                x.add_(1)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stream.synchronize()
    assert torch.equal(x.cpu(), torch.full((64,), 1600.0))


def test_a_synchronise_lets_other_threads_run() -> None:
    torch.npu._sleep(3 * LONG)
    ticks, done = [], threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    torch.npu.synchronize()
    done.set()
    thread.join()
    assert len(ticks) > 10, "the synchronisation kept the interpreter"


def test_synchronise_has_a_limit(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    torch.ones(1, device="npu").cpu()
    torch.npu._sleep(1_500_000_000)
    for wait, name in ((torch.npu.current_stream().synchronize, "Stream"), (torch.npu.synchronize, "Device")):
        try:
            wait()
        except RuntimeError as error:
            text = str(error).splitlines()[0]
            assert f"aclrtSynchronize{name}WithTimeout" in text and "npu:0" in text and "TIMEOUT" in text, text
        else:
            raise AssertionError
    """
    run_ok(code, tmp_path, env={"ACL_STREAM_TIMEOUT": "100", "ACL_DEVICE_SYNC_TIMEOUT": "0"})


def test_exit_does_not_wait_for_work_that_never_ends(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    x = torch.ones(1, device="npu")
    torch.npu._sleep(600_000_000_000)
    for _ in range(100):
        x += 1
    """
    run_ok(code, tmp_path, timeout=60)


FAULT = {"SOFTNPU_FAULT": "error=507015,device=0,nth=40"}

BREAK = """
import torch, torch_npu

def error_of(call):
    try:
        call()
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return ""

broken, other = torch.npu.Stream(), torch.npu.Stream()
with torch.npu.stream(broken):
    x = torch.ones(64, device="npu")
    for _ in range(60):
        x.add_(1)
    event = broken.record_event()
"""


def test_an_error_of_the_work_is_raised_where_it_is_waited_for(tmp_path: Path) -> None:
    code = (
        BREAK
        + """
for wait in (broken.synchronize, event.synchronize, torch.npu.synchronize):
    text = error_of(wait)
    assert "ACL_ERROR_RT_AICORE_EXCEPTION (507015)" in text and "npu:0" in text and "(rank 3)" in text, text
with torch.npu.stream(other):
    other.wait_event(event)
    y = torch.ones(4, device="npu") + 1
text = error_of(other.synchronize)
assert "507015" in text, text
with torch.npu.stream(broken):
    assert "507015" in error_of(lambda: x.cpu())
clean = torch.npu.Stream()
with torch.npu.stream(clean):
    z = torch.ones(4, device="npu") * 3
clean.synchronize()
"""
    )
    run_ok(code, tmp_path, env=FAULT | {"RANK": "3"})


def test_exit_after_an_error_that_nobody_asked_about(tmp_path: Path) -> None:
    run_ok(BREAK, tmp_path, env=FAULT, timeout=60)


def test_exception_carries_the_code(tmp_path: Path) -> None:
    code = (
        BREAK
        + """
try:
    broken.synchronize()
    raise AssertionError
except torch.AcceleratorError as error:
    assert error.error_code == 507015
"""
    )
    run_ok(code, tmp_path, env=FAULT)
