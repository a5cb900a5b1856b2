"""Worlds of processes, started once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from distributed.world import World, Worlds

ALL = Worlds()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the worlds after the last test of this room: later ones count the memory of devices."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        ALL.close()


@pytest.fixture
def worlds() -> Worlds:
    """Worlds by their size."""
    return ALL


@pytest.fixture
def two(worlds: Worlds) -> World:
    """Two ranks with a default group."""
    return worlds.get(2)


@pytest.fixture
def four(worlds: Worlds) -> World:
    """Four ranks with a default group."""
    return worlds.get(4)


@pytest.fixture
def groupless(worlds: Worlds) -> World:
    """Four ranks that make their groups themselves."""
    return worlds.get(4, None)
