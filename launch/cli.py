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


def parser() -> argparse.ArgumentParser:
    """Return torchrun's parser. A port that nobody asked for stays unknown, so that a free one can be taken."""
    made = torchrun.get_args_parser()
    made.prog = "npurun"
    made.description = "Start a distributed training job on NPUs (the command line is torchrun's)"
    if "PET_MASTER_PORT" not in os.environ:
        made.set_defaults(master_port=None)
    return made


def choose_rendezvous(args: argparse.Namespace) -> None:
    """Let a job on one host that names no meeting point have one of its own: two of them must not meet."""
    one_host = torchrun.parse_min_max_nnodes(args.nnodes) == (1, 1)
    if one_host and args.master_port is None and not args.rdzv_endpoint and args.rdzv_backend == "static":
        args.standalone = True
    if args.standalone:
        args.rdzv_backend, args.rdzv_endpoint = "c10d", "localhost:0"
        args.rdzv_id = f"npurun-{os.getpid()}"
    if args.master_port is None:
        args.master_port = 29500


def check(args: argparse.Namespace) -> None:
    """Raise LaunchError for everything that is wrong and can be seen before a worker starts."""
    environment.check_script(args.training_script, args.module, not args.no_python)
    visible = environment.check_visible_devices(os.environ.get("ASCEND_RT_VISIBLE_DEVICES"))
    try:
        ranks = torchrun.determine_local_world_size(args.nproc_per_node)
    except ValueError as error:
        raise LaunchError(f"--nproc-per-node {args.nproc_per_node}: {error}") from error
    if ranks < 1:
        raise LaunchError(f"--nproc-per-node {args.nproc_per_node} must be 1 or more")
    # A host with another accelerator, or with TORCH_NPU_CANN=off, starts jobs that are not ours to count.
    if getattr(torch, "npu", None) is not None and torch.npu.is_available():
        environment.check_devices(ranks, torch.npu.device_count(), visible)
    hosts = args.rdzv_backend == "static" and args.node_rank == 0 and not args.rdzv_endpoint
    if hosts:
        environment.check_port(args.master_port)
    environment.set_threads(ranks)


def configure(args: argparse.Namespace) -> tuple[LaunchConfig, list[str]]:
    """Return torchelastic's configuration and the command of a worker."""
    one_device, args.virtual_local_rank = args.virtual_local_rank, False
    if args.run_path:
        raise LaunchError("--run-path is not supported: give the script itself")
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
        print(f"{error}\n{describe(rank, failure)}", file=sys.stderr)
        return exit_code(failure)
    except SignalException as error:
        print(f"npurun: ended by {error.sigval.name}; the workers were stopped.", file=sys.stderr)
        return 128 + error.sigval
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
