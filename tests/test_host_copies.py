"""Nothing in torch_npu/ copies tensors to the host behind the user's back: no .cpu(), no .to("cpu").

A copy to the host waits for the stream and hides a missing kernel. Printing and checkpoints may copy: their files are
listed here. Run as a program it prints what it finds; ``make lint`` does that.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# file: why it may copy
ALLOWED: dict[str, str] = {}


def is_host(node: ast.expr) -> bool:
    """Whether an expression is "cpu", "cpu:0" or torch.device of one of them."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("torch.device", "device") and node.args:
        return is_host(node.args[0])
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.split(":")[0] == "cpu"


def host_copies(source: str) -> list[tuple[int, str]]:
    """Return (line, expression) of every copy to the host in a Python source."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        targets = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in ("device", None))]
        if node.func.attr == "cpu" and not node.args or node.func.attr == "to" and any(map(is_host, targets)):
            found.append((node.lineno, ast.unparse(node)))
    return found


def complaints() -> list[str]:
    lines = []
    for path in sorted((ROOT / "torch_npu").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if name not in ALLOWED:
            lines += [f"{name}:{line}: {text} copies to the host" for line, text in host_copies(path.read_text())]
    return lines


def test_the_tree_is_clean() -> None:
    assert complaints() == []


def test_allowed_files_exist_and_copy() -> None:
    for name in ALLOWED:
        assert host_copies((ROOT / name).read_text()), name


@pytest.mark.parametrize(
    "line",
    [
        "x.cpu()",
        "f(x).detach().cpu().numpy()",
        "x.to('cpu')",
        "x.to('cpu:0', torch.float32)",
        "x.to(device='cpu')",
        "x.to(torch.device('cpu'))",
        "x.to(device=torch.device('cpu', 0), non_blocking=True)",
    ],
)
def test_copies_are_found(line: str) -> None:
    assert [number for number, _ in host_copies(f"import torch\n\ny = {line}\n")] == [3]


@pytest.mark.parametrize("line", ["x.to('npu')", "x.to(torch.float32)", "torch.ones(1, device='cpu')", "x.cpu"])
def test_other_things_are_not(line: str) -> None:
    assert host_copies(line) == []


if __name__ == "__main__":
    print("\n".join(complaints()))
    sys.exit(bool(complaints()))
