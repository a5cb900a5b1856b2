"""Says "run make build" where nothing is built, and keeps every skip on the list in tests/skips."""

from __future__ import annotations

import fnmatch
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--complete", action="store_true", help="everything is prepared: refuse skips of a partial run")


def pytest_configure(config: pytest.Config) -> None:
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    if not (ROOT / "torch_npu" / f"_C{suffix}").exists():
        pytest.exit("torch_npu is not built in this checkout for this Python: run make build", returncode=3)
    config.pluginmanager.register(SkipList(config), "skip-list")


class SkipList:
    """Collects skips and expected failures, prints them last, and fails the run on one that is not listed."""

    def __init__(self, config: pytest.Config) -> None:
        allowed = ("always",) if config.getoption("--complete") else ("always", "partial")
        self.patterns = [pattern for when, pattern, _ in read_skips() if when in allowed]
        self.skipped: dict[str, str] = {}

    def is_listed(self, test: str) -> bool:
        return any(fnmatch.fnmatchcase(test, pattern.replace("[", "[[]")) for pattern in self.patterns)

    @property
    def unlisted(self) -> list[str]:
        return [test for test in self.skipped if not self.is_listed(test)]

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            text = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            self.skipped[report.nodeid] = getattr(report, "wasxfail", None) or text.removeprefix("Skipped: ")

    pytest_runtest_logreport = note
    pytest_collectreport = note

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unlisted and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section(f"skipped: {len(self.skipped)}")
        for test, reason in sorted(self.skipped.items()):
            terminalreporter.write_line(f"{test}: {reason}")
        for test in self.unlisted:
            terminalreporter.write_line(f"NOT IN tests/skips: {test}", red=True)


def read_skips() -> list[list[str]]:
    """Return the rows of tests/skips: when, test id pattern, reason."""
    lines = (ROOT / "tests" / "skips").read_text().splitlines()
    rows = [[part.strip() for part in line.split("|", 2)] for line in lines if line and not line.startswith("#")]
    for row in rows:
        assert len(row) == 3 and row[0] in ("always", "partial") and row[2], f"tests/skips: {row}"
    return rows
