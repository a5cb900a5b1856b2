"""An even part of PyTorch's catalogue on npu, and that a crash and a hang cost the entry that they are in."""

from __future__ import annotations

import os
import re

import pytest
from aten.sweep import catalogue, driver, report

EVERY = 16
SAMPLES = 6
PART = 13 if os.environ.get("SOFTNPU_STRICT") == "1" else 5  # make test comes twice; `make operators` runs all parts


def test_an_even_part_of_the_catalogue() -> None:
    found = driver.sweep(catalogue.swept()[PART::EVERY], samples=SAMPLES)
    assert len(found) >= 45
    assert not report.problems(found), "\n".join(report.problems(found))


def test_a_crash_and_a_hang_cost_one_entry_each() -> None:
    names = ["abs", "sabotage.crash", "nn.Linear", "sabotage.hang", "optim.SGD"]
    found = driver.sweep(names, samples=2, workers=1, limit=6.0)
    assert list(found) == names
    for name in ("abs", "nn.Linear", "optim.SGD"):
        assert {row["state"] for row in found[name].values()} <= {"pass", "not applicable"}
    crash, hang = found["sabotage.crash"]["forward"], found["sabotage.hang"]["forward"]
    assert crash["state"] == "crash" and "SIGSEGV" in crash["why"] and "string_at" in crash["why"]
    assert hang["state"] == "hang" and "6 s" in hang["why"] and "in sabotage" in hang["why"]
    told = report.problems(found)
    assert [line.split(":")[0] for line in told] == ["sabotage.crash", "sabotage.hang"]


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
