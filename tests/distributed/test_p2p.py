"""Messages: blocking, asynchronous in any order, in batches, and what is refused."""

from __future__ import annotations

import time

import torch
import torch.distributed as dist
from distributed.values import MOVED, raises, same, value
from distributed.world import World, init_group
from torch.distributed.distributed_c10d import _coalescing_manager


def send_and_receive(rank: int, size: int) -> None:
    for dtype in MOVED:
        if rank == 0:
            dist.send(value(0, (3, 2), dtype).npu(), 1)
        elif rank == 1:
            tensor = torch.empty((3, 2), dtype=dtype, device="npu")
            assert dist.recv(tensor, 0) == 0
            same(tensor, value(0, (3, 2), dtype), dtype)
    empty = torch.empty(0, device="npu")
    if rank == 0:
        dist.send(empty, 1)
    elif rank == 1:
        dist.recv(empty, 0)


def ring(rank: int, size: int, sends_first: bool) -> None:
    """All send to the next rank before anyone receives, or the other way round: nobody may wait for his turn."""
    received = [torch.empty(4, device="npu") for _ in range(3)]
    sent = [torch.full((4,), float(10 * rank + number), device="npu") for number in range(3)]
    sends = [lambda tensor=tensor: dist.isend(tensor, (rank + 1) % size) for tensor in sent]
    receives = [lambda tensor=tensor: dist.irecv(tensor, (rank - 1) % size) for tensor in received]
    works = [start() for start in (sends + receives if sends_first else receives + sends)]
    for work in reversed(works):
        assert work.wait()
    before = (rank - 1) % size
    assert [tensor.tolist() for tensor in received] == [[10.0 * before + number] * 4 for number in range(3)]


def test_first_use_without_a_collective() -> None:
    """Nothing is connected yet, so these ranks also connect in a ring."""
    world = World(4)
    world.run(ring, True)
    world.run(ring, False)
    world.run(send_and_receive)
    world.close()


def after_collective(rank: int, size: int) -> None:
    """One side sends before the group has a communicator, the other receives after it has."""
    tensor = torch.full((2,), float(rank), device="npu")
    total = torch.ones(1, device="npu")
    if rank == 0:
        work = dist.isend(tensor, 1)
        time.sleep(0.2)
    dist.all_reduce(total)
    if rank == 1:
        work = dist.irecv(tensor, 0)
    work.wait()
    assert tensor.tolist() == [0.0, 0.0] and total.item() == size


def test_message_around_the_first_collective() -> None:
    world = World(2)
    world.run(after_collective)
    world.close()


def test_messages(four: World) -> None:
    four.run(send_and_receive)
    four.run(ring, True)
    four.run(ring, False)


def batch(rank: int, size: int) -> None:
    following, before = (rank + 1) % size, (rank - 1) % size
    sent = torch.full((5,), float(rank), device="npu")
    received, second = torch.empty(5, device="npu"), torch.empty(2, dtype=torch.int64, device="npu")
    works = dist.batch_isend_irecv(
        [
            dist.P2POp(dist.irecv, received, before),
            dist.P2POp(dist.isend, sent, following),
            dist.P2POp(dist.isend, torch.full((2,), rank, device="npu"), following),
            dist.P2POp(dist.irecv, second, before),
        ]
    )
    assert len(works) == 1
    for work in works:
        work.wait()
    assert received.tolist() == [float(before)] * 5 and second.tolist() == [before] * 2
    with _coalescing_manager(device=torch.device("npu", rank), async_ops=True) as manager:
        inside = dist.isend(sent, following)
        dist.irecv(received, before)
        raises(dist.DistBackendError, "end the batch first", inside.wait)
    manager.wait()
    inside.wait()


def empty_batch(rank: int, size: int) -> None:
    with _coalescing_manager(device=torch.device("npu", rank), async_ops=True):
        pass


def test_batches(two: World, four: World) -> None:
    for world in (two, four):
        world.run(batch)
        world.run(empty_batch)


def failed_batch(rank: int, size: int) -> None:
    """A batch that fails half way leaves nothing open."""
    tensor, cpu = torch.ones(2, device="npu"), torch.ones(2)
    peer = 1 - rank
    for wrong in (cpu, tensor.view(2, 1).expand(2, 2)):
        started = []

        def half(wrong: torch.Tensor = wrong, started: list[dist.Work] = started) -> None:
            with _coalescing_manager(device=torch.device("npu", rank), async_ops=True):
                started.append(dist.isend(tensor, peer))
                dist.group.WORLD._get_backend(torch.device("npu")).recv([wrong], peer, 0)

        raises(ValueError, "recv", half)
        raises(dist.DistBackendError, "was dropped", started[0].wait)
    received = torch.zeros(2, device="npu")
    works = [dist.isend(tensor, peer), dist.irecv(received, peer)]
    for work in works:
        work.wait()
    # torch's manager does not end its own record of the batch, and would only note the next all_reduce
    dist.distributed_c10d._world.pg_coalesce_state.pop(dist.group.WORLD)
    dist.all_reduce(received)
    assert received.tolist() == [2.0, 2.0]


def test_failed_batch(two: World) -> None:
    two.run(failed_batch)


def other_device(rank: int, size: int) -> None:
    """A group can use several devices of a process: rank r also has npu:r+2."""
    for device in (rank, rank + 2):
        tensor = torch.full((2,), float(rank), device=f"npu:{device}")
        dist.all_reduce(tensor)
        assert tensor.tolist() == [1.0, 1.0]
        if rank == 0:
            dist.send(tensor + device, 1)
        else:
            dist.recv(tensor, 0)
            assert tensor.tolist() == [device - 1 + 1.0] * 2


def test_second_device() -> None:
    world = World(2)
    world.run(other_device)
    world.close()


def test_detail_debug_level() -> None:
    """torch wraps the group to compare the calls of all ranks; messages and batches pass through."""
    world = World(2, env={"TORCH_DISTRIBUTED_DEBUG": "DETAIL"}, group=None)
    world.run(init_group)
    world.run(send_and_receive)
    world.close()
