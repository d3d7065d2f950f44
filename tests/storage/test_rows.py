"""Rows that go in by the shortest way are those that an ordinary insert writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import rows
from keepwarm.storage.tables import address, rejected

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from tests.storage.world import Store

AT = datetime(2026, 3, 1, 8, 0, 0, 5, tzinfo=UTC)
COLUMNS = ("id", "address", "name", "name_rank", "name_at", "robot", "dirty")
VALUES = [(7, "a@b.example", "Ana 'A' %s ?", 2, AT, True, False), (8, "c@d.example", "", 0, None, False, True)]


def told(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        found = connection.execute(select(*(address.c[name] for name in COLUMNS)).order_by(address.c.id))
        return [tuple(row) for row in found]


def test_values_are_converted_as_their_columns_want_it(store: Store) -> None:
    with store.database.writing() as connection:
        rows.insert(connection, address, COLUMNS, VALUES)
    assert told(store.database) == VALUES


def test_nothing_is_no_statement(store: Store) -> None:
    with store.database.writing() as connection:
        rows.insert(connection, address, COLUMNS, [])
    assert told(store.database) == []


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="without a zone"), store.database.writing() as connection:
        rows.insert(connection, address, ("id", "address", "name_at"), [(1, "a", AT.replace(tzinfo=None))])


def test_columns_named_like_words_of_sql_are_quoted(store: Store) -> None:
    columns = ("stream_id", "source_key", "reason", "where", "first_seen")
    values = (store.stream(), "k", "r", "w", AT)
    with store.database.writing() as connection:
        rows.insert(connection, rejected, columns, [values])
        assert connection.execute(select(rejected.c.where)).scalar_one() == "w"
