"""The rooms form a straight line: this reads every #include and import and fails on an arrow that is not allowed.

Run as a program it prints the arrows, with how many includes or imports make each; ``make lint`` does that.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Where each room may look, besides itself and files outside this repository.
ALLOWED: dict[str, set[str]] = {
    "cann": set(),
    "csrc/acl": {"cann"},
    "csrc/core": {"cann", "csrc/acl"},
    "csrc/aten": {"cann", "csrc/acl", "csrc/core"},
    "csrc/hccl": {"cann", "csrc/acl", "csrc/core"},
    "csrc/python": {"cann", "csrc/acl", "csrc/core", "csrc/aten", "csrc/hccl"},
    "softnpu/include": {"cann"},
    "softnpu/acl": {"cann", "softnpu/include"},
    "softnpu/aclnn": {"cann", "softnpu/include"},
    "softnpu/hccl": {"cann", "softnpu/include"},
    "torch_npu": set(),
    "launch": {"torch_npu"},
    "tests/cann": {"cann"},  # it must compile and hold for any CANN
    "tests/softnpu": {
        "cann",
        "softnpu/include",
        "softnpu/acl",
        "softnpu/aclnn",
        "softnpu/hccl",
        "torch_npu",
        "tests",
        "tests/cann",
    },
    "tests": {"cann", "torch_npu", "launch", "benchmarks", "examples"},
    "benchmarks": {"torch_npu", "cann"},
    "examples": {"torch_npu"},
}

# Where quoted includes start, in the order in which the compiler looks.
INCLUDE_ROOTS = (ROOT, ROOT / "cann/include", ROOT / "softnpu/include")

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
PYTHON_HEADER = re.compile(r"^(Python\.h|pybind11/.*|torch/extension\.h|torch/python\.h|torch/csrc/utils/.*)$")
TORCH_HEADER = re.compile(r"^(ATen|c10|torch|caffe2)/")
GETENV = re.compile(r"\b(secure_)?getenv\s*\(")
GETENV_FILES = {"csrc/acl/Env.cpp", "softnpu/acl/env.cpp"}
# "am I on the software NPU?" is asked in one place. The names of operators (softmax, ...) are another matter.
SOFT = re.compile(r"soft(?!max|plus|shrink|sign|_?margin|capping)", re.IGNORECASE)
SOFT_FILES = {"csrc/acl/Library.h", "csrc/acl/Library.cpp"}
TODO = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\([^)]+\))")


def room_of(path: Path) -> str | None:
    """Return the room that a file of this repository is in, or None for a file at the root or outside."""
    if not path.is_relative_to(ROOT):
        return None
    parts = path.relative_to(ROOT).parts
    for depth in (2, 1):
        if (room := "/".join(parts[:depth])) in ALLOWED and len(parts) > depth:
            return room
    return None


def files(*suffixes: str) -> list[Path]:
    rooms = sorted({room.partition("/")[0] for room in ALLOWED})
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in suffixes)


def included(path: Path) -> list[tuple[str, Path | None]]:
    """Return what a C or C++ file includes: the name as written, and the file where it is one of ours."""
    names = INCLUDE.findall(path.read_text())
    candidates = {name: [base / name for base in (path.parent, *INCLUDE_ROOTS)] for name in names}
    return [(name, next((file for file in candidates[name] if file.is_file()), None)) for name in names]


def imported(path: Path) -> list[str]:
    """Return the dotted names that a Python file imports anywhere, relative ones as they are meant."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def room_of_module(name: str) -> str | None:
    if name == "torch_npu.launch" or name.startswith("torch_npu.launch."):
        return "launch"
    top = name.partition(".")[0]
    return top if top in {"torch_npu", "tests", "benchmarks", "examples"} else None


def arrows() -> Counter[tuple[str, str]]:
    """Count the includes and imports from one room to another."""
    found: Counter[tuple[str, str]] = Counter()
    for path in files(".h", ".cpp"):
        found.update((room_of(path), room_of(file)) for _, file in included(path) if file)
    for path in files(".py"):
        found.update((room_of(path), room_of_module(name)) for name in imported(path))
    return Counter({(a, b): n for (a, b), n in found.items() if a and b and a != b})


def forbidden_arrows() -> list[str]:
    return [f"{a} must not look at {b}" for a, b in sorted(arrows()) if b not in ALLOWED[a]]


def forbidden_includes() -> list[str]:
    """Python belongs to csrc/python alone, torch is unknown to the contract and below the operators of softnpu."""
    problems = []
    for path in files(".h", ".cpp"):
        name, room = str(path.relative_to(ROOT)), room_of(path)
        for header, _ in included(path):
            if PYTHON_HEADER.match(header) and room != "csrc/python":
                problems.append(f"{name} includes {header}; only csrc/python knows Python")
            if TORCH_HEADER.match(header) and room in {"cann", "softnpu/include", "softnpu/acl", "softnpu/hccl"}:
                problems.append(f"{name} includes {header}; {room} needs the C library and threads only")
    return problems


def forbidden_words() -> list[str]:
    problems = []
    for path in files(".h", ".cpp", ".py"):
        name, text = str(path.relative_to(ROOT)), path.read_text()
        compiled = path.suffix != ".py" and name.startswith(("csrc/", "softnpu/"))
        if path == Path(__file__).resolve():
            continue
        if compiled and GETENV.search(text) and name not in GETENV_FILES:
            problems.append(f"{name} calls getenv; an environment variable is a row of the table")
        if name.startswith("csrc/") and SOFT.search(text) and name not in SOFT_FILES:
            problems.append(f"{name} says '{SOFT.search(text)[0]}'; the plugin does not know what is below the C ABI")
        if found := TODO.search(text):
            problems.append(f"{name} says {found[0]} without its condition: {found[0]}(when ...)")
    return problems


def test_no_other_arrow_between_rooms() -> None:
    assert not forbidden_arrows()


def test_includes() -> None:
    assert not forbidden_includes()


def test_words() -> None:
    assert not forbidden_words()


def test_the_line_is_there() -> None:
    """Guards the test itself: a reader that finds nothing would find nothing wrong."""
    found = arrows()
    line = ["cann", "csrc/acl", "csrc/core", "csrc/aten", "csrc/python"]
    for lower, upper in zip(line, line[1:]):
        assert found[upper, lower] > 0, f"no include from {upper} to {lower} was seen"
    for room in ("softnpu/acl", "softnpu/aclnn", "softnpu/hccl"):
        assert found[room, "cann"] > 0, f"no include from {room} to cann was seen"


@pytest.mark.parametrize(
    ("pattern", "found", "not_found"),
    [
        (SOFT, "if (cann().is_soft())", "structured_softmax_out, softplus, SoftMarginLoss"),
        (SOFT, "the software NPU", "aclnnSoftshrink"),
        (GETENV, 'std::getenv("HOME")', "the getenv of the C library"),
        (TODO, "// TODO: later", "// TODO(when torch 2.14 is supported): drop"),
        (PYTHON_HEADER, "torch/extension.h", "torch/library.h"),
    ],
)
def test_patterns(pattern: re.Pattern[str], found: str, not_found: str) -> None:
    assert pattern.search(found)
    assert not pattern.search(not_found)


def main() -> int:
    for (a, b), count in sorted(arrows().items()):
        print(f"{a:16} -> {b:16} {count:4}")
    problems = forbidden_arrows() + forbidden_includes() + forbidden_words()
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
