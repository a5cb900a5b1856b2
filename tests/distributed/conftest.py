"""Worlds of processes, started once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from distributed.world import World, Worlds


@pytest.fixture(scope="package")  # their memory must not be there when later tests count it
def worlds() -> Iterator[Worlds]:
    """Worlds by their size."""
    all_worlds = Worlds()
    yield all_worlds
    all_worlds.close()


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
