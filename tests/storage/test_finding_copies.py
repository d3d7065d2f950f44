"""Copies are found by the order of their keys: right in any language, and without going through all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import select, text

from keepwarm.storage import schema
from keepwarm.storage.database import Database
from keepwarm.storage.observations import Gone, Scope
from keepwarm.storage.tables import meeting_copy
from tests.storage.world import HOUR, NOW, Store, event, series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from tests.servers.postgresql import PostgreSQL

KEYS = ("a/", "a/1", "a/2/3", "A/1", "a", "b/a/", "a0", "a_/", "a-/1", "a 1", "ä/1", "a.ics/1", "a\N{FRACTION SLASH}1")


@pytest.fixture(params=[schema.create, schema.run_migrations], ids=["made at once", "migrated"])
def german(request: pytest.FixtureRequest, postgresql: PostgreSQL) -> Iterator[Database]:
    """Give a database whose texts are in German order, in which punctuation hardly counts."""
    make: Callable[[Connection], None] = request.param
    url = postgresql.new_database(language="de-u-ka-shifted")
    database = Database(url)
    with database.writing() as connection:
        make(connection)
    yield database
    database.close()
    postgresql.drop_database(url)


def missing(store: Store) -> set[str]:
    return {
        key for (key,) in store.rows(select(meeting_copy.c.source_key).where(meeting_copy.c.missing_since.is_not(None)))
    }


@pytest.mark.parametrize("by", [{"gone": (Gone("a/"),)}, {"complete": (Scope(within="a/"),)}], ids=["gone", "unseen"])
def test_what_begins_with_a_key_is_the_same_in_every_language(german: Database, by: dict[str, Any]) -> None:
    with german.reading() as connection:
        assert connection.execute(text("SELECT 'a/1' > 'a0'")).scalar()  # so the order of this language would not do
    store = Store(german)
    store.pull(*(event(f"u{key}", source_key=key) for key in KEYS), stream="calendar")
    store.pull(stream="calendar", now=NOW + HOUR, **by)
    assert missing(store) == {"a/", "a/1", "a/2/3"}


def test_copies_are_found_by_index(other_store: Store) -> None:
    other_store.pull(*series(), *(event(f"m{number}") for number in range(300)), stream="calendar")
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if "meeting_copy" in statement and not statement.startswith("INSERT"):
            run.append((statement, parameters[0] if many else parameters))

    listening.listen(other_store.database.engine, "before_cursor_execute", note)
    parts = (Scope(within="weekly/"), Scope(within="m2/"))
    other_store.pull(*series()[:3], stream="calendar", now=NOW + HOUR, gone=(Gone("m1/"), Gone("m3")), complete=parts)
    other_store.pull(stream="calendar", now=NOW + 3 * HOUR)
    listening.remove(other_store.database.engine, "before_cursor_execute", note)
    with other_store.database.reading() as connection:
        steps = {
            row[3]: statement
            for statement, parameters in run
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
    assert [step for step in steps if step.startswith("SCAN")] == []
    ranges = [step for step in steps if "source_key>? AND source_key<?" in step]
    assert ranges
    assert any("ix_meeting_copy_stream_id_gone_missing_since" in step for step in steps)
