"""Everything that can be said about the source without building it: formats, file sizes, arrows between rooms.

Runs all the checks, then fails if one of them failed. Run by ``make lint`` with the environment's Python; with
``--fix`` (``make format``) it rewrites the files that the formatters complain about instead.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
ROOMS = ("cann", "csrc", "softnpu", "torch_npu", "launch", "tests", "benchmarks", "examples", ".ci", "cmake")
CAP = 800


def sources(*suffixes: str) -> list[Path]:
    """Return the source files of all rooms and of the root, relative to the root, sorted."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in suffixes]
    found += [path for path in ROOT.iterdir() if path.suffix in suffixes]
    return sorted(path.relative_to(ROOT) for path in found if path.is_file())


def run(title: str, *command: str | Path) -> bool:
    """Run one tool at the root; its output is shown only when it finds something."""
    result = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True)
    print(f"{'ok  ' if result.returncode == 0 else 'FAIL'} {title}")
    if result.returncode != 0:
        print(result.stdout + result.stderr)
    return result.returncode == 0


def file_sizes() -> bool:
    """Print the ten longest files and refuse one above the cap."""
    lines = {path: len((ROOT / path).read_text().splitlines()) for path in sources(".h", ".cpp", ".py", ".cmake")}
    longest = sorted(lines, key=lambda path: -lines[path])[:10]
    over = [path for path in longest if lines[path] > CAP]
    print(f"{'FAIL' if over else 'ok  '} no file above {CAP} lines; the ten longest:")
    for path in longest:
        print(f"       {lines[path]:4} {path}")
    return not over


def arrows() -> bool:
    """Run the layering test as a program, which prints every arrow between rooms."""
    result = subprocess.run([sys.executable, "tests/test_layering.py"], cwd=ROOT, capture_output=True, text=True)
    print(f"{'ok  ' if result.returncode == 0 else 'FAIL'} layering; the arrows between rooms:")
    print("".join(f"       {line}\n" for line in (result.stdout + result.stderr).splitlines()), end="")
    return result.returncode == 0


def fix() -> int:
    """Let the formatters rewrite the sources, then say what they could not mend."""
    fixed = [
        run("clang-format", TOOLS / "clang-format", "-i", *sources(".h", ".cpp")),
        run("ruff check --fix", TOOLS / "ruff", "check", "--fix", "--exit-zero", *sources(".py")),
        run("ruff format", TOOLS / "ruff", "format", *sources(".py")),
        run("ruff check", TOOLS / "ruff", "check", *sources(".py")),
    ]
    return 0 if all(fixed) else 1


def main() -> int:
    checks = [
        run("clang-format", TOOLS / "clang-format", "--dry-run", "-Werror", *sources(".h", ".cpp")),
        run("ruff check", TOOLS / "ruff", "check", *sources(".py")),
        run("ruff format", TOOLS / "ruff", "format", "--check", *sources(".py")),
        file_sizes(),
        arrows(),
        run("no copies to the host in torch_npu", sys.executable, "tests/test_host_copies.py"),
    ]
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(fix() if sys.argv[1:] == ["--fix"] else main())
