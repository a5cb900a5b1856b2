"""torch.npu and torch.accelerator: devices, streams, events, random numbers, memory, names."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from collections.abc import Iterator

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

import torch_npu

two_devices = pytest.mark.skipif(torch.npu.device_count() < 2, reason="needs two devices")


@pytest.fixture(autouse=True)
def device_zero() -> Iterator[None]:
    torch.npu.set_device(0)
    torch.npu.set_stream(torch.npu.default_stream())
    yield
    torch.npu.set_device(0)
    torch.npu.synchronize()


class TestDevices:
    def test_names(self) -> None:
        assert torch.device("npu").type == "npu"
        assert torch.npu is torch_npu.npu is torch.get_device_module("npu")
        assert torch._C._get_privateuse1_backend_name() == "npu"
        assert torch.npu.is_available() is True
        assert torch.npu.device_count() > 0

    def test_information(self) -> None:
        properties = torch.npu.get_device_properties(0)
        assert properties.name == torch.npu.get_device_name() == torch.npu.get_device_name("npu:0")
        assert properties.name.startswith("Ascend")
        free, total = torch.npu.mem_get_info()
        assert 0 < free <= total
        assert properties.total_memory == total
        assert properties.cube_core_num > 0 and properties.vector_core_num > 0
        assert properties.name in repr(properties)
        assert torch.npu.get_device_capability() is None
        assert 0 <= torch.npu.utilization() <= 100

    def test_generations_without_bfloat16(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from torch_npu.npu import device

        names = {"Ascend910A": False, "Ascend910ProB": False, "Ascend310P3": False, "Ascend910B": False}
        names |= {"Ascend910B2": True, "Ascend910B4-1": True, "Ascend910_9391": True, "Ascend950PR_9599": True}
        module = sys.modules["torch_npu.npu.device"]
        assert module.device is device
        for name, expected in names.items():

            class Fake:
                device_count = staticmethod(lambda: 1)
                device_name = staticmethod(lambda index, name=name: name)

            monkeypatch.setattr(module, "_C", Fake)
            assert torch.npu.is_bf16_supported() is expected, name
            assert (torch.bfloat16 in torch.npu.get_amp_supported_dtype()) is expected

    @two_devices
    def test_current_device(self) -> None:
        assert torch.npu.current_device() == 0
        torch.npu.set_device("npu:1")
        assert torch.npu.current_device() == 1
        assert torch.ones(1, device="npu").device == torch.device("npu:1")
        torch.npu.set_device(torch.device("npu", 0))
        torch.npu.set_device(-1)
        assert torch.npu.current_device() == 0
        with torch.npu.device(1):
            assert torch.empty(1, device="npu").device.index == 1
            with torch.npu.device("npu:0"), torch.npu.device(None), torch.npu.device(-1):
                assert torch.npu.current_device() == 0
            assert torch.npu.current_device() == 1
        assert torch.npu.current_device() == 0
        with torch.npu.device_of(torch.empty(1, device="npu:1")):
            assert torch.npu.current_device() == 1
        with torch.npu.device_of(torch.empty(1)):
            assert torch.npu.current_device() == 0

    @two_devices
    def test_current_device_belongs_to_the_thread(self) -> None:
        torch.npu.set_device(1)
        seen = []
        thread = threading.Thread(target=lambda: seen.append((torch.npu.current_device(), torch.ones(1).npu().device)))
        thread.start()
        thread.join()
        assert seen == [(0, torch.device("npu:0"))]
        assert torch.npu.current_device() == 1

    @two_devices
    def test_peers(self) -> None:
        assert isinstance(torch.npu.can_device_access_peer(0, 1), bool)
        x = torch.arange(6.0, device="npu:0").to("npu:1")
        assert x.device.index == 1
        assert x.tolist() == [0, 1, 2, 3, 4, 5]

    def test_device_context_and_default_device(self) -> None:
        with torch.device("npu"):
            assert torch.empty(2).device.type == "npu"
            assert torch.nn.Linear(2, 2).weight.device.type == "npu"
        torch.set_default_device("npu")
        try:
            assert torch.zeros(2).device.type == "npu"
        finally:
            torch.set_default_device(None)
        assert torch.zeros(2).device.type == "cpu"

    def test_methods(self) -> None:
        x = torch.ones(2).npu()
        assert x.is_npu and not torch.ones(2).is_npu
        assert x.npu() is x and x.npu(0).device == x.device
        assert torch.ones(2).npu(non_blocking=True).is_npu
        module = torch.nn.Linear(2, 2).npu()
        assert module.weight.is_npu and isinstance(module.weight, torch.nn.Parameter)
        assert x.untyped_storage().is_npu and torch.ones(2).untyped_storage().npu().is_npu
        packed = torch.nn.utils.rnn.pack_sequence([torch.ones(2, 1), torch.ones(1, 1)])
        assert packed.npu().is_npu

    def test_integer_devices(self) -> None:
        last = torch.npu.device_count() - 1
        assert torch.ones(2).to(last).device == torch.device("npu", last)
        assert torch.ones(2, device=last).device == torch.device("npu", last)
        assert torch.device(last) == torch.device("npu", last)
        assert torch.nn.Linear(1, 1).to(last).weight.device.index == last

    def test_pinned_memory(self) -> None:
        x = torch.arange(8.0)
        pinned = x.pin_memory()
        assert pinned.is_pinned() and not x.is_pinned()
        assert torch.equal(pinned.to("npu", non_blocking=True).cpu(), x)
        (batch,) = next(iter(DataLoader(TensorDataset(x), batch_size=8, pin_memory=True)))
        assert batch.is_pinned()
        assert torch.npu.host_memory_stats()["allocated_bytes.current"] > 0
        del batch, pinned
        torch.npu.host_empty_cache()

    def test_copies_and_pickles(self) -> None:
        x = torch.arange(6.0, device="npu").reshape(2, 3)
        for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.clone()):
            assert y.device == x.device and torch.equal(y.cpu(), x.cpu()) and y.data_ptr() != x.data_ptr()


class TestAccelerator:
    def test_devices(self) -> None:
        assert torch.accelerator.current_accelerator() == torch.device("npu")
        assert torch.accelerator.current_accelerator(check_available=True) == torch.device("npu")
        assert torch.accelerator.is_available()
        assert torch.accelerator.device_count() == torch.npu.device_count()
        assert torch.accelerator.current_device_index() == 0
        assert torch.float32 in torch.accelerator.get_device_capability()["supported_dtypes"]

    @two_devices
    def test_device_index(self) -> None:
        torch.accelerator.set_device_index(1)
        assert torch.npu.current_device() == 1
        with torch.accelerator.device_index(0):
            assert torch.npu.current_device() == 0
        assert torch.npu.current_device() == 1

    def test_streams(self) -> None:
        stream = torch.Stream(device="npu")
        torch.accelerator.set_stream(stream)
        assert torch.accelerator.current_stream() == torch.npu.current_stream() == stream
        torch.accelerator.set_stream(torch.npu.default_stream())
        with stream:
            assert torch.npu.current_stream() == stream
        assert torch.npu.current_stream() == torch.npu.default_stream()
        torch.accelerator.synchronize()

    def test_memory(self) -> None:
        x = torch.empty(1 << 20, dtype=torch.uint8, device="npu")
        assert torch.accelerator.memory_allocated() == torch.npu.memory_allocated() >= x.numel()
        assert torch.accelerator.memory_reserved() == torch.npu.memory_reserved()
        assert torch.accelerator.max_memory_allocated() == torch.npu.max_memory_allocated()
        assert torch.accelerator.max_memory_reserved() == torch.npu.max_memory_reserved()
        assert torch.accelerator.get_memory_info()[1] == torch.npu.mem_get_info()[1]
        stats = torch.npu.memory_stats()
        shared = torch.accelerator.memory_stats()
        assert all(stats[key] == value for key, value in shared.items() if key in stats)
        torch.accelerator.reset_peak_memory_stats()
        torch.accelerator.reset_accumulated_memory_stats()
        torch.accelerator.empty_cache()
        torch.accelerator.empty_host_cache()


class TestStreams:
    def test_types(self) -> None:
        stream = torch.npu.Stream()
        assert isinstance(stream, torch.Stream) and isinstance(stream, torch.npu.Stream)
        assert stream.device == torch.device("npu:0")
        assert isinstance(torch.npu.current_stream(), torch.npu.Stream)
        assert torch.npu.current_stream() == torch.npu.default_stream() != stream
        assert len({stream, torch.npu.Stream(**ids(stream))}) == 1
        assert "torch.npu.Stream" in repr(stream)
        assert stream.npu_stream != torch.npu.default_stream().npu_stream != 0
        assert isinstance(torch.npu.Stream(priority=-1), torch.npu.Stream)

    @two_devices
    def test_stream_of_another_device(self) -> None:
        other = torch.npu.Stream(device="npu:1")
        assert other.device_index == 1
        here = torch.npu.Stream()
        with torch.npu.stream(here):
            with torch.npu.stream(other):
                assert torch.npu.current_device() == 1
                assert torch.npu.current_stream() == other
                assert torch.npu.current_stream(0) == here
            assert torch.npu.current_device() == 0
            assert torch.npu.current_stream() == here
            assert torch.npu.current_stream(1) == torch.npu.default_stream(1)
        torch.npu.set_stream(other)
        assert torch.npu.current_device() == 1
        torch.npu.set_stream(torch.npu.default_stream(1))

    def test_context(self) -> None:
        stream = torch.npu.Stream()
        with torch.npu.stream(stream) as context:
            assert isinstance(context, torch.npu.StreamContext)
            assert torch.npu.current_stream() == stream
        assert torch.npu.current_stream() == torch.npu.default_stream()
        with torch.npu.stream(None):
            assert torch.npu.current_stream() == torch.npu.default_stream()
        with pytest.raises(RuntimeError, match="boom"), torch.npu.stream(stream):
            raise RuntimeError("boom")
        assert torch.npu.current_stream() == torch.npu.default_stream()

    def test_current_stream_belongs_to_the_thread(self) -> None:
        seen = []
        with torch.npu.stream(torch.npu.Stream()):
            thread = threading.Thread(target=lambda: seen.append(torch.npu.current_stream()))
            thread.start()
            thread.join()
        assert seen == [torch.npu.default_stream()]

    def test_order_between_streams(self) -> None:
        x = torch.zeros(1 << 12, device="npu")
        producer, consumer = torch.npu.Stream(), torch.npu.Stream()
        producer.wait_stream(torch.npu.current_stream())
        with torch.npu.stream(producer):
            torch.npu._sleep(20_000_000)
            x.add_(1)
        event = producer.record_event()
        assert isinstance(event, torch.npu.Event)
        assert not event.query() and not producer.query()
        consumer.wait_event(event)
        with torch.npu.stream(consumer):
            y = x * 2
        consumer.synchronize()
        assert event.query() and producer.query()
        assert y.cpu().unique().tolist() == [2]
        x.record_stream(producer)

    def test_external_stream(self) -> None:
        owner = torch.npu.Stream()
        external = torch.npu.ExternalStream(owner.npu_stream)
        assert isinstance(external, torch.npu.Stream)
        assert external.npu_stream == owner.npu_stream
        with torch.npu.stream(external):
            x = torch.ones(4, device="npu") + 1
        external.synchronize()
        assert x.sum().item() == 8

    def test_events(self) -> None:
        start, end = (torch.npu.Event(enable_timing=True) for _ in range(2))
        assert isinstance(start, torch.Event)
        assert start.query()
        start.record()
        torch.npu._sleep(20_000_000)
        end.record(torch.npu.current_stream())
        end.synchronize()
        first = start.elapsed_time(end)
        assert first > 1
        start.record()
        end.record()
        end.synchronize()
        assert 0 <= start.elapsed_time(end) < first
        assert "torch.npu.Event" in repr(start)
        with pytest.raises(ValueError, match="enable_timing"):
            torch.npu.Event().elapsed_time(torch.npu.Event())
        with pytest.raises(NotImplementedError, match="interprocess"):
            torch.npu.Event(interprocess=True)


def ids(stream: torch.Stream) -> dict[str, int]:
    return {name: getattr(stream, name) for name in ("stream_id", "device_index", "device_type")}


class TestRandom:
    def test_seed_is_the_same_numbers(self) -> None:
        torch.manual_seed(7)
        first = torch.rand(8, device="npu").cpu()
        torch.npu.manual_seed_all(7)
        second = torch.rand(8, device="npu").cpu()
        torch.npu.manual_seed(8)
        assert torch.equal(first, second)
        assert not torch.equal(first, torch.rand(8, device="npu").cpu())
        assert torch.npu.initial_seed() == 8

    def test_state(self) -> None:
        torch.npu.manual_seed(5)
        state = torch.npu.get_rng_state()
        assert state.device.type == "cpu" and state.dtype == torch.uint8 and state.numel() == 16
        assert state[:8].view(torch.int64).item() == 5
        first = torch.rand(4, device="npu").cpu()
        assert not torch.equal(torch.npu.get_rng_state(), state)
        torch.npu.set_rng_state(state)
        assert torch.equal(torch.rand(4, device="npu").cpu(), first)
        states = torch.npu.get_rng_state_all()
        assert len(states) == torch.npu.device_count()
        torch.npu.set_rng_state_all(states)
        assert torch.equal(torch.npu.get_rng_state("npu:0"), states[0])

    def test_offset(self) -> None:
        torch.npu.manual_seed(5)
        assert torch.npu._get_rng_state_offset() == 0
        torch.npu._set_rng_state_offset(8)
        assert torch.npu._get_rng_state_offset() == 8

    def test_seeds_from_chance(self) -> None:
        torch.npu.seed()
        first = torch.npu.initial_seed()
        torch.npu.seed_all()
        assert torch.npu.initial_seed() != first
        assert len({generator.initial_seed() for generator in torch.npu.default_generators}) == 1

    def test_fork_rng(self) -> None:
        torch.npu.manual_seed(1)
        before = torch.npu.get_rng_state_all()
        with torch.random.fork_rng(range(torch.npu.device_count()), device_type="npu"):
            torch.npu.manual_seed_all(9)
            torch.rand(4, device="npu")
        assert all(torch.equal(a, b) for a, b in zip(before, torch.npu.get_rng_state_all()))

    def test_own_generator(self) -> None:
        generator = torch.Generator(device="npu").manual_seed(3)
        assert generator.device == torch.device("npu:0")
        before = torch.npu.get_rng_state()
        first = torch.rand(4, device="npu", generator=generator).cpu()
        assert torch.equal(torch.npu.get_rng_state(), before)
        assert torch.equal(torch.rand(4, device="npu", generator=generator.manual_seed(3)).cpu(), first)
        assert len(torch.npu.default_generators) == torch.npu.device_count()

    def test_checkpoint_keeps_the_state(self) -> None:
        from torch.utils.checkpoint import checkpoint

        x = torch.ones(64, device="npu", requires_grad=True)

        def noisy(value: torch.Tensor) -> torch.Tensor:
            return value * torch.rand(64, device="npu")

        torch.npu.manual_seed(2)
        y = checkpoint(noisy, x, use_reentrant=False)
        y.sum().backward()
        assert torch.equal(x.grad.cpu(), y.detach().cpu())


class TestMemory:
    def test_accounting(self) -> None:
        torch.npu.synchronize()
        torch.npu.empty_cache()
        torch.npu.reset_peak_memory_stats()
        before = torch.npu.memory_allocated()
        x = torch.empty(3 << 20, dtype=torch.uint8, device="npu")
        assert torch.npu.memory_allocated() - before == 3 << 20
        assert torch.npu.memory_reserved() >= torch.npu.memory_allocated()
        del x
        assert torch.npu.memory_allocated() == before
        assert torch.npu.max_memory_allocated() == before + (3 << 20)
        torch.npu.reset_peak_memory_stats()
        assert torch.npu.max_memory_allocated() == before
        torch.npu.empty_cache()
        assert torch.npu.max_memory_reserved() >= torch.npu.memory_reserved()

    def test_statistics(self) -> None:
        kept = torch.empty(5000, device="npu")
        stats = torch.npu.memory_stats("npu:0")
        nested = torch.npu.memory_stats_as_nested_dict()
        assert stats["allocated_bytes.all.current"] == nested["allocated_bytes"]["all"]["current"] >= kept.nbytes
        for family in ("allocation", "segment", "active", "inactive_split", "requested_bytes", "reserved_bytes"):
            for pool in ("all", "large_pool", "small_pool"):
                for column in ("current", "peak", "allocated", "freed"):
                    assert stats[f"{family}.{pool}.{column}"] >= 0
        assert stats["num_ooms"] >= 0 and stats["num_alloc_retries"] >= 0
        torch.npu.reset_accumulated_memory_stats()
        assert torch.npu.memory_stats()["allocation.all.allocated"] <= stats["allocation.all.allocated"]

    def test_summary(self) -> None:
        kept = torch.empty(5 << 20, dtype=torch.uint8, device="npu")
        summary = torch.npu.memory_summary()
        assert "Allocated memory" in summary and "large pool" in summary and "MiB" in summary
        assert len({len(line) for line in summary.splitlines()}) == 1
        assert "large pool" not in torch.npu.memory_summary(abbreviated=True)
        del kept

    def test_snapshot_and_history(self, tmp_path: object) -> None:
        torch.npu.memory._record_memory_history()
        kept = torch.empty(6 << 20, dtype=torch.uint8, device="npu")
        snapshot = torch.npu.memory._snapshot()
        torch.npu.memory._record_memory_history(None)
        blocks = [block for segment in snapshot["segments"] for block in segment["blocks"]]
        (block,) = (block for block in blocks if block["address"] == kept.data_ptr())
        assert block["state"] == "active_allocated" and block["size"] >= kept.nbytes
        assert any(frame["name"] == "test_snapshot_and_history" for frame in block["frames"])
        assert any(entry["action"] == "alloc" for entry in snapshot["device_traces"][0])
        for segment in torch.npu.memory_snapshot():
            assert segment["total_size"] == sum(block["size"] for block in segment["blocks"])
            assert segment["segment_type"] in ("large", "small") and segment["device"] >= 0
        with pytest.raises(ValueError, match="expected one of"):
            torch.npu.memory._record_memory_history("everything")

    def test_fraction(self) -> None:
        total = torch.npu.mem_get_info()[1]
        torch.npu.empty_cache()
        assert torch.npu.get_per_process_memory_fraction() == 1.0
        torch.npu.set_per_process_memory_fraction(0.25)
        try:
            assert torch.npu.get_per_process_memory_fraction() == 0.25
            with pytest.raises(torch.OutOfMemoryError):
                torch.empty(total // 3, dtype=torch.uint8, device="npu")
        finally:
            torch.npu.set_per_process_memory_fraction(1.0)
        for wrong in (0, 1.5, -1):
            with pytest.raises(ValueError, match="fraction must be above 0"):
                torch.npu.set_per_process_memory_fraction(wrong)
        with pytest.raises(TypeError):
            torch.npu.set_per_process_memory_fraction("half")

    def test_old_names(self) -> None:
        for name in ("memory_cached", "max_memory_cached", "reset_max_memory_allocated", "reset_max_memory_cached"):
            with pytest.warns(FutureWarning, match=f"torch.npu.{name} is now"):
                getattr(torch.npu, name)()
