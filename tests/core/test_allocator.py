"""The caching allocator of device memory: sizes, reuse, streams, limits, and many threads at once."""

from __future__ import annotations

import gc
import queue
import random
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from core.scripts import run_ok

import torch_npu

KIB, MIB = 1 << 10, 1 << 20


@pytest.fixture(autouse=True)
def empty_allocator() -> Iterator[None]:
    torch.npu.init()
    gc.collect()
    torch.npu.synchronize()
    torch.npu.empty_cache()
    yield
    torch.npu.synchronize()


def allocate(size: int, device: str = "npu:0") -> torch.Tensor:
    return torch.empty(size, dtype=torch.uint8, device=device)


def stat(name: str) -> int:
    return torch.npu.memory_stats(0)[name]


@pytest.mark.parametrize(
    ("size", "rounded"),
    [(1, 512), (512, 512), (513, 1024), (MIB, MIB), (MIB + 1, MIB + 512), (10 * MIB, 10 * MIB), (33 * MIB, 34 * MIB)],
)
def test_sizes_are_rounded_and_counted(size: int, rounded: int) -> None:
    before = torch.npu.memory_allocated()
    requested, count = stat("requested_bytes.all.current"), stat("allocation.all.current")
    x = allocate(size)
    assert torch.npu.memory_allocated() - before == rounded
    assert stat("requested_bytes.all.current") - requested == size
    assert stat("allocation.all.current") - count == 1
    assert x.data_ptr() % 512 == 0
    del x
    assert torch.npu.memory_allocated() == before
    assert stat("requested_bytes.all.current") == requested


@pytest.mark.parametrize(
    ("size", "segment", "pool"),
    [(1, 2 * MIB, "small"), (MIB, 2 * MIB, "small"), (MIB + 1, 20 * MIB, "large"), (10 * MIB, 10 * MIB, "large"),
     (33 * MIB, 34 * MIB, "large")],
)  # fmt: skip
def test_segments(size: int, segment: int, pool: str) -> None:
    before = {name: stat(f"{name}.{pool}_pool.current") for name in ("segment", "reserved_bytes")}
    stream = torch.npu.Stream()
    with torch.npu.stream(stream):  # a stream of its own has nothing cached
        x = allocate(size)
        again = allocate(16)
    assert stat(f"reserved_bytes.{pool}_pool.current") - before["reserved_bytes"] in (segment, segment + 2 * MIB)
    assert stat(f"segment.{pool}_pool.current") - before["segment"] >= 1
    del x, again
    torch.npu.empty_cache()
    assert stat(f"reserved_bytes.{pool}_pool.current") == before["reserved_bytes"]


def test_blocks_are_split_and_joined() -> None:
    stream = torch.npu.Stream()
    with torch.npu.stream(stream):
        parts = [allocate(512 * KIB) for _ in range(4)]
    addresses = [part.data_ptr() for part in parts]
    assert addresses == [addresses[0] + i * 512 * KIB for i in range(4)]
    before = stat("inactive_split_bytes.small_pool.current")
    del parts[1]
    assert stat("inactive_split_bytes.small_pool.current") == before + 512 * KIB
    with torch.npu.stream(stream):
        hole = allocate(256 * KIB)  # best fit: the hole, not a new segment
        rest = allocate(256 * KIB)
        assert [hole.data_ptr(), rest.data_ptr()] == [addresses[1], addresses[1] + 256 * KIB]
        del hole, rest, parts
        whole = allocate(1 * MIB)
        assert whole.data_ptr() == addresses[0]
        large = allocate(2 * MIB)
    assert large.data_ptr() != addresses[0]  # the large pool is apart


def test_best_fit() -> None:
    stream = torch.npu.Stream()
    with torch.npu.stream(stream):
        blocks = [allocate(size) for size in (40 * MIB, 24 * MIB, 30 * MIB)]
        middle = blocks[2].data_ptr()
        blocks.clear()
        assert allocate(29 * MIB).data_ptr() == middle


def test_freed_memory_is_reused_by_its_stream_only() -> None:
    x = allocate(4 * MIB)
    address = x.data_ptr()
    del x
    with torch.npu.stream(torch.npu.Stream()):
        other = allocate(4 * MIB)
    assert other.data_ptr() != address
    assert allocate(4 * MIB).data_ptr() == address


def test_record_stream_delays_reuse() -> None:
    side = torch.npu.Stream()
    x = torch.full((1 << 20,), 7.0, device="npu")
    x + 1  # the first use of an operator takes longer than the sleep below
    torch.npu.synchronize()
    address = x.data_ptr()
    with torch.npu.stream(side):
        torch.npu._sleep(1_000_000_000)
        y = x + 1
        x.record_stream(side)
        passed = side.record_event()
    del x
    z = torch.full((1 << 20,), -1.0, device="npu")
    assert not passed.query(), "the sleep is too short to test anything"
    assert z.data_ptr() != address
    assert torch.npu.memory_stats()["active.all.current"] > torch.npu.memory_stats()["allocation.all.current"]
    side.synchronize()
    assert torch.equal(y.cpu(), torch.full((1 << 20,), 8.0))
    again = [torch.empty(1 << 20, device="npu") for _ in range(4)]
    assert address in {block.data_ptr() for block in again}


def test_record_stream_of_the_own_stream_and_of_foreign_memory() -> None:
    x = allocate(MIB)
    address = x.data_ptr()
    x.record_stream(torch.npu.current_stream())
    del x
    assert allocate(MIB).data_ptr() == address
    torch.empty(0, device="npu").record_stream(torch.npu.Stream())


def test_record_stream_of_a_failed_stream_leaks_nothing(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    x = torch.ones(1 << 20, device="npu")
    torch.npu.synchronize()
    side = torch.npu.Stream()
    with torch.npu.stream(side):
        for _ in range(20):
            x + 1
        x.record_stream(side)
    address = x.data_ptr()
    del x
    try:
        side.synchronize()
    except RuntimeError as error:
        assert "507015" in str(error) and "npu:0" in str(error), error
    else:
        raise AssertionError("the fault was not injected")
    assert torch.npu.memory_stats()["allocation.all.current"] == 0
    assert address in [torch.empty(1 << 20, device="npu").data_ptr() for _ in range(2)]
    """
    run_ok(code, tmp_path, env={"SOFTNPU_FAULT": "error=507015,device=0,nth=10"})


def test_a_free_that_waits_for_a_stream_holds_nobody_up(tmp_path: Path) -> None:
    code = """
    import threading
    import torch, torch_npu
    x = torch.ones(1 << 20, device="npu")
    spare = torch.ones(1 << 20, device="npu")
    del spare
    torch.npu.synchronize()
    side = torch.npu.Stream()
    with torch.npu.stream(side):
        torch.npu._sleep(3_000_000_000)
    x.record_stream(side)
    address = x.data_ptr()
    frees = [x]
    del x
    thread = threading.Thread(target=frees.clear)  # it cannot record an event and waits for the stream
    thread.start()
    other = torch.empty(1 << 20, device="npu")
    assert not side.query(), "allocating waited for what the free waits for"
    assert other.data_ptr() != address
    thread.join()
    assert side.query()
    assert torch.npu.memory_stats()["allocation.all.current"] == 1
    assert torch.empty(1 << 20, device="npu").data_ptr() == address
    """
    run_ok(code, tmp_path, env={"SOFTNPU_FAULT": "noevent"})


def test_empty_cache_gives_back_to_the_device() -> None:
    x = allocate(64 * MIB)
    del x
    reserved = torch.npu.memory_reserved()
    assert reserved >= 64 * MIB
    torch.npu.empty_cache()
    assert torch.npu.memory_reserved() <= reserved - 64 * MIB
    kept = allocate(512)
    torch.npu.empty_cache()
    assert torch.npu.memory_reserved() >= 2 * MIB
    kept.fill_(3)
    assert kept.sum().item() == 3 * 512


def test_empty_cache_waits_for_work_on_freed_memory() -> None:
    x = torch.zeros(1 << 22, device="npu")
    torch.npu._sleep(50_000_000)
    x.add_(1)
    del x
    torch.npu.empty_cache()  # would pull the memory from under the addition
    torch.npu.synchronize()
    assert (torch.ones(4, device="npu") + 1).sum().item() == 8


LIMITED = {"SOFTNPU_MEMORY": "256M", "SOFTNPU_DEVICES": "2"}


def test_retry_after_freeing_the_cache(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    with torch.npu.stream(torch.npu.Stream()):
        cached = [torch.empty(48 << 20, dtype=torch.uint8, device="npu") for _ in range(4)]
        del cached
    reserved = torch.npu.memory_reserved()
    assert reserved == 192 << 20
    x = torch.empty(200 << 20, dtype=torch.uint8, device="npu").fill_(1)
    stats = torch.npu.memory_stats()
    assert stats["num_alloc_retries"] == 1 and stats["num_ooms"] == 0
    assert torch.npu.memory_reserved() == 200 << 20
    assert x.sum(dtype=torch.int64).item() == 200 << 20
    """
    run_ok(code, tmp_path, env=LIMITED)


def test_out_of_memory_says_the_figures(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    torch.npu.set_device(1)
    kept = torch.ones(16 << 20, device="npu")            # 64 MiB
    cached = torch.empty(32 << 20, dtype=torch.uint8, device="npu"); small = cached[:5]
    del cached
    for _ in range(2):
        try:
            torch.empty(1 << 29, device="npu")
        except torch.OutOfMemoryError as error:
            text = str(error).splitlines()[0]
        else:
            raise AssertionError
        for part in ("NPU out of memory. Tried to allocate 2.00 GiB on npu:1", "total capacity of 256.00 MiB",
                     "160.00 MiB is free", "96.00 MiB of it", "96.00 MiB allocated", "0 bytes reserved but unallocated",
                     "PYTORCH_NPU_ALLOC_CONF=expandable_segments:True"):
            assert part in text, (part, text)
    assert torch.npu.memory_stats()["num_ooms"] == 2
    assert torch.npu.memory_stats(0).get("num_ooms", 0) == 0
    assert kept.sum().item() == 16 << 20
    try:
        torch.empty(1 << 62, dtype=torch.uint8, device="npu")
    except torch.OutOfMemoryError as error:
        assert "1 EiB" in str(error)
    assert isinstance(error_of(lambda: torch.ones(1 << 28).npu()), torch.OutOfMemoryError)
    """
    helper = """
    def error_of(call):
        try:
            call()
        except RuntimeError as error:
            return error
    """
    run_ok(helper + code, tmp_path, env=LIMITED)


def test_memory_of_other_processes_counts(tmp_path: Path) -> None:
    (tmp_path / "holder.py").write_text(
        "import sys, torch, torch_npu\n"
        "x = torch.ones(40 << 20, dtype=torch.uint8, device='npu')\ntorch.npu.synchronize()\n"
        "print('held', flush=True)\nsys.stdin.readline()\n"
    )
    code = """
    import subprocess, sys, torch, torch_npu
    free = torch.npu.mem_get_info()[0]
    holder = subprocess.Popen([sys.executable, "holder.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\\n"
    assert free - torch.npu.mem_get_info()[0] >= 40 << 20
    try:
        torch.empty(free, dtype=torch.uint8, device="npu")
        raise AssertionError
    except torch.OutOfMemoryError:
        pass
    holder.communicate("\\n")
    torch.empty(free, dtype=torch.uint8, device="npu")
    """
    run_ok(code, tmp_path, env=LIMITED)


def test_memory_fraction(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    torch.npu.set_per_process_memory_fraction(0.25)
    assert torch.npu.get_per_process_memory_fraction() == 0.25
    x = torch.empty(60 << 20, dtype=torch.uint8, device="npu")
    try:
        torch.empty(8 << 20, dtype=torch.uint8, device="npu")
        raise AssertionError
    except torch.OutOfMemoryError as error:
        assert "64.00 MiB" in str(error), error
    torch.empty(100 << 20, dtype=torch.uint8, device="npu:1")
    del x
    torch.empty(8 << 20, dtype=torch.uint8, device="npu")
    torch.npu.set_per_process_memory_fraction(1.0)
    torch.empty(200 << 20, dtype=torch.uint8, device="npu")
    for wrong in (0.0, -1.0, 1.5):
        try:
            torch_npu._C.set_memory_fraction(wrong, 0)
            raise AssertionError
        except ValueError as error:
            assert "npu:0" in str(error)
    """
    run_ok(code, tmp_path, env=LIMITED)


def test_torch_accelerator_sees_the_same() -> None:
    keep = allocate(3 * MIB)
    stats = torch.accelerator.memory_stats(0)
    assert stats["allocated_bytes.all.current"] == torch.npu.memory_allocated(0) >= keep.numel()
    for name in ("allocation", "segment", "active", "inactive_split", "allocated_bytes", "reserved_bytes",
                 "active_bytes", "inactive_split_bytes", "requested_bytes"):  # fmt: skip
        for pool in ("all", "small_pool", "large_pool"):
            for metric in ("current", "peak", "allocated", "freed"):
                assert f"{name}.{pool}.{metric}" in stats
    for name in ("num_alloc_retries", "num_ooms", "num_sync_all_streams", "num_device_alloc", "num_device_free"):
        assert name in stats
    assert torch.accelerator.get_memory_info(0) == torch.npu.mem_get_info(0)
    torch.accelerator.empty_cache()


def test_peaks_and_totals_can_be_reset() -> None:
    base = torch.npu.memory_allocated()
    torch.npu.reset_peak_memory_stats()
    x = allocate(6 * MIB)
    del x
    assert torch.npu.max_memory_allocated() == base + 6 * MIB
    torch.npu.reset_peak_memory_stats()
    assert torch.npu.max_memory_allocated() == base
    assert stat("allocated_bytes.all.allocated") > 0
    torch.npu.reset_accumulated_memory_stats()
    assert stat("allocated_bytes.all.allocated") == stat("allocated_bytes.all.freed") == stat("num_device_alloc") == 0
    kept = allocate(1)
    assert stat("allocated_bytes.all.allocated") == kept.numel() * 512


def check_snapshot() -> None:
    segments = [s for s in torch.npu.memory_snapshot() if s["device"] == 0]
    for segment in segments:
        blocks = segment["blocks"]
        assert sum(block["size"] for block in blocks) == segment["total_size"]
        assert sum(b["size"] for b in blocks if b["state"] == "active_allocated") == segment["allocated_size"]
        address = segment["address"]
        for before, block in zip([None, *blocks], blocks, strict=False):
            assert block.get("address", address) == address
            address += block["size"]
            both_free = before is not None and before["state"] == block["state"] == "inactive"
            assert not both_free, "two free neighbours were not joined"
    assert sum(s["total_size"] for s in segments) == torch.npu.memory_reserved(0)
    assert sum(s["allocated_size"] for s in segments) == torch.npu.memory_allocated(0)


def test_snapshot_adds_up() -> None:
    rng = random.Random(1)
    kept: list[torch.Tensor] = []
    for _ in range(300):
        kept.append(allocate(int(2 ** rng.uniform(5, 24))))
        if rng.random() < 0.6:
            kept.pop(rng.randrange(len(kept)))
    check_snapshot()
    kept.clear()
    check_snapshot()
    torch.npu.empty_cache()
    check_snapshot()


def test_history_records_actions() -> None:
    memory = torch.npu.memory
    memory._record_memory_history(max_entries=50)
    try:
        x = allocate(3 * MIB)
        address = x.data_ptr()
        del x
        torch.npu.empty_cache()
        trace = memory._snapshot()["device_traces"][0]
        actions = [entry["action"] for entry in trace if entry["addr"] == address]
        assert actions == ["segment_alloc", "alloc", "free_requested", "free_completed", "segment_free"]
        alloc = next(entry for entry in trace if entry["action"] == "alloc" and entry["addr"] == address)
        assert alloc["size"] == 3 * MIB
        assert any("test_allocator.py" in frame["filename"] for frame in alloc["frames"])
        for _ in range(100):
            allocate(512)
        assert len(memory._snapshot()["device_traces"][0]) == 50
    finally:
        memory._record_memory_history(enabled=None)
    allocate(4 * MIB)
    assert "alloc" not in [e["action"] for e in memory._snapshot()["device_traces"][0] if e["size"] == 4 * MIB]


STRESS = """
import random, sys, torch, torch_npu
rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
streams = [torch.npu.default_stream(), torch.npu.Stream(), torch.npu.Stream()]
live = []
for step in range(1500):
    with torch.npu.stream(rng.choice(streams)) as _:
        if live and rng.random() < 0.5:
            x, value, stream = live.pop(rng.randrange(len(live)))
            with torch.npu.stream(stream):
                if step % 7 == 0:
                    assert torch.equal(x.cpu(), torch.full_like(x, value, device="cpu")), step
        elif sum(x.numel() for x, _, _ in live) < 96 << 20:
            size = int(2 ** rng.uniform(4, 24))
            value = rng.randrange(256)
            x = torch.full((size,), value, dtype=torch.uint8, device="npu")
            live.append((x, value, torch.npu.current_stream()))
    if step % 200 == 199:
        torch.npu.empty_cache()
torch.npu.synchronize()
for x, value, _ in live:
    assert torch.equal(x.cpu(), torch.full_like(x, value, device="cpu"))
segments = torch.npu.memory_snapshot()
assert sum(s["total_size"] for s in segments) == torch.npu.memory_reserved()
assert sum(s["allocated_size"] for s in segments) == torch.npu.memory_allocated()
del x
live.clear()
torch.npu.empty_cache()
assert torch.npu.memory_allocated() == torch.npu.memory_reserved() == 0
stats = torch.npu.memory_stats()
assert stats["segment.all.current"] == stats["active.all.current"] == stats["inactive_split_bytes.all.current"] == 0
assert stats["num_ooms"] == 0
assert own_memory() == 0
"""

# What CANN says this process uses of device 0: other processes may use the device too.
OWN_MEMORY = """
import ctypes, torch, torch_npu
def own_memory():
    class Usage(ctypes.Structure):
        _fields_ = [("name", ctypes.c_char * 32), ("current", ctypes.c_uint64), ("peak", ctypes.c_uint64),
                    ("reserved", ctypes.c_size_t * 8)]
    library = ctypes.CDLL(torch_npu._C.cann_info()["directory"] + "/libascendcl.so")
    usage, count = Usage(), ctypes.c_size_t()
    assert library.aclrtGetMemUsageInfo(0, ctypes.byref(usage), 1, ctypes.byref(count)) == 0
    return usage.current if count.value else 0
"""


@pytest.mark.parametrize(
    "settings",
    ["", "expandable_segments:True", "max_split_size_mb:21", "garbage_collection_threshold:0.3",
     "roundup_power2_divisions:4", "expandable_segments:True,garbage_collection_threshold:0.5"],
)  # fmt: skip
def test_random_work(settings: str, tmp_path: Path) -> None:
    run_ok(OWN_MEMORY + STRESS, tmp_path, env=LIMITED | {"PYTORCH_NPU_ALLOC_CONF": settings})


def test_without_caching(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    x = torch.ones(1000, device="npu")
    assert torch.npu.memory_reserved() == torch.npu.memory_allocated() == 4096
    y = x + 1
    del x
    assert torch.npu.memory_reserved() == 4096
    assert y.sum().item() == 2000
    """
    run_ok(code, tmp_path, env=LIMITED | {"PYTORCH_NO_NPU_MEMORY_CACHING": "1"})


def test_expandable_segment_serves_other_sizes(tmp_path: Path) -> None:
    code = """
    blocks = [torch.full((20 << 20,), i, dtype=torch.uint8, device="npu") for i in range(8)]
    addresses = [block.data_ptr() for block in blocks]
    assert addresses == [addresses[0] + i * (20 << 20) for i in range(8)]
    assert torch.npu.memory_reserved() == 160 << 20
    assert torch.npu.memory_stats()["segment.all.current"] == 1
    del blocks[1:5]
    big = torch.full((80 << 20,), 9, dtype=torch.uint8, device="npu")      # where four small ones were
    assert big.data_ptr() == addresses[1] and torch.npu.memory_reserved() == 160 << 20
    del big
    torch.npu.empty_cache()                                                # a hole of unmapped units
    assert torch.npu.memory_reserved() == 80 << 20
    assert [b[0].item() for b in blocks] == [0, 5, 6, 7] and [b[-1].item() for b in blocks] == [0, 5, 6, 7]
    again = torch.full((50 << 20,), 3, dtype=torch.uint8, device="npu")    # maps a part of the hole
    assert again.data_ptr() == addresses[1] and torch.npu.memory_reserved() == 140 << 20
    assert again.sum(dtype=torch.int64).item() == 150 << 20
    snapshot = torch.npu.memory_snapshot()
    assert all(segment["is_expandable"] for segment in snapshot)
    assert sum(segment["total_size"] for segment in snapshot) == torch.npu.memory_reserved()
    try:
        torch.empty(250 << 20, dtype=torch.uint8, device="npu")
        raise AssertionError
    except torch.OutOfMemoryError:
        pass
    assert again.sum(dtype=torch.int64).item() == 150 << 20
    del again, blocks
    torch.npu.empty_cache()
    assert torch.npu.memory_reserved() == 0 and torch.npu.memory_stats()["segment.all.current"] == 0
    assert own_memory() == 0
    small = [torch.ones(1000, device="npu") for _ in range(2000)]
    assert torch.npu.memory_stats()["segment.small_pool.current"] == 1
    assert sum(x.sum().item() for x in small[::200]) == 10000
    """
    env = LIMITED | {"PYTORCH_NPU_ALLOC_CONF": "expandable_segments:True"}
    run_ok(OWN_MEMORY + textwrap.dedent(code), tmp_path, env=env)


def test_settings_of_both_variables_and_at_run_time(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    torch.empty(1, device="npu")
    assert torch.npu.memory_stats()["max_split_size"] == 30 << 20
    x = torch.empty(6 << 20, dtype=torch.uint8, device="npu"); torch.npu.empty_cache()
    assert all(s["is_expandable"] for s in torch.npu.memory_snapshot())
    torch.npu.memory._set_allocator_settings("roundup_power2_divisions:2")
    before = torch.npu.memory_allocated()
    y = torch.empty((8 << 20) + 1, dtype=torch.uint8, device="npu")
    assert torch.npu.memory_allocated() - before == 12 << 20
    """
    env = {"PYTORCH_ALLOC_CONF": "max_split_size_mb:40,expandable_segments:True"}
    run_ok(code, tmp_path, env=LIMITED | env | {"PYTORCH_NPU_ALLOC_CONF": "max_split_size_mb:30"})


def test_max_split_size_keeps_large_blocks_whole(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    big = torch.empty(64 << 20, dtype=torch.uint8, device="npu"); address = big.data_ptr()
    assert torch.npu.memory_stats()["oversize_allocations.current"] == 1
    del big
    small = torch.empty(8 << 20, dtype=torch.uint8, device="npu")
    assert not address <= small.data_ptr() < address + (64 << 20)
    assert torch.empty(60 << 20, dtype=torch.uint8, device="npu").data_ptr() == address
    assert torch.npu.memory_stats()["oversize_segments.current"] == 1
    """
    run_ok(code, tmp_path, env=LIMITED | {"PYTORCH_NPU_ALLOC_CONF": "max_split_size_mb:32"})


def test_garbage_is_collected_before_the_limit(tmp_path: Path) -> None:
    code = """
    import torch, torch_npu
    old = torch.empty(60 << 20, dtype=torch.uint8, device="npu"); del old
    for size in range(20, 60, 4):
        torch.empty(size << 20, dtype=torch.uint8, device="npu")
    with torch.npu.stream(torch.npu.Stream()):
        x = torch.empty(90 << 20, dtype=torch.uint8, device="npu")
    y = torch.empty(80 << 20, dtype=torch.uint8, device="npu")
    stats = torch.npu.memory_stats()
    assert stats["num_device_free"] > 0 and stats["num_alloc_retries"] == 0, stats
    """
    run_ok(code, tmp_path, env=LIMITED | {"PYTORCH_NPU_ALLOC_CONF": "garbage_collection_threshold:0.5"})


def test_threads_allocate_and_free_each_others_memory() -> None:
    """Eight threads on two streams each fill, check, pass on and free blocks; nobody may see another's bytes."""
    threads, steps = 8, 150
    boxes: list[queue.Queue[tuple[torch.Tensor, int] | None]] = [queue.Queue() for _ in range(threads)]
    barrier = threading.Barrier(threads)
    failures: list[str] = []

    def work(me: int) -> None:
        rng = random.Random(me)
        stream = torch.npu.Stream()
        try:
            barrier.wait()
            with torch.npu.stream(stream):
                for step in range(steps):
                    value = (me * 31 + step) % 256
                    x = torch.full((int(2 ** rng.uniform(6, 21)),), value, dtype=torch.uint8, device="npu")
                    stream.synchronize()
                    boxes[rng.randrange(threads)].put((x, value))
                    del x
                    while not boxes[me].empty():
                        given, expected = boxes[me].get()
                        given.record_stream(stream)
                        low, high = given.min().item(), given.max().item()
                        if (low, high) != (expected, expected):
                            failures.append(f"{me}/{step}: {low}..{high} instead of {expected}")
                        del given
        except Exception as error:
            failures.append(f"{me}: {error!r}")

    before = torch.npu.memory_allocated()
    workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for box in boxes:
        while not box.empty():
            box.get()
    assert not failures, failures[:5]
    torch.npu.synchronize()
    gc.collect()
    assert torch.npu.memory_allocated() == before
    check_snapshot()


def test_resize_keeps_the_data() -> None:
    """Growing copies on the device: upstream's own resize would touch the memory from the host."""
    x = torch.arange(6.0, device="npu")
    x.resize_(1 << 16)
    assert torch.equal(x[:6].cpu(), torch.arange(6.0))
    x.resize_(3)
    assert torch.equal(x.cpu(), torch.arange(3.0))
    storage = torch.arange(8, dtype=torch.uint8, device="npu").untyped_storage()
    storage.resize_(4096)
    assert storage.nbytes() == 4096 and bytes(storage.cpu()[:8].tolist()) == bytes(range(8))
    storage.resize_(4)
    storage.resize_(16)
    assert storage.cpu()[:4].tolist() == [0, 1, 2, 3]
    storage.resize_(0)
    assert storage.nbytes() == 0 and storage.data_ptr() == 0
    storage.resize_(8)
    storage.fill_(5)
    assert storage.cpu().tolist() == [5] * 8


def test_resize_on_another_stream_keeps_the_old_memory_alive() -> None:
    x = torch.full((1 << 20,), 5.0, device="npu")
    torch.npu.synchronize()
    side = torch.npu.Stream()
    with torch.npu.stream(side):
        torch.npu._sleep(500_000_000)
        x.untyped_storage().resize_(8 << 20)  # its copy waits behind the sleep
    overwritten = [torch.full((1 << 20,), -1.0, device="npu") for _ in range(4)]
    torch.npu.synchronize()
    assert torch.equal(x.cpu(), torch.full((1 << 20,), 5.0)), len(overwritten)


def test_set_storage_of_a_view_larger_than_the_storage() -> None:
    x = torch.arange(4.0, device="npu")
    y = torch.empty(0, device="npu")
    y.set_(x.untyped_storage(), 2, (4,), (1,))
    assert torch.equal(y[:2].cpu(), torch.tensor([2.0, 3.0]))
    assert x.untyped_storage().nbytes() == 24
    y.fill_(1)
    assert torch.equal(x.cpu(), torch.tensor([0.0, 1.0, 1.0, 1.0]))


def test_lazy_clone_copies_on_the_device() -> None:
    x = torch.arange(1000.0, device="npu")
    y = torch._lazy_clone(x)
    y.add_(1)
    assert torch.equal(x.cpu(), torch.arange(1000.0)) and torch.equal(y.cpu(), torch.arange(1000.0) + 1)


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(RuntimeError, match="not that of memory allocated"):
        torch_npu._C.base_allocation(0x1234)
    x = allocate(3 * MIB)
    base, size = torch_npu._C.base_allocation(x.data_ptr())
    assert base <= x.data_ptr() and x.data_ptr() + x.numel() <= base + size
