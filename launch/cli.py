"""``npurun``: torchrun's command line, with what a job on NPUs needs besides.

The agent, the rendezvous and the restarts are torchelastic's. Added are checks before anything starts, each worker's
share of the cores, workers that cannot outlive the agent, and an exit code and a line that name the rank which failed
first.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

import torch
from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure
from torch.distributed.launcher.api import LaunchConfig, elastic_launch
from torch_npu.launch import environment
from torch_npu.launch.environment import LaunchError

WORKER = Path(__file__).with_name("worker.py")
BAD_USE = 2
DEFAULT_PORT = 29500  # torchrun's, of a job on several hosts


def parser() -> argparse.ArgumentParser:
    """Return torchrun's parser under our name."""
    made = torchrun.get_args_parser()
    made.prog = "npurun"
    made.description = "Start a distributed training job on NPUs (the command line is torchrun's)"
    return made


def choose_rendezvous(args: argparse.Namespace) -> None:
    """Decide where the ranks meet; raise LaunchError where they cannot.

    A job on one host that names no port has a meeting point of its own, so that two jobs do not meet.
    """
    try:
        one_host = torchrun.parse_min_max_nnodes(args.nnodes) == (1, 1)
    except (ValueError, RuntimeError) as error:
        raise LaunchError(f"--nnodes {args.nnodes} is neither a number nor <fewest>:<most>") from error
    if args.rdzv_backend == "static" and not args.rdzv_endpoint and not args.standalone:
        if one_host and not args.master_port:
            args.standalone = True
        else:
            args.master_port = DEFAULT_PORT if args.master_port is None else args.master_port
            environment.check_port(args.master_port, is_host=args.node_rank == 0)
            if one_host and args.max_restarts > 0:  # a static rendezvous has one store for all attempts, see below
                args.rdzv_backend, args.rdzv_endpoint = "c10d", f"{args.master_addr}:{args.master_port}"
    if args.standalone:
        args.rdzv_backend, args.rdzv_endpoint = "c10d", "localhost:0"
        args.rdzv_id = f"npurun-{os.getpid()}"
    if one_host and args.rdzv_backend == "c10d":
        args.local_addr = args.local_addr or "localhost"  # the name of the host may lead nowhere
    if args.max_restarts > 0 and args.rdzv_backend == "c10d":
        # The agent's store outlives its workers, and the ranks that start again would find the addresses of those that
        # are gone. This variable of torch's gives every attempt a store of its own.
        os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")


def check(args: argparse.Namespace) -> None:
    """Raise LaunchError for everything that is wrong with script and devices and can be seen before a worker starts."""
    environment.check_script(args.training_script, args.module, not args.no_python)
    visible = environment.check_visible_devices(os.environ.get("ASCEND_RT_VISIBLE_DEVICES"))
    try:
        ranks = torchrun.determine_local_world_size(args.nproc_per_node)
    except ValueError as error:
        raise LaunchError(f"--nproc-per-node {args.nproc_per_node}: {error}") from error
    if ranks < 1:
        raise LaunchError(f"--nproc-per-node {args.nproc_per_node} must be 1 or more")
    # A host with another accelerator, or with TORCH_NPU_CANN=off, starts jobs that are not ours to count.
    has_npu = getattr(torch, "npu", None) is not None and torch.npu.is_available()
    if has_npu and args.nproc_per_node != "cpu":
        environment.check_devices(ranks, torch.npu.device_count(), visible)
    environment.set_threads(ranks)


def configure(args: argparse.Namespace) -> tuple[LaunchConfig, list[str]]:
    """Return torchelastic's configuration and the command of a worker."""
    one_device, args.virtual_local_rank = args.virtual_local_rank, False
    if args.run_path:
        raise LaunchError("--run-path is not supported: give the script itself")
    if args.numa_binding and not torch.cuda.is_available():
        raise LaunchError("--numa-binding asks CUDA where the devices are and cannot be used for npu: leave it out")
    config, command, arguments = torchrun.config_from_args(args)
    start = [sys.executable, "-I", "-S", str(WORKER), str(os.getpid()), str(int(one_device))]
    return config, [*start, str(command), *arguments]


def first_failure(error: ChildFailedError) -> tuple[int, ProcessFailure]:
    """Return the rank that failed first and how.

    The agent ends the others with SIGTERM, so they are not the cause. Ranks that fail within one look of it have one
    time: then a rank that a signal killed is the cause, and those that exited with an error have seen it die.
    """
    every = list(error.failures.items())
    failed = [(rank, one) for rank, one in every if one.exitcode != -signal.SIGTERM] or every
    earliest = min(one.timestamp for _, one in failed)
    together = [(rank, one) for rank, one in failed if one.timestamp - earliest <= 1]
    killed = [(rank, one) for rank, one in together if one.exitcode < 0]
    return min(killed or together, key=lambda pair: (pair[1].timestamp, pair[0]))


def describe(rank: int, failure: ProcessFailure) -> str:
    """Say in one sentence how a rank ended."""
    if failure.exitcode < 0:
        name = signal.Signals(-failure.exitcode).name
        how = f"was killed by {name}" + (", perhaps for want of memory" if name == "SIGKILL" else "")
    else:
        how = f"ended with exit code {failure.exitcode}"
    return f"npurun: rank {rank} (process {failure.pid}) failed first: it {how}."


def exit_code(failure: ProcessFailure) -> int:
    """Return a worker's exit code as a shell would: 128 and the signal for one that a signal killed."""
    return 128 - failure.exitcode if failure.exitcode < 0 else failure.exitcode or 1


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return the exit code: 0, the first failing worker's, 2 for a job that cannot start,
    128 and the number of the signal that ended the agent.
    """
    args = parser().parse_args(argv)
    try:
        choose_rendezvous(args)
        check(args)
        config, command = configure(args)
    except (LaunchError, ValueError, AssertionError) as error:
        print(f"npurun: {error}", file=sys.stderr)
        return BAD_USE
    try:
        elastic_launch(config, command[0])(*command[1:])
    except ChildFailedError as error:
        rank, failure = first_failure(error)
        error.name = args.training_script  # torchelastic knows the command only, which starts with worker.py
        print(f"{error.format_msg()}\n{describe(rank, failure)}", file=sys.stderr)
        return exit_code(failure)
    except SignalException as error:
        print(f"npurun: ended by {error.sigval.name}; the workers were stopped.", file=sys.stderr)
        return 128 + error.sigval
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
