"""Histories are read by index: their cost grows with a contact's own history, not with the mailbox."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event

from keepwarm.storage import contacts, handovers, newcomers
from keepwarm.storage.history_reader import histories
from tests.storage.world import ANA, NOW, SAM, Store, mail, series

BIG = ("message", "message_party", "meeting", "meeting_party", "meeting_revision", "meeting_sighting")


@pytest.fixture
def sqlite_store(other_store: Store) -> Store:
    """Give a database with many people and a series of meetings."""
    mails = [
        mail(*((SAM, f"p{number}@x.example") if number % 2 else (f"p{number}@x.example", SAM)), number=number)
        for number in range(400)
    ]
    other_store.pull(*mails, mail(SAM, ANA, number=1000), *series())
    other_store.sort()
    return other_store


def plans(connection: Connection, statements: list[tuple[str, Any]]) -> list[str]:
    """Give the steps by which SQLite would carry out these statements."""
    steps = []
    for statement, parameters in statements:
        steps += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return steps


@pytest.mark.parametrize(("what", "tables"), [("history", BIG), ("view", BIG[:2])])
def test_one_contact_is_read_without_going_through_a_whole_table(
    sqlite_store: Store, what: str, tables: tuple[str, ...]
) -> None:
    who = sqlite_store.contacts()[ANA].id
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        run.append((statement, parameters))

    with sqlite_store.database.reading() as connection:
        event.listen(connection, "before_cursor_execute", note)
        if what == "history":
            [history] = histories(connection, [who], sqlite_store.owner)
            assert len(history.messages) == 1
        else:
            assert contacts.views(connection, NOW, [who])
        event.remove(connection, "before_cursor_execute", note)
        steps = plans(connection, run)
    assert steps
    assert [step for step in steps if step.partition("SCAN ")[2].partition(" ")[0] in tables] == []


def test_who_took_whose_part_and_who_brought_whom_is_found_by_people_and_not_in_all_that_came_in(
    sqlite_store: Store,
) -> None:
    who = sqlite_store.contacts()[ANA].id
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        run.append((statement, parameters))

    with sqlite_store.database.reading() as connection:
        event.listen(connection, "before_cursor_execute", note)
        newcomers.candidates(connection, [who])
        newcomers.may_have_introduced(connection, {1: NOW}, {2: NOW})
        handovers.of_contacts(connection, {who: [ANA]}, {}, sqlite_store.owner)
        event.remove(connection, "before_cursor_execute", note)
        steps = plans(connection, run)
    assert len(run) == 7
    assert [step for step in steps if "SCAN" in step or "ix_message_outbound_kind_at" in step] == []
