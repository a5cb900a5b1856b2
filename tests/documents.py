"""The commands of the documents, for the tests that run them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def blocks(document: Path, language: str) -> list[str]:
    """Return the code blocks of a language, as they stand."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


def commands(document: Path) -> list[str]:
    """Return the lines of the shell blocks without their comments."""
    lines = [line.strip() for block in blocks(document, "bash") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def documented(command: str, **instead: str | Path) -> list[str]:
    """Return the words of a command that a document has, to be run by a test.

    ``instead`` are the test's own tools and places in place of the reader's: ``pip=``, ``python=``
    (``.venv/bin/python``), ``dist=`` (where wheels go), ``wheel=`` (``dist/torch_npu-*.whl``). Raises AssertionError
    when no document has the command, so that a test runs what a reader runs.
    """
    assert any(command in commands(document) for document in DOCUMENTS), f"no document has `{command}`"
    places = {".venv/bin/python": "python", "pip": "pip", "dist": "dist", "dist/torch_npu-*.whl": "wheel"}
    return [str(instead[places[word]]) if word in places else word for word in shlex.split(command)]
