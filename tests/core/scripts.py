"""Runs a piece of Python in a process of its own, as a test of imports, fork and exit needs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRY_POINTS = "[torch.backends]\ntorch_npu = torch_npu:_autoload\n"


@dataclass
class Outcome:
    """What a process left: its exit status and what it printed."""

    status: int
    out: str
    err: str


def install_entry_point(directory: Path, text: str = ENTRY_POINTS) -> Path:
    """Write metadata with which torch finds the plugin, installed or not; returns the directory for the path."""
    info = directory / "torch_npu-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch_npu\nVersion: 0\n")
    (info / "entry_points.txt").write_text(text)
    return directory


def run_script(
    code: str,
    directory: Path,
    *,
    env: dict[str, str] | None = None,
    path: tuple[Path, ...] = (ROOT,),
    options: tuple[str, ...] = (),
    timeout: float = 120,
) -> Outcome:
    """Run ``code`` with ``path`` before Python's own, without any setting of the plugin but those in ``env``.

    The output goes to files, not pipes: a child that survives its parent would keep a pipe open. The process
    group is killed at the end, and a script that has not ended by then fails the test.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TORCH_NPU_")}
    inherited.pop("TORCH_DEVICE_BACKEND_AUTOLOAD", None)
    environment = inherited | {"PYTHONPATH": os.pathsep.join(map(str, path))} | (env or {})
    out, err = directory / "out", directory / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, *options, "-c", textwrap.dedent(code)],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    outcome = Outcome(status if status is not None else -1, out.read_text(), err.read_text())
    assert status is not None, f"the script had not ended after {timeout} s\n{outcome.out}\n{outcome.err}"
    return outcome


def run_ok(code: str, directory: Path, **options: object) -> str:
    """Like :func:`run_script`, asserts success and returns what was printed."""
    outcome = run_script(code, directory, **options)
    assert outcome.status == 0, f"exit status {outcome.status}\n{outcome.out}\n{outcome.err}"
    return outcome.out
