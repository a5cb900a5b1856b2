"""Wrong arguments: an error at the call that says what is wrong, and a group that works afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist
from distributed.values import raises
from distributed.world import World, case_store, init_group
from torch.distributed import distributed_c10d as c10d

import torch_npu

NPU = torch.device("npu")


def works(rank: int, size: int) -> None:
    tensor = torch.ones(2, device="npu")
    dist.all_reduce(tensor)
    assert tensor.tolist() == [float(size)] * 2


def backend() -> dist.Backend:
    return dist.group.WORLD._get_backend(NPU)


def tensors(rank: int, size: int) -> None:
    good = torch.ones(4, device="npu")
    group, options = backend(), c10d.AllreduceOptions()
    raises(ValueError, f"[rank {rank}] all_reduce|on cpu|.npu()", lambda: group.allreduce([torch.ones(2)], options))
    raises(RuntimeError, "No backend type associated with device type cpu", lambda: dist.all_reduce(torch.ones(2)))
    strided = torch.ones(4, 4, device="npu").t()[:2]
    raises(ValueError, "all_reduce|not contiguous|.contiguous()", lambda: dist.all_reduce(strided))
    raises(ValueError, "broadcast|not contiguous", lambda: dist.broadcast(strided, 0))
    raises(ValueError, "send|not contiguous", lambda: dist.send(strided, 1 - rank))
    raises(ValueError, "takes one tensor, but got 2", lambda: group.allreduce([good, good], options))
    raises(ValueError, "takes one tensor, but got 0", lambda: group.broadcast([], c10d.BroadcastOptions()))
    other = torch.ones(4, device=f"npu:{rank + 2}")
    raises(ValueError, f"npu:{rank}|npu:{rank + 2}|one device", lambda: dist.all_gather([good, other], good.clone()))
    conjugated = torch.ones(2, dtype=torch.complex64, device="npu").conj()
    raises(ValueError, "conjugated|resolve_conj", lambda: group.allreduce([conjugated], options))
    works(rank, size)


def operations(rank: int, size: int) -> None:
    op = dist.ReduceOp
    group = backend()

    def reduce(dtype: torch.dtype, operation: object) -> Callable[[], object]:
        options = c10d.AllreduceOptions()
        options.reduceOp = operation
        return lambda: group.allreduce([torch.ones(2, device="npu").to(dtype)], options)

    raises(ValueError, "all_reduce|ReduceOp.AVG|Bool", reduce(torch.bool, op.AVG))
    raises(ValueError, "all_reduce|ReduceOp.BAND|Float", reduce(torch.float32, op.BAND))
    raises(ValueError, "all_reduce|ReduceOp.BXOR|Double", reduce(torch.float64, op.BXOR))
    raises(ValueError, "all_reduce|ReduceOp.PRODUCT|ComplexFloat", reduce(torch.complex64, op.PRODUCT))
    raises(ValueError, "all_reduce|ReduceOp.SUM|Float8_e4m3fn", reduce(torch.float8_e4m3fn, op.SUM))
    raises(ValueError, "all_reduce|ReduceOp.SUM|UInt64", reduce(torch.uint64, op.SUM))
    bad = torch.ones(2, device="npu")
    raises(ValueError, "reduce_scatter_tensor|ReduceOp.BOR", lambda: dist.reduce_scatter_tensor(bad[:1], bad, op.BOR))
    works(rank, size)


def sizes(rank: int, size: int) -> None:
    one, two, three = (torch.ones(count, device="npu") for count in (1, 2, 3))
    whole = torch.ones(2 * size, device="npu")
    group = backend()
    gather, scatter = c10d.AllgatherOptions(), c10d.ReduceScatterOptions()
    raises(
        ValueError,
        "all_gather_into_tensor|has 3 elements|2 times the 2",
        lambda: group._allgather_base(three, two, gather),
    )
    raises(
        ValueError,
        "reduce_scatter_tensor|has 3 elements|2 times the 2",
        lambda: group._reduce_scatter_base(two, three, scatter),
    )
    raises(ValueError, "all_gather|1 tensors|2 ranks", lambda: group.allgather([[two]], [two], gather))
    raises(ValueError, "all_gather|has 3 elements|has 2", lambda: group.allgather([[three, three]], [two], gather))
    raises(ValueError, "reduce_scatter|has 3|has 2", lambda: group.reduce_scatter([two], [[three, three]], scatter))
    raises(TypeError, "Float and Long", lambda: group._allgather_base(whole.long(), two, gather))
    raises(ValueError, "all_to_all_single|3|2 ranks", lambda: dist.all_to_all_single(three.clone(), three))
    raises(
        ValueError,
        "split sizes of the input add up to 5",
        lambda: dist.all_to_all_single(three, three.clone(), [1, 2], [2, 3]),
    )
    raises(ValueError, "1 split sizes of the output", lambda: dist.all_to_all_single(three, three.clone(), [3], [1, 2]))
    raises(ValueError, "input has 2 elements and the output 4", lambda: dist.all_to_all_single(whole, two))
    raises(ValueError, "all_to_all|sends itself", lambda: dist.all_to_all([one, three], [three, one]))
    works(rank, size)


def ranks(rank: int, size: int) -> None:
    tensor = torch.ones(2, device="npu")
    group = backend()
    broadcast, reduce = c10d.BroadcastOptions(), c10d.ReduceOptions()
    broadcast.rootRank, reduce.rootRank = size, -1
    raises(ValueError, "broadcast|no rank 2|2 ranks", lambda: group.broadcast([tensor], broadcast))
    raises(ValueError, "reduce|no rank -1", lambda: group.reduce([tensor], reduce))
    raises(ValueError, "send|no rank 7", lambda: group.send([tensor], 7, 0))
    raises(ValueError, "send to itself|copy the tensor", lambda: group.send([tensor], rank, 0))
    raises(ValueError, "receive from itself", lambda: dist.irecv(tensor, rank))
    raises(ValueError, "any rank|name the source", lambda: dist.recv(tensor))
    gather = c10d.GatherOptions()
    gather.rootRank = 1 - rank
    raises(ValueError, "gather|not the destination", lambda: group.gather([[tensor]], [tensor], gather))
    raises(RuntimeError, "There is no device npu:17", lambda: dist.barrier(device_ids=[17]))
    works(rank, size)


@pytest.mark.parametrize("case", [tensors, operations, sizes, ranks])
def test_arguments(two: World, case: object) -> None:
    two.run(case)


def options(rank: int, size: int) -> None:
    Options = torch_npu.distributed.ProcessGroupHCCL.Options
    made = Options()

    def set_to(config: dict[str, object]) -> Callable[[], None]:
        return lambda: setattr(made, "hccl_config", config)

    raises(ValueError, "no key 'buffer'|hccl_buffer_size", set_to({"buffer": 3}))
    raises(ValueError, "hccl_buffer_size|number", set_to({"hccl_buffer_size": "big"}))
    raises(ValueError, "qos_service_level|0 to 7", set_to({"qos_service_level": 8}))
    raises(ValueError, "group_name|127", set_to({"group_name": "x" * 128}))
    raises(TypeError, "pg_options|ProcessGroupHCCL.Options|object", lambda: init_group(rank, size, pg_options=object()))
    assert not dist.is_initialized()


def after_destroy(rank: int, size: int) -> None:
    case_store[:] = [dist.PrefixStore("destroy", case_store[0])]
    init_group(rank, size)
    raises(ValueError, "trying to initialize the default process group twice", lambda: init_group(rank, size))
    group, kept, tensor = dist.new_group(), dist.group.WORLD, torch.ones(2, device="npu")
    dist.all_reduce(tensor, group=group)
    work = dist.all_reduce(tensor, group=group, async_op=True)
    dist.destroy_process_group(group)
    work.wait()
    assert tensor.tolist() == [size * size] * 2
    text = f"[rank {rank}]|was destroyed|init_process_group"
    raises(dist.DistBackendError, text, lambda: group.allreduce([tensor]))
    raises(dist.DistBackendError, text, lambda: group.send([tensor], 1 - rank, 0))
    dist.all_reduce(tensor)
    dist.destroy_process_group()
    raises(dist.DistBackendError, text, lambda: kept.allreduce([tensor]))
    raises(ValueError, "Default process group has not been initialized", lambda: dist.all_reduce(tensor))


def test_options_and_use_after_destroy() -> None:
    world = World(2, group=None)
    world.run(options)
    world.run(after_destroy)
    world.close()


def same_device(rank: int, size: int) -> None:
    torch.npu.set_device(0)
    raises(ValueError, "rank 0|rank 1|use one device", lambda: dist.all_reduce(torch.ones(2, device="npu")))


def own_devices(rank: int, size: int) -> None:
    torch.npu.set_device(rank)
    works(rank, size)


def test_two_ranks_on_one_device() -> None:
    world = World(2)
    world.run(same_device)
    world.run(own_devices)
    world.close()


def wrong_environment(rank: int, size: int) -> None:
    raises(ValueError, "TORCH_HCCL_ASYNC_ERROR_HANDLING|7|0, 1, 2 or 3", lambda: init_group(rank, size))


def test_wrong_environment() -> None:
    world = World(1, env={"TORCH_HCCL_ASYNC_ERROR_HANDLING": "7"}, group=None)
    world.run(wrong_environment)
    world.close()


def timeouts(rank: int, size: int) -> None:
    raises(ValueError, "time-out|positive", lambda: dist.group.WORLD.set_timeout(timedelta(seconds=-1)))
    works(rank, size)


def test_timeouts(two: World) -> None:
    two.run(timeouts)
