"""Works: what wait() does and does not do, when memory is let go, futures, durations, DDP hooks."""

from __future__ import annotations

import gc
import time
from datetime import timedelta

import torch
import torch.distributed as dist
from distributed.values import raises
from distributed.world import World
from torch.nn.parallel import DistributedDataParallel

import torch_npu

SLOW = 0.4  # seconds that a stream is kept busy


def keep_busy(seconds: float = SLOW) -> None:
    """Occupy the current stream; measured, since cycles are not seconds."""
    start = time.monotonic()
    torch.npu._sleep(1_000_000)
    torch.npu.current_stream().synchronize()
    torch.npu._sleep(int(1_000_000 * seconds / (time.monotonic() - start)))


def wait_does_not_block(rank: int, size: int) -> None:
    """Neither the call nor wait() waits for the device; what comes after on the stream sees the result."""
    tensor = torch.zeros(1000, device="npu")
    dist.all_reduce(tensor)
    dist.barrier()
    keep_busy()
    start = time.monotonic()
    tensor.fill_(1)
    work = dist.all_reduce(tensor, async_op=True)
    assert not work.is_completed()
    work.wait()
    doubled = tensor * 2
    elapsed = time.monotonic() - start
    assert elapsed < SLOW / 2, elapsed
    assert doubled[0].item() == 2 * size
    assert work.is_completed() and work.is_success()


def blocking_wait(rank: int, size: int) -> None:
    """With a limit the host waits, and an early limit is an error that leaves the work on its way."""
    tensor = torch.ones(10, device="npu")
    dist.barrier()
    keep_busy()
    work = dist.all_reduce(tensor, async_op=True)
    text = f"[rank {rank}]|ALLREDUCE #|20 ms|still on its way"
    raises(dist.DistBackendError, text, lambda: work.wait(timedelta(milliseconds=20)))
    work.wait(timedelta(seconds=30))
    assert work.is_completed() and tensor[0].item() == size


def barrier_blocks(rank: int, size: int) -> None:
    dist.barrier()
    start = time.monotonic()
    if rank == 1:
        time.sleep(SLOW)
    dist.barrier()
    assert time.monotonic() - start > SLOW * 0.9
    dist.barrier(device_ids=[rank])


def memory_is_kept(rank: int, size: int) -> None:
    """A tensor that is dropped before its collective ran is not handed out again until it has."""
    tensor = torch.full((1 << 18,), float(rank + 1), device="npu")
    address = tensor.data_ptr()
    output = torch.empty((size, 1 << 18), device="npu")
    side = torch.npu.Stream()
    dist.barrier()
    if rank == 1:
        time.sleep(SLOW)  # until then rank 0 cannot be through
    work = dist.all_gather_into_tensor(output, tensor, async_op=True)
    del tensor
    others = [torch.full((1 << 18,), -1.0, device="npu") for _ in range(8)]
    with torch.npu.stream(side):  # waits here are no promise to the stream that allocated it
        work.wait()
    others += [torch.full((1 << 18,), -1.0, device="npu") for _ in range(8)]
    if rank == 0:
        assert not work.is_completed()
        assert address not in [other.data_ptr() for other in others]
    with torch.npu.stream(side):
        assert [part[0].item() for part in output] == [float(other + 1) for other in range(size)]


def never_waited(rank: int, size: int) -> None:
    """Without wait() the memory is let go once the device is through."""
    torch.npu.synchronize()
    gc.collect()
    before = torch.npu.memory_allocated()
    for _ in range(20):
        dist.all_reduce(torch.ones(1 << 16, device="npu"), async_op=True)
    torch.npu.synchronize()
    deadline = time.monotonic() + 5
    while torch.npu.memory_allocated() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert torch.npu.memory_allocated() <= before


def waited(rank: int, size: int) -> None:
    """After wait() the memory belongs to the program at once."""
    for _ in range(3):
        tensor = torch.ones(1 << 16, device="npu")
        before = torch.npu.memory_allocated()
        dist.all_reduce(tensor)
        del tensor
        assert torch.npu.memory_allocated() < before


def futures(rank: int, size: int) -> None:
    tensor = torch.full((4,), float(rank), device="npu")
    work = dist.all_reduce(tensor, async_op=True)
    divided = work.get_future().then(lambda future: future.value()[0] / size)
    assert divided.wait().tolist() == [(size - 1) / 2] * 4
    assert work.result()[0].data_ptr() == tensor.data_ptr()


def durations(rank: int, size: int) -> None:
    untimed = dist.all_reduce(torch.ones(4, device="npu"), async_op=True)
    untimed.wait()
    raises(RuntimeError, "was not measured", untimed._get_duration)
    dist.group.WORLD._enable_collectives_timing()
    work = dist.all_reduce(torch.ones(1 << 20, device="npu"), async_op=True)
    work.wait()
    torch.npu.synchronize()
    assert work._get_duration() > 0


def streams_of_caller(rank: int, size: int) -> None:
    """The collective is behind the stream that is current at the call, whichever that is."""
    side = torch.npu.Stream()
    tensor = torch.zeros(1 << 16, device="npu")
    torch.npu.synchronize()
    with torch.npu.stream(side):
        keep_busy(0.1)
        tensor.fill_(1)
        dist.all_reduce(tensor)
        total = tensor.sum()
    side.synchronize()
    assert total.item() == size * (1 << 16)


def test_waits(two: World) -> None:
    for case in (wait_does_not_block, blocking_wait, barrier_blocks, streams_of_caller):
        two.run(case)


def test_memory(two: World) -> None:
    for case in (memory_is_kept, never_waited, waited):
        two.run(case)


def test_futures_and_durations(two: World) -> None:
    two.run(futures)
    two.run(durations)


def many(rank: int, size: int) -> None:
    """The host runs far ahead; nothing is lost and nothing waits."""
    tensor = torch.ones(16, dtype=torch.float64, device="npu")
    small = torch.zeros(16, device="npu")
    for _ in range(300):
        dist.all_reduce(small)
        dist.all_reduce(tensor, dist.ReduceOp.MAX)
        small += 1
    assert tensor.tolist() == [1.0] * 16
    torch.npu.synchronize()


def test_many(two: World) -> None:
    two.run(many)


def ddp(rank: int, size: int) -> None:
    """DistributedDataParallel with a hook of futures gives the gradients of the whole batch."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4))
    single = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4))
    single.load_state_dict(model.state_dict())
    batch = torch.randn(4 * size, 8)
    for hook in (None, mean_hook):
        parallel = DistributedDataParallel(model.npu())
        if hook is not None:
            parallel.register_comm_hook(None, hook)
        for _ in range(2):
            model.zero_grad()
            single.zero_grad()
            parallel(batch[4 * rank : 4 * rank + 4].npu()).square().mean().backward()
            single(batch).square().mean().backward()
            for left, right in zip(model.parameters(), single.parameters()):
                torch.testing.assert_close(left.grad.cpu(), right.grad, atol=1e-6, rtol=1e-5)


def mean_hook(state, bucket):  # DDP compares annotations with types, and here they are texts
    work = dist.all_reduce(bucket.buffer().div_(dist.get_world_size()), async_op=True)
    return work.get_future().then(lambda future: future.value()[0])


def test_data_parallel(two: World) -> None:
    two.run(ddp)


def profiled(rank: int, size: int) -> None:
    tensor = torch.ones(4, device="npu")
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        dist.all_reduce(tensor)
        torch.npu.synchronize()
    assert "hccl:all_reduce" in [event.key for event in profile.key_averages()]


def test_profiler_names_the_collective(two: World) -> None:
    two.run(profiled)


def blocked(rank: int, size: int) -> None:
    tensor = torch.ones(4, device="npu")
    dist.all_reduce(tensor)
    keep_busy()
    work = dist.all_reduce(tensor, async_op=True)
    work.wait()
    assert work.is_completed()
    assert torch_npu.distributed.is_hccl_available() and dist.is_hccl_available()


def test_blocking_wait_by_environment() -> None:
    world = World(2, env={"TORCH_HCCL_BLOCKING_WAIT": "1", "TORCH_HCCL_HIGH_PRIORITY": "1"})
    world.run(blocked)
    world.close()
