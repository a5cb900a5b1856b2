"""Groups: parts of the world, several at once, split, mixed with gloo, destroyed at any time, made again."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist
from distributed.world import World, case_store, init_group
from torch.distributed.device_mesh import init_device_mesh

import torch_npu


def total(rank: int, group: dist.ProcessGroup | None = None) -> float:
    tensor = torch.full((3,), float(rank + 1), device="npu")
    dist.all_reduce(tensor, group=group)
    return tensor[0].item()


def sub_groups(rank: int, size: int) -> None:
    pairs = [dist.new_group([0, 1]), dist.new_group([2, 3])]
    odd = dist.new_group([1, 3], group_desc="odd")
    assert total(rank, pairs[rank // 2]) == (3 if rank < 2 else 7)
    if rank % 2 == 1:
        assert total(rank, odd) == 6
        tensor = torch.full((1,), float(rank), device="npu")
        dist.broadcast(tensor, group_src=1, group=odd)
        assert tensor.item() == 3
        if rank == 1:
            dist.send(tensor + 1, 3, group=odd)
        else:
            dist.recv(tensor, 1, group=odd)
            assert tensor.item() == 4
    # several groups are under way at once
    tensors = [torch.ones(1000, device="npu") for _ in range(3)]
    works = [dist.all_reduce(tensors[0], async_op=True)]
    works.append(dist.all_reduce(tensors[1], group=pairs[rank // 2], async_op=True))
    if rank % 2 == 1:
        works.append(dist.all_reduce(tensors[2], group=odd, async_op=True))
    for work in reversed(works):
        work.wait()
    assert [tensor[0].item() for tensor in tensors] == [4, 2, 2 if rank % 2 == 1 else 1]
    dist.destroy_process_group(pairs[rank // 2])
    if rank % 2 == 1:
        dist.destroy_process_group(odd)
    assert total(rank) == 10


def many_groups(rank: int, size: int) -> None:
    groups = [dist.new_group() for _ in range(8)]
    for _ in range(2):
        for group in groups:
            assert total(rank, group) == 10
    for group in groups:
        dist.destroy_process_group(group)


def mesh(rank: int, size: int) -> None:
    grid = init_device_mesh("npu", (2, 2), mesh_dim_names=("rows", "columns"))
    assert total(rank, grid.get_group("rows")) == (4 if rank % 2 == 0 else 6)
    assert total(rank, grid.get_group("columns")) == (3 if rank < 2 else 7)


def test_sub_groups(four: World) -> None:
    for case in (sub_groups, many_groups, mesh):
        four.run(case)


def split(rank: int, size: int) -> None:
    """With a device bound the group connects at once, and can be split."""
    init_group(rank, size, device_id=torch.device("npu", rank))
    backend = dist.group.WORLD._get_backend(torch.device("npu"))
    assert dist.get_backend() == "hccl" and backend.supports_splitting
    assert backend.get_hccl_comm_name(rank, init_comm=False) != ""
    part = dist.split_group(split_ranks=[[0, 2], [1, 3]], group_desc="half")
    assert total(rank, part) == (4 if rank % 2 == 0 else 6)
    tensor = torch.full((1,), float(rank), device="npu")
    if rank < 2:
        dist.send(tensor, rank + 2, group=part)
    else:
        dist.recv(tensor, rank - 2, group=part)
        assert tensor.item() == rank - 2
    other = dist.new_group([0, 3])
    if rank in (0, 3):
        assert total(rank, other) == 5
    dist.destroy_process_group()


def mixed(rank: int, size: int) -> None:
    init_group(rank, size, backend="cpu:gloo,npu:hccl")
    assert total(rank) == 10
    cpu = torch.full((2,), float(rank))
    dist.all_reduce(cpu)
    assert cpu.tolist() == [6.0, 6.0]
    dist.destroy_process_group()


def without_name(rank: int, size: int) -> None:
    init_group(rank, size, backend=None)
    assert total(rank) == 10
    dist.destroy_process_group()


def with_options(rank: int, size: int) -> None:
    options = torch_npu.distributed.ProcessGroupHCCL.Options(is_high_priority_stream=True)
    options.hccl_config = {"hccl_buffer_size": 32, "group_name": "mine"}
    init_group(rank, size, pg_options=options)
    backend = dist.group.WORLD._get_backend(torch.device("npu"))
    assert backend.get_hccl_comm_name(rank, init_comm=False) == ""
    assert backend.get_hccl_comm_name(rank) == "mine" and total(rank) == 10
    assert backend.options.is_high_priority_stream and backend.options.hccl_config["hccl_buffer_size"] == 32
    dist.group.WORLD.set_timeout(timedelta(seconds=7))
    assert backend.options._timeout == timedelta(seconds=7) and options._timeout != timedelta(seconds=7)
    dist.destroy_process_group()


def in_flight(rank: int, size: int) -> None:
    """destroy_process_group waits for what is under way; a slow rank is waited for."""
    init_group(rank, size)
    total(rank)
    tensor = torch.full((100_000,), float(rank), device="npu")
    if rank == 1:
        time.sleep(0.5)
    dist.all_reduce(tensor, async_op=True)
    dist.destroy_process_group()
    torch.npu.synchronize()
    assert tensor.eq(6).all().item()


def again(rank: int, size: int, number: int) -> None:
    """Each time under the same name and in the same store."""
    case_store[:] = [dist.PrefixStore(f"again{number}", case_store[0])]
    init_group(rank, size)
    assert total(rank) == 10
    dist.destroy_process_group()
    assert not dist.is_initialized()


def fresh_store(rank: int, size: int, name: str) -> None:
    case_store[:] = [dist.PrefixStore(name, case_store[0])]


@pytest.mark.parametrize("case", [split, mixed, without_name, with_options, in_flight])
def test_default_groups(groupless: World, case: object) -> None:
    groupless.run(fresh_store, case.__name__)
    groupless.run(case)


def test_group_again_and_again(groupless: World) -> None:
    for number in range(4):
        groupless.run(again, number)


def test_exit_without_destroy() -> None:
    """The exit of the interpreter ends groups that the program forgot."""
    code = """
import torch, torch.distributed as dist
store = dist.HashStore()
dist.init_process_group("hccl", store=store, rank=0, world_size=1)
tensor = torch.ones(5, device="npu")
dist.all_reduce(tensor, async_op=True)
print(tensor.sum().item())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == "5.0\n", done.stderr
