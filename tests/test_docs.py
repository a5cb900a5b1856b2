"""The documents are true: every command in them is run somewhere, links lead somewhere, both READMEs agree."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, ROOT, blocks, commands

PACKAGE = "tests/test_package.py"
CI = ".ci/run"
TRAINING = (
    ".venv/bin/npurun --nproc-per-node 2 examples/train_gpt.py --steps 5",
    ".venv/bin/torchrun --nproc-per-node=npu examples/train_gpt.py --steps 5",
)

# Where the commands are run that no test takes from the documents: a file, and a text in it that does so. The others
# are words for documented() in tests/test_package.py, which runs them.
RUN_BY = {
    "make test": (CI, "make test"),
    "make build": ("Makefile", "$(MAKE) --no-print-directory build"),
    "make lint": ("Makefile", "$(MAKE) --no-print-directory lint"),
    "make train": ("tests/test_docs.py", "def test_make_train"),
    **dict.fromkeys(TRAINING, ("tests/examples/test_train_gpt.py", "documented(command)")),
    ".venv/bin/python benchmarks/dispatch.py": ("tests/benchmarks/test_benchmarks.py", '"dispatch": {'),
    ".venv/bin/python benchmarks/collectives.py": ("tests/benchmarks/test_benchmarks.py", '"collectives": {'),
    ".venv/bin/python benchmarks/train_step.py": ("tests/benchmarks/test_benchmarks.py", '"train_step": {'),
    ".venv/bin/python -m pytest tests/test_layering.py": ("Makefile", "$(python) -m pytest"),
}


def run(*command: str | Path, **settings: str) -> str:
    # As from a shell: the make that runs these tests must not speak in the output of the make that they run.
    inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    result = subprocess.run(
        command, cwd=ROOT, env={**inherited, **settings}, capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_is_run(document: Path) -> None:
    in_tests = {
        node.value for node in ast.walk(ast.parse((ROOT / PACKAGE).read_text())) if isinstance(node, ast.Constant)
    }
    for command in commands(document):
        assert command in RUN_BY or command in in_tests, f"{document.name}: nothing runs `{command}`"


@pytest.mark.parametrize("command", RUN_BY)
def test_where_commands_are_run(command: str) -> None:
    file, text = RUN_BY[command]
    assert text in (ROOT / file).read_text()
    assert any(command in commands(document) for document in DOCUMENTS), "no document has this command any more"


def test_make_takes_another_torch() -> None:
    requirement = "torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"
    for name in ("README.md", "README.zh.md"):
        assert f'make build TORCH="{requirement}"' in (ROOT / name).read_text()
    planned = run("make", "--dry-run", "build", f"TORCH={requirement}", "VENV=/nonexistent/venv")
    assert f"install -q {requirement}" in planned


def test_make_train() -> None:
    if not (Path(sys.prefix) / ".torch_npu").exists():
        pytest.skip("this environment was not made by make")
    output = run("make", "train", "STEPS=5", f"VENV={sys.prefix}", CMAKE_ARGS="")
    last = output.strip().splitlines()[-1]
    assert re.fullmatch(r"loss first=\d+\.\d+ last=\d+\.\d+ steps=5 world=2 backend=hccl device=npu", last)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_quick_start(name: str) -> None:
    (program,) = blocks(ROOT / name, "python")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{program}"
    if not (Path(sys.prefix) / ".torch_npu").exists():  # not installed here, so torch does not find it by itself
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import torch_npu\n{program}"
    output = run(sys.executable, "-c", code, TORCH_NPU_CANN="soft")
    assert re.match(r"tensor\(\[\[.*\n.*device='npu:0'\)", output)


def test_both_readmes_agree() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh.md"
    assert commands(english) == commands(chinese)
    assert commands(english)[:2] == ["make train", "make test"]
    assert blocks(english, "python") == blocks(chinese, "python")

    def skeleton(document: Path) -> list[tuple[str, int]]:
        """Headings, and tables with their columns, in order."""
        lines = document.read_text().splitlines()
        marks = [(line.split(" ")[0], line.count(" | ")) for line in lines if line.startswith(("#", "|"))]
        return [(mark, columns if mark == "|" else 0) for mark, columns in marks]

    assert skeleton(english) == skeleton(chinese)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        assert target.startswith("http") or (document.parent / target).exists(), target


def test_variables_in_documents_exist() -> None:
    """A variable that a document mentions is in docs/env.md."""
    listed = set(re.findall(r"^\| `(\w+)` ", (ROOT / "docs" / "env.md").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        mentioned = set(re.findall(r"\b(?:TORCH_NPU|SOFTNPU)_[A-Z_]+\b(?!\*)", document.read_text()))
        assert mentioned <= listed, f"{document.name}: {mentioned - listed}"


def test_env_md_is_current() -> None:
    printed = run(sys.executable, ".ci/print_env_docs.py", PYTHONPATH=str(ROOT))
    assert printed == (ROOT / "docs" / "env.md").read_text(), "run make docs"
