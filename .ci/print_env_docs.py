"""Print docs/env.md from the two tables in the code: the plugin's and that of the software NPU.

``make docs`` writes the file, ``tests/test_docs.py`` checks that it is current.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from pathlib import Path

import torch  # noqa: F401  (its libraries have to be loaded before ours)

from torch_npu import _C

ROOT = Path(__file__).resolve().parents[1]

HEAD = """\
# Environment variables

Every variable that is read is a row of a table in the code, and this page is printed from the tables by `make docs`.
The empty string counts as unset.
"""

PLUGIN = """
## The plugin

Read by `torch_npu` whichever CANN is below it. CANN itself reads more; its own documents describe them.
"""

SOFTNPU = """
## The software NPU

Read by the software NPU alone, when its libraries are loaded.
"""


def escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(columns), ["---" for _ in columns], *([escape(cell) for cell in row] for row in rows)]
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def softnpu_rows() -> list[list[str]]:
    library = ctypes.CDLL(str(ROOT / "torch_npu" / "lib" / "softnpu" / "libascendcl.so"))
    library.softnpu_env_table.restype = ctypes.c_char_p
    lines = library.softnpu_env_table().decode().splitlines()
    return [line.split("\t") for line in lines]


def main() -> None:
    plugin = [[code(name), kind, code(default), allowed, doc] for name, kind, default, allowed, doc in _C.env_table()]
    software = [[code(name), kind, code(default), doc] for name, kind, default, doc in softnpu_rows()]
    print(HEAD + PLUGIN + table(("variable", "type", "default", "values", "meaning"), plugin), end="")
    print(SOFTNPU + table(("variable", "type", "default", "meaning"), software), end="")


if __name__ == "__main__":
    main()
