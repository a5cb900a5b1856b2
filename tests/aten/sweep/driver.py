"""Sweeps PyTorch's catalogue on npu and writes docs/operators.md: run by ``make operators``, and by hand with

    PYTHONPATH=tests python -m aten.sweep.driver --only abs --only nn.Linear

Entries are handed one by one to a few worker processes. A worker that dies or that is silent for longer than the limit
costs the entry that it was at, with the column; another one takes its place.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import fnmatch
import json
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from aten.sweep import report
from aten.sweep.catalogue import entries, swept, without_float32
from aten.sweep.check_nn import STEPS

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "operators.md"
SAMPLES = 12
WORKERS = 2
LIMIT = 120.0  # seconds for one entry; the slowest takes a tenth of it
START = 180.0  # seconds until a worker is ready: it loads torch and the catalogue

Columns = dict[str, dict[str, Any]]


class Worker:
    """One process of worker.py and the pipes to it."""

    def __init__(self, samples: int) -> None:
        receive, send = os.pipe()
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115 (a pipe that nobody reads would stop the worker)
        command = [sys.executable, "-m", "aten.sweep.worker", "--report", str(send), "--samples", str(samples)]
        path = os.pathsep.join([str(ROOT / "tests"), str(ROOT)])
        settings = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "TORCH_NPU_FALLBACK": "quiet"}
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self.complaints,
            pass_fds=(send,),
            env={**os.environ, **settings},
        )
        os.close(send)
        self.receive = receive
        self.rest = b""
        self.leaving = False  # it ends by itself
        ready = None
        with contextlib.suppress(TimeoutError):
            ready = self.line(time.monotonic() + START)
        if not ready:
            self.end()
            raise RuntimeError(f"a worker of the sweep did not start: {self.said()}")

    def line(self, deadline: float) -> dict[str, Any] | None:
        """Return the worker's next line; nothing when it is gone, TimeoutError when it is silent until the deadline."""
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.receive], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            received = os.read(self.receive, 1 << 16)
            if not received:
                return None
            self.rest += received
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def check(self, name: str, limit: float) -> tuple[Columns, float]:
        """Return the columns of one entry and the seconds it took; afterwards the worker may be gone."""
        start = time.monotonic()
        found: Columns = {}
        begun = "forward"
        try:
            assert self.process.stdin is not None
            self.process.stdin.write(f"{name}\n".encode())
            self.process.stdin.flush()
            while line := self.line(start + limit):
                if "begun" in line:
                    begun = line["begun"]
                elif "column" in line:
                    found[line.pop("column")] = line
                else:
                    self.leaving = not line["sound"]
                    if self.leaving:
                        self.end()
                    return found, line["seconds"]
            state = "crash"
        except TimeoutError:
            state = "hang"
        except BrokenPipeError:
            state = "crash"
        code = self.end()
        death = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        why = f"{death}; {self.said()}" if state == "crash" else f"more than {limit:.0f} s; {self.said()}"
        found[begun] = {"state": state, "why": why, "fell_back": []}
        for column in entries()[name].columns:
            found.setdefault(column, {"state": "not reached", "why": "", "fell_back": []})
        return found, time.monotonic() - start

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self) -> int:
        """Wait for the process to end, then make it, first with a traceback of where it is; return its exit code."""
        for number, patience in ((None, 5.0 if self.leaving else 0.5), (signal.SIGABRT, 10.0), (signal.SIGKILL, None)):
            if number is not None:
                self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                break
        return self.process.returncode

    def dismiss(self) -> None:
        """Let the process end by itself."""
        self.leaving = True
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died with a name unread
            self.process.stdin.close()
        self.end()
        os.close(self.receive)

    def said(self) -> str:
        """Return where the worker was, by the last traceback that faulthandler printed, or its last line."""
        self.complaints.seek(0)
        lines = [line.strip() for line in self.complaints.read().decode(errors="replace").splitlines() if line.strip()]
        frames = [line for line in lines if line.startswith("File ")]
        return frames[0] if frames else (lines[-1] if lines else "it said nothing")


def sweep(
    names: list[str], samples: int = SAMPLES, workers: int = WORKERS, limit: float = LIMIT, verbose: bool = False
) -> dict[str, Columns]:
    """Check the entries and return the columns of each."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    found: dict[str, Columns] = {}
    broken: list[Exception] = []

    def serve() -> None:
        worker: Worker | None = None
        try:
            while True:
                name = waiting.get_nowait()
                if worker is not None and not worker.alive:
                    worker.dismiss()
                    worker = None
                worker = worker or Worker(samples)
                found[name], seconds = worker.check(name, limit)
                if verbose:
                    print(f"{len(found):4}/{len(names)} {seconds:6.1f} s  {name}: {states(found[name])}", flush=True)
        except queue.Empty:
            pass
        except Exception as error:  # told by the thread that waits
            broken.append(error)
        finally:
            if worker is not None:
                worker.dismiss()

    threads = [threading.Thread(target=serve) for _ in range(min(workers, len(names)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return found


def states(columns: Columns) -> str:
    return ", ".join(f"{column} {row['state']}" for column, row in columns.items() if row["state"] != "not applicable")


def main() -> int:
    parser = argparse.ArgumentParser(description="Sweep PyTorch's catalogue on npu against the CPU.")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="entries to check (repeatable)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="check every Nth entry")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="samples of an entry, evenly spread (%(default)s)")
    parser.add_argument("--workers", type=int, default=WORKERS, help="worker processes (%(default)s)")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for an entry (%(default)s)")
    parser.add_argument("--json", type=Path, help="also write all results to this file")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.relative_to(ROOT)}: needs all entries")
    options = parser.parse_args()
    names = swept()
    if options.only:
        names = [name for name in entries() if any(fnmatch.fnmatchcase(name, pattern) for pattern in options.only)]
    names = names[:: options.every]
    if options.write and names != swept():
        parser.error("--write needs all entries")
    if not names:
        parser.error("no entry has such a name")
    found = sweep(names, options.samples, options.workers, options.limit, verbose=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1, sort_keys=True))
    if options.write:
        DOCUMENT.write_text(report.document(found, without_float32(), options.samples, STEPS))
    counts = collections.Counter(row["state"] for columns in found.values() for row in columns.values())
    print(", ".join(f"{state}: {count}" for state, count in sorted(counts.items())))
    problems = report.problems(found) + (report.stale(found) if names == swept() else [])
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
