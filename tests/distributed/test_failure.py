"""A rank that dies, hangs, calls something else or leaves: every other one is told soon, by name, and ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
import torch
import torch.distributed as dist
from distributed.world import ENVIRONMENT, World, init_group

# The process is not ended before the test has looked at it.
PATIENT = {"TORCH_HCCL_TEARDOWN_SECONDS": "60"}


def good(rank: int, size: int) -> None:
    tensor = torch.ones(4, device="npu")
    dist.all_reduce(tensor)
    assert tensor.tolist() == [float(size)] * 4
    dist.barrier()


def failure_of(call: object) -> tuple[str, str, float]:
    """Type and text of what ``call`` raises by the time its result is read, and after how many seconds."""
    start = time.monotonic()
    try:
        call()
        torch.npu.synchronize()
    except (RuntimeError, ValueError) as error:
        return type(error).__name__, str(error), time.monotonic() - start
    raise AssertionError("it succeeded")


def later_error(text: str) -> str:
    """The error of every later call, once the watchdog has seen the failure."""
    deadline = time.monotonic() + 5
    while True:
        try:
            dist.all_reduce(torch.ones(1, device="npu"))
        except (RuntimeError, ValueError) as error:
            if text in str(error) or time.monotonic() > deadline:
                return str(error)
        time.sleep(0.02)


def lost_peer(rank: int, size: int) -> tuple[str, str, float] | None:
    good(rank, size)
    if rank == 1:
        time.sleep(0.3)
        os.kill(os.getpid(), 9)
    found = failure_of(lambda: dist.all_reduce(torch.ones(4, device="npu")))
    later = later_error("ALLREDUCE #3 of group 'default_pg' (0)")
    assert f"[rank {rank}] ALLREDUCE #3 of group 'default_pg' (0) on npu:{rank} failed" in later, later
    return found


@pytest.mark.parametrize("size", [2, 4])
def test_killed_rank(size: int) -> None:
    world = World(size, env=PATIENT)
    answers = world.try_run(lost_peer)
    assert answers[1] == (False, "ended with -9")
    for rank in set(range(size)) - {1}:
        done, value = answers[rank]
        assert done, value
        kind, text, seconds = value
        assert "rank 1" in text and "has ended" in text and seconds < 5, value
    assert [world.log(rank).count("[torch_npu] error") for rank in range(size)] == [int(r != 1) for r in range(size)]
    world.close()


def late(rank: int, size: int) -> tuple[str, float] | None:
    good(rank, size)
    if rank == 1:
        time.sleep(4.5)
        return None
    start = time.monotonic()
    work = dist.all_reduce(torch.ones(4, device="npu"), async_op=True)
    while not work.is_completed():
        time.sleep(0.01)
    elapsed = time.monotonic() - start
    try:
        work.wait()
    except dist.DistBackendError as error:
        return str(error), elapsed
    raise AssertionError("a collective that timed out was waited for")


def test_time_out() -> None:
    """The error names rank, operation, number and group, and who is missing."""
    world = World(4, env=PATIENT, group=2)
    answers = world.run(late)
    assert answers[1] is None
    first = min((answers[rank] for rank in (0, 2, 3)), key=lambda answer: answer[1])
    text, seconds = first
    assert "ALLREDUCE #3 of group 'default_pg' (0) on npu:" in text and "within 2000 ms" in text, text
    assert "rank 1 has not called it" in text and 1.9 < seconds < 4, answers
    world.close()


def waits_for_message(rank: int, size: int) -> str | None:
    if rank == 1:
        time.sleep(4)
        return None
    try:
        dist.recv(torch.ones(4, device="npu"), 1)
        torch.npu.synchronize()
    except dist.DistBackendError as error:
        return str(error)
    raise AssertionError("received something")


def test_time_out_of_a_message() -> None:
    world = World(2, env=PATIENT, group=1.5)
    answers = world.run(waits_for_message)
    assert "[rank 0] RECV #1 from rank 1 of group" in answers[0] and "within 1500 ms" in answers[0], answers
    world.close()


def differ(rank: int, size: int, what: str) -> tuple[str, str, float]:
    good(rank, size)
    tensor = torch.ones(8, device="npu")
    if what == "operation":
        call = (lambda: dist.all_reduce(tensor)) if rank == 0 else (lambda: dist.broadcast(tensor, 0))
    elif what == "count":
        call = lambda: dist.all_reduce(tensor[: 8 - 4 * rank])  # noqa: E731
    elif what == "dtype":
        call = lambda: dist.all_reduce(tensor if rank == 0 else tensor.int())  # noqa: E731
    elif what == "reduction":
        call = lambda: dist.all_reduce(tensor, dist.ReduceOp.MAX if rank else dist.ReduceOp.SUM)  # noqa: E731
    elif what == "root":
        call = lambda: dist.broadcast(tensor, rank % 2)  # noqa: E731
    else:
        receive = lambda: dist.recv(tensor[:4], 0)  # noqa: E731
        call = (lambda: dist.send(tensor, 1)) if rank == 0 else receive
    return failure_of(call)


@pytest.mark.parametrize("what", ["operation", "count", "dtype", "reduction", "root", "message"])
def test_ranks_that_differ(what: str) -> None:
    """An error on every rank within a second, and the processes end."""
    world = World(2, env=PATIENT)
    for kind, text, seconds in world.run(differ, what):
        assert "EI0005" in text and "rank" in text and seconds < 1, (kind, text, seconds)
    assert world.exit_codes() == [0, 0], world.logs()


def left(rank: int, size: int) -> tuple[str, str, float] | None:
    good(rank, size)
    if rank == 1:
        dist.destroy_process_group()
        return None
    found = failure_of(lambda: dist.all_reduce(torch.ones(4, device="npu")))
    dist.destroy_process_group()
    return found


def test_rank_that_left() -> None:
    world = World(2, env=PATIENT)
    kind, text, seconds = world.run(left)[0]
    assert "rank 1" in text and "destroyed the communicator" in text and seconds < 2, (kind, text)
    world.close()


def wait_for_ever(rank: int, size: int) -> None:
    good(rank, size)
    if rank == 1:
        time.sleep(60)
    dist.all_reduce(torch.ones(4, device="npu"), async_op=True)
    time.sleep(60)


def test_process_is_ended() -> None:
    """A program that does not notice is ended by the watchdog, with one sentence about the cause."""
    world = World(2, env={"TORCH_HCCL_TEARDOWN_SECONDS": "1"}, group=1)
    start = time.monotonic()
    world.begin(wait_for_ever)
    world.processes[0].join(20)
    assert world.processes[0].exitcode == 1 and time.monotonic() - start < 10
    log = world.log(0)
    assert log.count("has not finished within 1000 ms") == 1 and "the process is ended" in log, log
    world.close(kill=True)


def handle_only(rank: int, size: int) -> None:
    """2: the communicators are aborted and the program goes on, here with a new group."""
    good(rank, size)
    if rank == 0:
        work = dist.all_reduce(torch.ones(4, device="npu"), async_op=True)
        while not work.is_completed():
            time.sleep(0.01)
    else:
        time.sleep(2)
    dist.destroy_process_group()
    time.sleep(1.5)


def test_clean_up_only() -> None:
    env = {"TORCH_HCCL_TEARDOWN_SECONDS": "0", "TORCH_HCCL_ASYNC_ERROR_HANDLING": "2"}
    world = World(2, env=env, group=1)
    world.run(handle_only)
    assert world.exit_codes() == [0, 0], world.logs()


def abort(rank: int, size: int) -> str | None:
    """abort_process_group ends what waits for others, on this rank and so on the others."""
    good(rank, size)
    if rank == 1:
        time.sleep(1)
        return None
    work = dist.all_reduce(torch.ones(4, device="npu"), async_op=True)
    time.sleep(0.2)
    start = time.monotonic()
    dist.distributed_c10d._abort_process_group()
    assert time.monotonic() - start < 1
    try:
        work.wait()
    except dist.DistBackendError as error:
        return str(error)
    raise AssertionError("an aborted work was waited for")


def test_abort() -> None:
    world = World(2, env=PATIENT)
    assert "was aborted" in world.run(abort)[0]
    world.close()


def never_joins(rank: int, size: int) -> str | None:
    init_group(rank, size, 1)
    if rank == 0:
        return None
    try:
        dist.all_reduce(torch.ones(4, device="npu"))
    except dist.DistBackendError as error:
        return str(error)
    raise AssertionError("a group without its first rank")


def test_rank_that_never_joins() -> None:
    world = World(2, group=None)
    text = world.run(never_joins)[1]
    assert "[rank 1] group 'default_pg' (0) cannot start" in text and "1000 ms" in text, text
    world.close()


def main_thread(rank: int, size: int) -> None:
    """As a training script: it reads the loss, which raises."""
    good(rank, size)
    if rank == 1:
        os._exit(0)
    tensor = torch.ones(4, device="npu")
    for _ in range(100):
        dist.all_reduce(tensor)
        tensor.sum().item()


def test_error_reaches_the_program() -> None:
    world = World(2)
    answers = world.try_run(main_thread)
    done, text = answers[0]
    assert not done and "rank 1" in text and "has ended" in text, text
    codes = world.exit_codes()
    assert codes[0] == 0 and codes[1] == 0, codes  # the worker caught the error and destroyed the group


FORGETFUL = """
import sys, time, torch, torch.distributed as dist
rank, port = int(sys.argv[1]), int(sys.argv[2])
torch.npu.set_device(rank)
store = dist.TCPStore("127.0.0.1", port, is_master=False)
dist.init_process_group("hccl", store=store, rank=rank, world_size=2)
dist.all_reduce(torch.ones(4, device="npu"))
torch.npu.synchronize()
if rank == 1:
    print("ready", flush=True)
    sys.stdin.readline()
else:
    dist.all_reduce(torch.ones(4, device="npu"), async_op=True)
"""


def test_exit_while_others_are_waited_for() -> None:
    """A program that ends with a collective that nobody else calls is not kept by it."""
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    command = [sys.executable, "-c", FORGETFUL]
    env = os.environ | ENVIRONMENT
    ranks = [
        subprocess.Popen([*command, str(rank), str(store.port)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for rank in range(2)
    ]
    assert ranks[1].stdout.readline() == b"ready\n"
    start = time.monotonic()
    assert ranks[0].wait(20) == 0 and time.monotonic() - start < 9
    ranks[1].communicate(b"\n", timeout=20)
    assert ranks[1].returncode == 0


def forked_child(rank: int, size: int) -> int:
    """A forked child has no part in the group; its exit waits for nobody."""
    good(rank, size)
    child = os.fork()
    if child == 0:
        try:
            dist.all_reduce(torch.ones(4, device="npu"))
        except RuntimeError as error:
            os._exit(0 if "fork" in str(error) else 1)
        os._exit(2)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    good(rank, size)
    return code


def test_forked_child() -> None:
    world = World(2)
    assert world.run(forked_child) == [0, 0]
    world.close()
