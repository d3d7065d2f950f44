"""The whole database by its natural keys, to hold two of them against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from keepwarm.storage.database import Database
from keepwarm.storage.tables import account, address, meeting, meeting_revision, message, metadata, stream

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NATURAL = {
    account.c.id: (account.c.name,),
    stream.c.id: (stream.c.name,),
    address.c.id: (address.c.address,),
    message.c.id: (message.c.dedupe_key,),
    meeting.c.id: (meeting.c.ical_uid, meeting.c.recurrence_id),
    meeting_revision.c.id: (meeting_revision.c.ref,),
}
"""By what a row is known where other tables name it by number."""

# How often was begun, and by whom, is no observation; how long rules sleep depends on when they were asked. The key is
# random, so what is hashed with it differs too.
_LEFT_OUT = {
    "contact": {"waiting"},
    "stream": {"lease_epoch", "pass_number"},
    "meeting_copy": {"seen_in_pass", "changed_in_pass", "missing_in_pass"},
    "message": {"subject_hash"},
    "setting": {"value"},
}


def dump(url: str) -> dict[str, list[dict[str, Any]]]:
    """Give all rows of all tables, sorted; numbers that only the database knows are replaced by what they stand for."""
    database = Database(url)
    try:
        with database.reading() as connection:
            names = {column: _names(connection, column) for column in _NATURAL}
            return {table.name: _rows(connection, table, names) for table in metadata.sorted_tables}
    finally:
        database.close()


def _names(connection: Connection, column: Any) -> dict[int, tuple[Any, ...]]:
    return {row[0]: tuple(row[1:]) for row in connection.execute(select(column, *_NATURAL[column]))}


def _rows(connection: Connection, table: Any, names: dict[Any, dict[int, tuple[Any, ...]]]) -> list[dict[str, Any]]:
    own = {"id"} if table.c.get("id") is not None and table.c.id.type.python_type is int else set()
    kept = [column for column in table.c if column.name not in own | _LEFT_OUT.get(table.name, set())]
    targets = {column.name: key.column for column in kept for key in column.foreign_keys if key.column in names}
    rows = [
        {name: names[targets[name]][value] if name in targets else value for name, value in row._mapping.items()}
        for row in connection.execute(select(*kept))
    ]
    return sorted(rows, key=repr)


def differences(found: dict[str, list[Any]], expected: dict[str, list[Any]]) -> list[str]:
    """Tell of each table what only one of two dumps has, a few rows of each."""
    told = []
    for table, rows in expected.items():
        ours, theirs = {repr(row) for row in found[table]}, {repr(row) for row in rows}
        told += [f"{table} has {row}" for row in sorted(ours - theirs)[:3]]
        told += [f"{table} lacks {row}" for row in sorted(theirs - ours)[:3]]
        if ours == theirs and len(found[table]) != len(rows):
            told.append(f"{table} has rows twice")
    return told
