"""Fixtures of the storage tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.world import Store

if TYPE_CHECKING:
    from keepwarm.storage.database import Database


@pytest.fixture
def store(database: Database) -> Store:
    """Give Sam's database, of each kind in turn; nothing is stored yet."""
    return Store(database)
