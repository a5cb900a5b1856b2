"""What is checked before workers start, and the environment that they get."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path


class LaunchError(Exception):
    """A job that cannot start; the message is one sentence that says what to change."""


def check_visible_devices(text: str | None) -> list[int] | None:
    """Return the device numbers in ``ASCEND_RT_VISIBLE_DEVICES``, or None where it is not set.

    Raises:
        LaunchError: an entry is not a number, or the numbers are not ascending and different. CANN would end the list
            at the first entry that it does not understand, or see no device at all.
    """
    if text is None:
        return None
    devices: list[int] = []
    for entry in text.split(","):
        if not entry.isascii() or not entry.isdigit():
            raise LaunchError(
                f"ASCEND_RT_VISIBLE_DEVICES={text}: '{entry}' is not a device number, and CANN would end the list "
                f"there; write for instance 0,1,3 without spaces"
            )
        device = int(entry)
        if devices and device <= devices[-1]:
            how = "is listed twice" if device in devices else f"comes after {devices[-1]}"
            raise LaunchError(f"ASCEND_RT_VISIBLE_DEVICES={text}: device {device} {how}; the list must be ascending")
        devices.append(device)
    return devices


def check_devices(ranks: int, found: int, visible: list[int] | None) -> None:
    """Raise LaunchError unless every one of ``ranks`` workers on this host can have a device of its own.

    Args:
        found: how many devices the runtime counts, after ``ASCEND_RT_VISIBLE_DEVICES``.
        visible: what that variable lists, or None.
    """
    if visible is not None and found < len(visible):
        raise LaunchError(
            f"ASCEND_RT_VISIBLE_DEVICES lists {len(visible)} devices, but this host has no device {visible[found]}"
        )
    if ranks > found:
        hint = "" if visible is None else " (ASCEND_RT_VISIBLE_DEVICES limits them)"
        raise LaunchError(
            f"{ranks} ranks were asked for, but {found} npu are visible on this host{hint}: "
            f"use --nproc-per-node {found} or less; SOFTNPU_DEVICES sets how many the software NPU has"
        )


def check_script(script: str, is_module: bool, has_python: bool) -> None:
    """Raise LaunchError when the script is no file, or with ``--no-python`` no program that can be run."""
    if is_module:
        return
    if has_python and not Path(script).is_file():
        raise LaunchError(f"the script {script} does not exist (in {Path.cwd()})")
    if not has_python and shutil.which(script) is None:
        raise LaunchError(f"--no-python: there is no program {script} that can be run")


def check_port(port: int, is_host: bool) -> None:
    """Raise LaunchError for what is no port, or on the host of rank 0 when another program listens on it."""
    if not 0 < port <= 65535:
        raise LaunchError(f"--master-port {port} is not between 1 and 65535 (on one host, 0 takes a free one)")
    if not is_host:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            raise LaunchError(
                f"--master-port {port} cannot be used on this host ({error.strerror}): another job may be using it; "
                f"leave the option out, and a free port is taken"
            ) from error


def usable_cores() -> int:
    """Return how many cores this process may use: its affinity, and the quota of its cgroup."""
    cores = len(os.sched_getaffinity(0))
    quota = cgroup_cores()
    return max(1, min(cores, int(quota))) if quota else cores


def cgroup_cores() -> float | None:
    """Return the smallest quota of this process's cgroups (version 2 or 1) in cores, or None where there is none."""
    found: list[float] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = Path("/sys/fs/cgroup") / ("cpu" if controllers else "")
        group = root / path.lstrip("/")
        # In a container the path may be the host's, and the own group is the root that one sees.
        for directory in (group, *group.parents):
            if directory.is_relative_to(root):
                found += read_quota(directory)
    return min(found, default=None)


def read_quota(directory: Path) -> list[float]:
    """Return the quota that one cgroup directory sets in cores, as a list of none or one."""
    try:
        if (directory / "cpu.max").exists():
            quota, period = (directory / "cpu.max").read_text().split()
        else:
            quota = (directory / "cpu.cfs_quota_us").read_text()
            period = (directory / "cpu.cfs_period_us").read_text()
        return [] if quota.strip() in ("max", "-1") else [int(quota) / int(period)]
    except (OSError, ValueError):
        return []


def set_threads(ranks: int) -> None:
    """Give each worker its share of the cores, unless the user has chosen: torchrun alone would give it one thread."""
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, usable_cores() // ranks)))
