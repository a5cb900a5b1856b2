"""Runs entries of the catalogue, one after another, as the driver names them: a line in, lines out.

In, on standard input: the name of an entry. Out, on the descriptor that ``--report`` gives: JSON lines, one when a
column is begun, one when it is complete, one when the entry is. What anything prints goes to standard error.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Iterator

import torch
from aten.sweep.catalogue import Entry, entries
from aten.sweep.check import ERROR, Column, check_operator
from aten.sweep.check_nn import check_module, check_optimizer
from aten.sweep.sides import first_line


def sabotage(entry: Entry, samples: int) -> Iterator[tuple[str, Column]]:
    """What a fault in a kernel looks like from outside: the test of the driver."""
    yield "forward", Column()
    if entry.name == "sabotage.crash":
        ctypes.string_at(0)
    elif entry.name == "sabotage.hang":
        signal.pause()
    torch.ones(2, device="npu").index_select(0, torch.tensor([5], device="npu"))
    torch.npu.synchronize()


CHECKS = {"operator": check_operator, "module": check_module, "optimizer": check_optimizer, "sabotage": sabotage}


def device_is_sound() -> bool:
    """Whether the device still computes: an error on a stream stays there and would be blamed on the next entry."""
    try:
        return torch.ones(2, device="npu").add(1).sum().item() == 4
    except RuntimeError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--report", type=int, required=True)
    parser.add_argument("--samples", type=int, required=True)
    options = parser.parse_args()
    faulthandler.enable(all_threads=False)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    report = os.fdopen(options.report, "w", buffering=1)
    os.dup2(2, 1)
    catalogue = entries()
    device_is_sound()
    say = lambda **line: report.write(json.dumps(line) + "\n")  # noqa: E731
    say(ready=True)
    for name in map(str.strip, sys.stdin):
        start = time.monotonic()
        entry = catalogue[name]
        begun: tuple[str, Column] | None = None
        try:
            for following in CHECKS[entry.kind](entry, options.samples):
                if begun:
                    say(column=begun[0], **begun[1].row())
                begun = following
                say(begun=begun[0])
        except Exception as error:  # not of a call, which the checks judge, but of the catalogue or of the sweep itself
            begun = begun or ("forward", Column())
            begun[1].note(ERROR, f"outside the call: {first_line(error)}")
        if begun:
            say(column=begun[0], **begun[1].row())
        sound = device_is_sound()
        say(done=name, seconds=round(time.monotonic() - start, 2), sound=sound)
        if not sound:
            break


if __name__ == "__main__":
    main()
