"""What is made of a sweep's results: the list of what is wrong and unknown, and the page docs/operators.md."""

from __future__ import annotations

import collections
import fnmatch
from collections.abc import Iterable
from typing import Any

import torch
from aten.sweep import catalogue
from aten.sweep.expected import EXPECTED, SOMETIMES, reason
from known_gaps import GAPS

Columns = dict[str, dict[str, Any]]

STATES = ("pass", "fallback", "fail", "error", "crash", "hang", "not reached", "not applicable")
WRONG = ("fail", "error", "crash", "hang", "not reached")
KINDS = {
    "operator": ("Operators (`op_db`)", catalogue.OPERATOR),
    "module": ("Modules (`module_db`)", catalogue.MODULE),
    "optimizer": ("Optimizers (`optim_db`)", catalogue.OPTIMIZER),
}

HEAD = """\
# What of PyTorch works on npu

PyTorch carries a catalogue of its operators (`op_db`), modules (`module_db`) and optimizers (`optim_db`) with sample
arguments for each, by which its own back ends are tested. This page is the result of running all of it in float32 on
`npu`, over the software NPU, beside the same calls on the CPU: torch {version}, up to {samples} samples of each entry.
It is printed by `make operators`, which takes some minutes; `make test` runs a part of it and fails on anything that
is worse than here. One entry again: `PYTHONPATH=tests python -m aten.sweep.driver --only nn.functional.conv2d`.

Each cell is one of these:

- **pass**: numbers within the tolerance of `torch.testing.assert_close` (or the catalogue's, where it is wider, or as
  near to the result in double precision as the CPU is); the same dtype, shape and strides, and the same memory where
  a view is due; where the CPU raises, the same class of exception; every operator ran on npu.
- **fallback**: the same, but an operator without a kernel for npu ran on the CPU, with copies there and back.
- **fail**: another result than the CPU's, or a result where the CPU raises.
- **error**: npu raises where the CPU does not, or another class of exception.
- **crash**, **hang**: the process died, or the entry took longer than its limit; columns after it are **not reached**.
- **-**: the entry has no such form.

And each column one of these:

- **forward**: the call without gradients, and what it leaves in its arguments.
- **backward**: the gradients of all inputs, for one random gradient of the results.
- **out=**: results given with the right shape, with gaps between their elements, without elements (to be resized), and
  with another dtype.
- **in-place**: the method with an underscore, on a dense tensor and on one with gaps.
- **non-contiguous**: forward and backward with gaps between the elements of every input.
- **refusals**: the calls that the catalogue says must be refused.

Operators that draw random numbers, or leave memory as they found it, are compared in dtype, shape and strides; for the
random ones the same seed must give the same numbers on npu and another seed others. Modules are run in training and in
evaluation, and compare their buffers too. Optimizers take {steps} steps with given gradients; their state is compared.
"""


def cell(row: dict[str, Any]) -> str:
    return "-" if row["state"] == "not applicable" else row["state"]


def is_wrong(columns: Columns) -> bool:
    return any(row["state"] in WRONG for row in columns.values())


def fell_back(columns: Columns) -> list[str]:
    return sorted({name for row in columns.values() for name in row["fell_back"]})


def gap_reason(operator: str) -> str | None:
    """Return why an operator has no kernel for npu, by tests/known_gaps.py or expected.py."""
    return SOMETIMES.get(operator) or next(
        (text for pattern, text in GAPS if fnmatch.fnmatchcase(operator, pattern)), None
    )


def problems(found: dict[str, Columns]) -> list[str]:
    """Return a line for everything that is wrong and that no list of known things has."""
    lines = []
    for name, columns in sorted(found.items()):
        for column, row in columns.items():
            state, why = row["state"], row["why"]
            if state in WRONG and state != "not reached" and not reason(name, column, state, why):
                lines.append(f"{name}: {column}: {state}: {why}")
        unknown = [operator for operator in fell_back(columns) if not gap_reason(operator)]
        lines += [f"{name}: fallback of {operator}, which tests/known_gaps.py does not list" for operator in unknown]
    return lines


def stale(found: dict[str, Columns]) -> list[str]:
    """Return a line for every row of expected.py that covers nothing in the results of all entries."""
    used = set()
    for name, columns in found.items():
        for column, row in columns.items():
            for index, (entry, pattern, state, part, _) in enumerate(EXPECTED):
                matches = fnmatch.fnmatchcase(name, entry) and fnmatch.fnmatchcase(column, pattern)
                if matches and state == row["state"] and part in row["why"]:
                    used.add(index)
    return [f"expected.py: nothing is like this any more: {row[:4]}" for n, row in enumerate(EXPECTED) if n not in used]


def document(found: dict[str, Columns], without_float32: list[str], samples: int, steps: int) -> str:
    parts = [HEAD.format(version=torch.__version__.partition("+")[0], samples=samples, steps=steps)]
    for kind, (title, columns) in KINDS.items():
        names = sorted(name for name in found if catalogue.entries()[name].kind == kind)
        parts += [f"## {title}", counts({name: found[name] for name in names}, columns)]
        wrong = [name for name in names if is_wrong(found[name])]
        slow = [name for name in names if name not in wrong and fell_back(found[name])]
        good = [name for name in names if name not in wrong and name not in slow]
        if wrong:
            parts += [f"### Wrong or refused: {len(wrong)}", wrong_table(wrong, found, columns)]
        if slow:
            parts += [f"### Right, partly on the CPU: {len(slow)}", slow_table(slow, found, columns)]
        parts += [f"### Pass in every column: {len(good)}", ", ".join(f"`{name}`" for name in good)]
    parts += ["## Operators that fell back", gap_table(found)]
    parts += [
        f"## Not in the sweep: {len(without_float32)}",
        "These entries do not take float32: " + ", ".join(f"`{name}`" for name in without_float32),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def counts(found: dict[str, Columns], columns: tuple[str, ...]) -> str:
    tally = collections.Counter((column, row["state"]) for rows in found.values() for column, row in rows.items())
    seen = [state for state in STATES if any(tally[column, state] for column in columns)]
    rows = [[column, *(str(tally[column, state]) for state in seen)] for column in columns]
    return f"{len(found)} entries.\n\n" + table(["", *(s.replace("not applicable", "-") for s in seen)], rows)


def wrong_table(names: list[str], found: dict[str, Columns], columns: tuple[str, ...]) -> str:
    rows = []
    for name in names:
        said: dict[str, str] = {}
        for column, row in found[name].items():
            if row["state"] in WRONG and row["why"]:
                known = reason(name, column, row["state"], row["why"])
                said.setdefault(known or shorten(row["why"]), column)
        why = "; ".join(f"{column}: {text}" for text, column in said.items())
        if back := fell_back(found[name]):
            why += "; on the CPU: " + ", ".join(f"`{operator}`" for operator in back)
        rows.append([f"`{name}`", *(cell(found[name][column]) for column in columns), why])
    return table(["entry", *columns, "why"], rows)


def slow_table(names: list[str], found: dict[str, Columns], columns: tuple[str, ...]) -> str:
    rows = []
    for name in names:
        back = ", ".join(f"`{operator}`" for operator in fell_back(found[name]))
        rows.append([f"`{name}`", *(cell(found[name][column]) for column in columns), back])
    return table(["entry", *columns, "on the CPU"], rows)


def gap_table(found: dict[str, Columns]) -> str:
    users: dict[str, list[str]] = collections.defaultdict(list)
    for name, columns in found.items():
        for operator in fell_back(columns):
            users[operator].append(name)
    rows = [[f"`{name}`", str(len(users[name])), gap_reason(name) or "unknown"] for name in sorted(users)]
    return table(["operator", "entries", "why it has no kernel for npu"], rows)


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *([text.replace("|", "\\|") for text in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shorten(text: str, length: int = 200) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
