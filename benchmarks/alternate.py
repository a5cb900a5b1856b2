"""Compare two sides in processes of their own, alternated.

A baseline measured in the process that hosts the stream workers is wrong: their OpenMP teams interfere. So each side
runs in fresh processes, the sides take turns, and a metric is the median over the processes of a side. Absolute times
are noise on shared machines; the ratio of two alternated medians is not.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path


def run_child(script: str, side: str, extra: list[str]) -> dict[str, float]:
    """Run ``script --child side`` in a new process and return the JSON object that is its last line.

    Raises RuntimeError with the child's output when it fails.
    """
    environment = dict(os.environ, TORCH_NPU_FALLBACK="error")
    if side == "cpu":
        environment["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"
    command = [sys.executable, script, "--child", side, *extra]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{result.stdout}{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def alternate(
    script: str, sides: list[str], rounds: int, extra: list[str], run: Callable[..., dict[str, float]] = run_child
) -> dict[str, dict[str, float]]:
    """Run every side ``rounds`` times in turn; return the median of each metric: {side: {metric: value}}.

    ``run(script, side, extra=extra)`` returns the metrics of one process, or of one job of several.
    """
    samples: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for turn in range(rounds):
        for side in sides:
            print(f"round {turn + 1}/{rounds}: {side}", file=sys.stderr)
            samples[side].append(run(script, side, extra=extra))
    return {
        side: {metric: statistics.median(run[metric] for run in runs) for metric in runs[0]}
        for side, runs in samples.items()
    }


# What an iteration of an empty loop takes on a core at full speed. Only a unit: it cancels out of every ratio.
PACE_NS = 18.0
PACE_LOOP = 20_000


def pace() -> float:
    """Return how much slower than ``PACE_NS`` this core is at the moment, from a loop of a third of a millisecond.

    A shared core changes its speed by a factor of two for seconds at a time. A cost divided by the pace around it
    is comparable with that of another process, which ran at another speed.
    """
    begin = time.thread_time_ns()
    for _ in range(PACE_LOOP):
        pass
    return (time.thread_time_ns() - begin) / PACE_LOOP / PACE_NS


def quartile(measure: Callable[[], float], repetitions: int) -> float:
    """Return the lower quartile of ``repetitions`` calls of ``measure``: what the quiet moments say."""
    return sorted(measure() for _ in range(repetitions))[repetitions // 4]


def machine() -> str:
    """Return one line that names the processor, the cores and the date, for the head of a table."""
    processor = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.split(":", 1)[1].strip()
            break
    return f"{processor}, {len(os.sched_getaffinity(0))} cores, Linux {platform.release()}, {date.today()}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def verdict(ratio: float, must: float, ambitious: float) -> str:
    """Say where a ratio stands against a goal: lower is better."""
    if ratio <= ambitious:
        return "ambitious"
    return "must" if ratio <= must else "missed"


def microseconds(values: Mapping[str, float], metric: str) -> str:
    return f"{values[metric] / 1e3:.2f}" if metric in values else "-"
