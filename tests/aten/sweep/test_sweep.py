"""An even part of PyTorch's catalogue on npu, and that what breaks a process costs the entry that it is in."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import torch
from aten.sweep import catalogue, driver, report, sides

EVERY = 16
SAMPLES = 6
PART = 13 if os.environ.get("SOFTNPU_STRICT") == "1" else 5  # make test comes twice; `make operators` runs all parts


def test_an_even_part_of_the_catalogue() -> None:
    found = driver.sweep(catalogue.swept()[PART::EVERY], samples=SAMPLES)
    assert len(found) >= 45
    assert not report.problems(found), "\n".join(report.problems(found))


def test_a_crash_a_hang_and_a_spoilt_device_cost_one_entry_each() -> None:
    names = ["sabotage.crash", "abs", "sabotage.device", "nn.Linear", "sabotage.hang", "optim.SGD"]
    found = driver.sweep(names, samples=2, limit=6.0)
    assert sorted(found) == sorted(names)
    for name in ("abs", "nn.Linear", "optim.SGD"):
        assert {row["state"] for row in found[name].values()} <= {"pass", "not applicable"}
    crash, device, hang = (found[f"sabotage.{how}"]["forward"] for how in ("crash", "device", "hang"))
    assert crash["state"] == "crash" and "SIGSEGV" in crash["why"] and "string_at" in crash["why"]
    assert device["state"] == "error" and "aclnnIndexSelect failed" in device["why"]
    assert hang["state"] == "hang" and "6 s" in hang["why"] and "in sabotage" in hang["why"]
    told = report.problems(found)
    assert [line.split(":")[0] for line in told] == ["sabotage.crash", "sabotage.device", "sabotage.hang"]


def test_the_page_has_every_entry() -> None:
    """docs/operators.md names each entry of the catalogue once, in one of its lists or tables."""
    text = driver.DOCUMENT.read_text()
    text = text[text.index("## Operators (") :]
    sections = text.split("## Operators that fell back")
    assert len(sections) == 2, "print it again: make operators"
    rows = [line.split(" | ")[0].removeprefix("| ") for line in sections[0].splitlines() if line.startswith("| `")]
    lists = [line for line in text.splitlines() if line.startswith("`") or line.startswith("These entries")]
    named = [name.strip("`") for name in rows] + [name for line in lists for name in re.findall(r"`([^`]+)`", line)]
    assert sorted(named) == sorted(catalogue.swept() + catalogue.without_float32()), "print it again: make operators"


@pytest.mark.parametrize(
    ("state", "listed"), [("pass", True), ("fallback", True), ("fail", False), ("error", False), ("hang", False)]
)
def test_what_is_a_problem(state: str, listed: bool) -> None:
    row = {"state": state, "why": "never said by anything", "fell_back": ["lgamma"] if state == "fallback" else []}
    assert bool(report.problems({"abs": {"forward": row}})) != listed


def test_an_unknown_fallback_is_a_problem() -> None:
    row = {"state": "fallback", "why": "", "fell_back": ["add.Tensor"]}
    assert report.problems({"add": {"forward": row}}) == [
        "add: fallback of add.Tensor, which tests/known_gaps.py does not list"
    ]


DIFFERENT: dict[str, tuple[Any, str]] = {
    "numbers": (lambda x: x + 1e-3, "Mismatched elements"),
    "a NaN": (lambda x: x.masked_fill(x == x[0, 0], float("nan")), "Mismatched elements"),
    "dtype": (lambda x: x.double(), "dtype torch.float64"),
    "shape": (lambda x: x[:, :2], "shape"),
    "strides": (lambda x: x.t().contiguous().t(), "strides"),
    "device": (lambda x: x.cpu(), "on cpu"),
    "structure": (lambda x: (x, x), "structure"),
    "kind": (lambda x: 1.0, "a float where"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_differs(case: str) -> None:
    change, message = DIFFERENT[case]
    want = torch.arange(12.0).reshape(3, 4)
    sides.compare(want.npu(), want, sides.Strictness())
    with pytest.raises(sides.Difference, match=message):
        sides.compare(change(want.npu()), want, sides.Strictness())


def test_copies_keep_strides_gaps_and_common_memory() -> None:
    x = torch.arange(12.0).reshape(3, 4).requires_grad_()
    row, whole, steps, kind = sides.copy_to((x.detach()[1], x, sides.strided(x), "cpu"), "npu")
    assert kind == "npu" and whole.is_leaf and whole.requires_grad and not row.requires_grad
    assert steps.stride() == (8, 2) and torch.equal(steps.cpu(), x)
    whole.detach().zero_()
    assert row.sum().item() == 0 and steps.sum().item() == x.sum().item()
    assert sides.aliases((row, steps), (whole,)) == [0, None]
