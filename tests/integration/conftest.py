"""Fixtures of the tests that go through the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.practice.world import World, shared_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def world_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], World]:
    """Give the synced practice of a seed; all xdist workers share one of each."""
    base = tmp_path_factory.getbasetemp()
    shared: Path = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return lambda seed: shared_world(shared / "worlds", seed)


@pytest.fixture(scope="session")
def world(world_of: Callable[[int], World]) -> World:
    """Give one synced practice."""
    return world_of(1)
