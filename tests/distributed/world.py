"""Real processes that form a process group, and functions run in all of them at once.

The processes are forked from a server that has imported torch and not used the device, so a world starts quickly and
a test may have one of its own to break.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from pathlib import Path

import torch
import torch.distributed as dist

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["torch", "torch_npu", "distributed.world"])

ENVIRONMENT = {"SOFTNPU_DEVICES": "4", "SOFTNPU_MEMORY": "1G", "OMP_NUM_THREADS": "1"}

Case = Callable[..., object]


def _serve(rank: int, size: int, port: int, name: str, log: str, env: dict[str, str], link: Connection) -> None:
    """Run in a rank: do what the test says until it hangs up."""
    out = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    os.environ.update(ENVIRONMENT | env, RANK=str(rank), WORLD_SIZE=str(size), LOCAL_RANK=str(rank))
    torch.set_num_threads(1)
    torch.npu.set_device(rank)
    store = dist.PrefixStore(name, dist.TCPStore("127.0.0.1", port, is_master=False))
    case_store[:] = [store]
    while True:
        try:
            module, function, args = link.recv()
        except EOFError:
            break
        try:
            if module == "exit":
                break
            answer = (True, getattr(importlib.import_module(module), function)(rank, size, *args))
        except BaseException:
            answer = (False, traceback.format_exc())
        link.send(answer)
    if dist.is_initialized():
        dist.destroy_process_group()


case_store: list[dist.Store] = []


def init_group(rank: int, size: int, timeout: float = 60, backend: str = "hccl", **options: object) -> None:
    """Make the default group; a case of its own, so that tests choose how."""
    limit = timedelta(seconds=timeout)
    dist.init_process_group(backend, store=case_store[0], rank=rank, world_size=size, timeout=limit, **options)


class World:
    """``size`` processes; rank r uses npu:r.

    ``group``: they have made the default group of ``backend``, with this time-out.
    """

    def __init__(
        self, size: int, *, env: dict[str, str] | None = None, group: float | None = 60, backend: str = "hccl"
    ) -> None:
        self.size = size
        self.temporary = tempfile.TemporaryDirectory(prefix="torch_npu_world_")  # goes with this object
        self.directory = Path(self.temporary.name)
        self.store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
        self.links: list[Connection] = []
        self.processes = []
        for rank in range(size):
            here, there = multiprocessing.Pipe()
            log = str(self.directory / f"log.{rank}")
            process = SERVER.Process(
                target=_serve, args=(rank, size, self.store.port, "world", log, env or {}, there), daemon=True
            )
            process.start()
            there.close()
            self.links.append(here)
            self.processes.append(process)
        self.usable = True
        if group is not None:
            self.run(init_group, group, backend)

    def run(self, case: Case, *args: object, timeout: float = 60) -> list[object]:
        """Run ``case(rank, size, *args)`` in every rank; return what each returned, or fail with every traceback."""
        answers = self.try_run(case, *args, timeout=timeout)
        if all(done for done, _ in answers):
            return [value for _, value in answers]
        self.close()
        ranks: dict[object, list[int]] = {}  # by traceback
        for rank, (done, value) in enumerate(answers):
            if not done:
                ranks.setdefault(value, []).append(rank)
        tracebacks = [f"--- ranks {same}\n{value}" for value, same in ranks.items()]
        raise AssertionError(f"{case.__name__}{args} failed\n" + "\n".join(tracebacks) + self.logs())

    def try_run(self, case: Case, *args: object, timeout: float = 60) -> list[tuple[bool, object]]:
        """The same, but return (whether it succeeded, value or traceback) of each rank; a dead rank has failed."""
        self.begin(case, *args)
        return self.finish(timeout)

    def begin(self, case: Case, *args: object) -> None:
        """Start ``case`` in every rank that lives."""
        module = f"distributed.{Path(case.__code__.co_filename).stem}"
        for rank, link in enumerate(self.links):
            try:
                link.send((module, case.__name__, args))
            except BrokenPipeError:
                assert self.processes[rank].exitcode is not None

    def finish(self, timeout: float = 60) -> list[tuple[bool, object]]:
        """Wait for what :meth:`begin` started."""
        answers: dict[int, tuple[bool, object]] = {}
        deadline = time.monotonic() + timeout
        while len(answers) < self.size:
            open_links = [link for rank, link in enumerate(self.links) if rank not in answers]
            ready = wait(open_links, max(deadline - time.monotonic(), 0))
            if not ready:
                self.give_up(sorted(set(range(self.size)) - set(answers)), timeout)
            for link in ready:
                rank = self.links.index(link)
                try:
                    answers[rank] = link.recv()
                except (EOFError, ConnectionResetError):
                    self.processes[rank].join(10)
                    answers[rank] = (False, f"ended with {self.processes[rank].exitcode}")
        return [answers[rank] for rank in range(self.size)]

    def give_up(self, ranks: list[int], timeout: float) -> None:
        """Fail with the stacks of the ranks that hang."""
        for rank in ranks:
            os.kill(self.processes[rank].pid, signal.SIGUSR1)
        time.sleep(0.5)
        self.close(kill=True)
        raise AssertionError(f"ranks {ranks} had not finished after {timeout} s{self.logs()}")

    def logs(self) -> str:
        """What the ranks printed."""
        return "".join(f"\n--- log of rank {rank}\n{self.log(rank)}" for rank in range(self.size))

    def log(self, rank: int) -> str:
        path = self.directory / f"log.{rank}"
        return path.read_text() if path.exists() else ""

    def kill(self, rank: int) -> None:
        self.processes[rank].kill()
        self.processes[rank].join()

    def exit_codes(self, timeout: float = 20) -> list[int | None]:
        """Tell all to end and return how they ended; None where one had to be killed."""
        for link in self.links:
            with contextlib.suppress(OSError):
                link.send(("exit", "", ()))
        codes = []
        for process in self.processes:
            process.join(timeout)
            codes.append(process.exitcode)
        self.close(kill=True)
        return codes

    def close(self, *, kill: bool = False) -> None:
        """End all processes."""
        self.usable = False
        for link in self.links:
            link.close()
        for process in self.processes:
            if not kill:
                process.join(15)
            process.kill()
            process.join()


class Worlds:
    """One world of each kind, made again where a test broke it."""

    def __init__(self) -> None:
        self.worlds: dict[tuple[int, float | None, str], World] = {}

    def get(self, size: int, group: float | None = 60, backend: str = "hccl") -> World:
        key = (size, group, backend)
        if key not in self.worlds or not self.worlds[key].usable:
            self.worlds[key] = World(size, group=group, backend=backend)
        return self.worlds[key]

    def close(self) -> None:
        for world in self.worlds.values():
            if world.usable:
                world.close()
