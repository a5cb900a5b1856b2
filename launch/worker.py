"""What a worker starts as: ties its life to the agent's, then becomes the real command.

``python -I -S worker.py <agent's pid> <0 or 1: one device only> <command> <arguments>``. Run as a file and without
site-packages, because it is done in a few milliseconds and must not import what the command will import anyway.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(agent: int) -> None:
    """Let the kernel kill this process when its parent ends, however that happens; it survives ``exec``."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        print(f"npurun: prctl failed ({os.strerror(ctypes.get_errno())})", file=sys.stderr)
    if os.getppid() != agent:  # it has ended before the kernel knew
        os._exit(128 + signal.SIGKILL)


def keep_one_device() -> None:
    """Make this rank's device the only one that it sees, so that it is device 0 (``--virtual-local-rank``)."""
    rank = int(os.environ["LOCAL_RANK"])
    visible = os.environ.get("ASCEND_RT_VISIBLE_DEVICES")
    os.environ["ASCEND_RT_VISIBLE_DEVICES"] = str(rank) if visible is None else visible.split(",")[rank].strip()
    os.environ["LOCAL_RANK"] = "0"


def main() -> None:
    agent, one_device, *command = sys.argv[1:]
    die_with(int(agent))
    if one_device == "1":
        keep_one_device()
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"npurun: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


main()
