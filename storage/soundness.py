"""Soundness: whether the database is whole, and whether what must hold of its rows does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Float, and_, func, inspect, or_, select, text

from keepwarm.storage import schema, settings
from keepwarm.storage.database import DamagedDatabaseError
from keepwarm.storage.kept_out import kept_out
from keepwarm.storage.tables import address, feed_entry, feed_pending, metadata, stream, warmth_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from keepwarm.storage.database import Database

_MOST = 20
_ROUNDING = 0.0501
_RESTORE = "Restore a backup, or rescue what can be read: sqlite3 OLD .recover | sqlite3 NEW"
_REPLAY = "`keepwarm replay` works it out anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something that is not as it must be."""

    kind: str  # damage, reference, schema, feed, ledger, stream, forgotten
    what: str  # one sentence
    what_to_do: str


def flaws(database: Database) -> list[Flaw]:
    """Look for damage, and for rows that cannot be; empty for a sound database.

    Raises DatabaseError for a database that cannot be opened.
    """
    try:
        return _flaws(database)
    except DamagedDatabaseError as error:
        return [Flaw(kind="damage", what=str(error), what_to_do=_RESTORE)]


def _flaws(database: Database) -> list[Flaw]:
    is_sqlite = database.path is not None
    with database.reading() as connection:
        if is_sqlite and (found := list(_damage(connection))):
            return found  # nothing that is read can be relied on
        if (wrong := _schema(connection)) is not None:
            return [wrong]
        found = list(_references(connection)) if is_sqlite else []  # PostgreSQL holds them itself
        return [*found, *_feed(connection), *_ledger(connection), *_streams(connection), *_forgotten(connection)]


def _damage(connection: Connection) -> Iterator[Flaw]:
    rows = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})")
    lines = [line for row in rows for line in str(row[0]).splitlines() if line != "ok" and not line.startswith("***")]
    for line in lines[:_MOST]:
        yield Flaw(kind="damage", what=f"The file is damaged: {line}", what_to_do=_RESTORE)


def _schema(connection: Connection) -> Flaw | None:
    found = schema.version(connection)
    if found != schema.HEAD:
        known = found is None or found < schema.HEAD
        cure = "`keepwarm db upgrade` brings it there." if known else "Install the newer Keepwarm that wrote it."
        return Flaw(kind="schema", what=f"The schema is {found}, and not {schema.HEAD}.", what_to_do=cure)
    there = set(inspect(connection).get_table_names())
    if missing := sorted(table.name for table in metadata.sorted_tables if table.name not in there):
        return Flaw(kind="schema", what=f"There is no table {missing[0]}.", what_to_do=_RESTORE)
    return None


def _references(connection: Connection) -> Iterator[Flaw]:
    for row in connection.execute(text("PRAGMA foreign_key_check")).fetchmany(_MOST):
        yield Flaw(kind="reference", what=f"{row[0]}: a row of {row[2]} is missing.", what_to_do=_RESTORE)


def _feed(connection: Connection) -> Iterator[Flaw]:
    """Its numbers have no gap, and what waits to be told was not told."""
    seq = feed_entry.c.seq
    first, last, count = connection.execute(select(func.min(seq), func.max(seq), func.count(seq))).one()
    if count and (first, last) != (1, count):
        what = f"The feed has {count} lines, numbered from {first} to {last}."
        yield Flaw(kind="feed", what=what, what_to_do="Readers of the feed miss what is gone; restore a backup.")
    twice = select(feed_pending.c.id).join(feed_entry, feed_entry.c.id == feed_pending.c.id).limit(1)
    if (one := connection.execute(twice).scalar()) is not None:
        yield Flaw(kind="feed", what=f"The line {one} was told, and waits to be told.", what_to_do=_REPLAY)


def _ledger(connection: Connection) -> Iterator[Flaw]:
    """Each line goes on from where the one before it ended, and they are numbered without a gap."""
    of, by = warmth_change.c.contact_id, warmth_change.c.seq
    steps = select(
        of,
        by,
        warmth_change.c.before,
        func.row_number().over(partition_by=of, order_by=by).label("number"),
        func.lag(warmth_change.c.after, type_=Float()).over(partition_by=of, order_by=by).label("reached"),
    ).subquery()
    jumps = and_(steps.c.reached.is_not(None), func.abs(steps.c.before - steps.c.reached) > _ROUNDING)
    broken = or_(steps.c.seq != steps.c.number, jumps)
    wrong = select(steps.c.contact_id, func.min(steps.c.seq).label("seq")).where(broken).group_by(steps.c.contact_id)
    for row in connection.execute(wrong.limit(_MOST)):
        yield Flaw(kind="ledger", what=f"The ledger of {row.contact_id} breaks at {row.seq}.", what_to_do=_REPLAY)


def _streams(connection: Connection) -> Iterator[Flaw]:
    rows = connection.execute(select(stream.c.name, stream.c.cursor, stream.c.lease_epoch, stream.c.pass_number))
    for row in rows:
        if row.lease_epoch < 0 or row.pass_number < 0 or not isinstance(row.cursor or {}, dict):
            what = f"How far {row.name} was read cannot be told."
            yield Flaw(kind="stream", what=what, what_to_do="Restore a backup.")


def _forgotten(connection: Connection) -> Iterator[Flaw]:
    """Nobody who is kept out is there."""
    key = settings.get(connection, "hash_key")
    out = kept_out(connection, bytes.fromhex(key)) if key else None
    if out and (number := sum(one in out for one in connection.execute(select(address.c.address)).scalars())):
        cure = "`keepwarm forget` them again, by address; --allow first, if they may stay."
        yield Flaw(kind="forgotten", what=f"{number} addresses that are to be kept out are there.", what_to_do=cure)
