"""Privacy: once subjects may not be kept, those that were are wiped, wherever they were copied to.

So is what was found in the owner's own mail, once that may not be read. What the owner wrote down themselves stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from keepwarm.storage import owners_word, people, settings
from keepwarm.storage.tables import evidence, feed_entry, feed_pending, meeting, meeting_sighting, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Connection, Row, Select, Table

    from keepwarm.storage.database import Database

FEED_REWRITTEN = "feed_rewritten"
"""The setting that is true from when told lines were wiped until whoever keeps a copy has written it anew."""

_CHUNK = 400
_LINGERING = "wiped_but_not_compacted"
# Greedy, as a subject may hold quotation marks of its own.
_TITLE = re.compile("^“.*”", re.DOTALL)
_SUBJECT = re.compile(": “.*”", re.DOTALL)


def adopt(database: Database, *, subjects: bool) -> None:
    """Keep subjects and titles from now on, or wipe all that are stored, if it was otherwise before.

    What was wiped does not come back by keeping them again. To be called before anything is stored or judged. On
    SQLite the file is written anew, so that the bytes are gone too; if that is cut short, the next call does it.

    Raises DatabaseError.
    """
    wanted = "full" if subjects else "none"
    with database.reading() as connection:
        before, lingering = settings.get(connection, "subjects"), settings.get(connection, _LINGERING)
    if before != wanted:
        with database.writing() as connection:
            settings.put(connection, "subjects", wanted)
            if not subjects:
                _wipe(connection)
                lingering = settings.put(connection, _LINGERING, True) or True
    _compact_if(database, lingering)


def adopt_own_mail(database: Database, *, may_be_read: bool) -> bool:
    """Take in whether the owner's own mail may be read for promises; True if there is mail that was read without.

    Once it may not, all that was found in it is wiped; what may be read again is read from then on.

    Raises DatabaseError.
    """
    with database.reading() as connection:
        before, lingering = settings.get(connection, "own_mail_is_read"), settings.get(connection, _LINGERING)
    unread = False
    if bool(before) != may_be_read:
        with database.writing() as connection:
            settings.put(connection, "own_mail_is_read", may_be_read)
            unread = may_be_read and connection.execute(select(message.c.id).limit(1)).scalar() is not None
            if not may_be_read:
                found = message.c.promised_due.is_not(None)
                connection.execute(update(message).where(found).values(promised_due=None))
                people.mark_all_dirty(connection)
                lingering = settings.put(connection, _LINGERING, True) or True
    _compact_if(database, lingering)
    return unread


def note_wiped(connection: Connection) -> None:
    """Note, with what was wiped, that the file is to be written anew; ``adopt`` does so if ``compact`` did not."""
    settings.put(connection, _LINGERING, True)


def compact(database: Database) -> bool:
    """Write the file anew after something was wiped; False if somebody who reads it was in the way.

    Raises DatabaseError.
    """
    if not database.compact():
        return False
    with database.writing() as connection:
        settings.put(connection, _LINGERING, False)
    return True


def _compact_if(database: Database, lingering: object) -> None:
    if lingering:
        compact(database)


def _wipe(connection: Connection) -> None:
    connection.execute(update(message).where(message.c.subject.is_not(None)).values(subject=None))
    connection.execute(update(meeting).where(meeting.c.summary.is_not(None)).values(summary=None))
    _wipe_sightings(connection)
    _wipe_evidence(connection)
    _wipe_lines(connection, feed_entry, feed_entry.c.seq)
    settings.put(connection, FEED_REWRITTEN, True)
    _wipe_lines(connection, feed_pending, feed_pending.c.id)
    people.mark_all_dirty(connection)  # the rules have the last word on how evidence is told


def _wipe_sightings(connection: Connection) -> None:
    for rows in _in_chunks(connection, select(meeting_sighting.c.id, meeting_sighting.c.body), meeting_sighting.c.id):
        named = [row for row in rows if "summary" in row.body]
        bodies = [{key: value for key, value in row.body.items() if key != "summary"} for row in named]
        _rewrite(connection, meeting_sighting.c.id, "body", [row.id for row in named], bodies)


def _wipe_evidence(connection: Connection) -> None:
    quoted = evidence.c.what.contains("“") & evidence.c.kind.not_in(owners_word.KINDS)
    rows = connection.execute(select(evidence).where(quoted)).all()
    own = (
        (evidence.c.signal_id == bindparam("of"))
        & (evidence.c.kind == bindparam("a"))
        & (evidence.c.ref == bindparam("to"))
    )
    told = [{"of": row.signal_id, "a": row.kind, "to": row.ref, "new": unquoted(row.what)} for row in rows]
    if told:
        connection.execute(update(evidence).where(own).values(what=bindparam("new")), told)


def _wipe_lines(connection: Connection, table: Table, key: Column[Any]) -> None:
    """Take what is quoted out of the lines of the feed; their numbers, ids and times stay."""
    telling = select(key, table.c.data).where(table.c.type.in_(("signal.opened", "signal.cleared")))
    for rows in _in_chunks(connection, telling, key):
        _rewrite(connection, key, "data", [row[0] for row in rows], [_without_titles(row.data) for row in rows])


def _without_titles(data: dict[str, Any]) -> dict[str, Any]:
    cited = [
        one if one["kind"] in owners_word.KINDS else {**one, "what": unquoted(one["what"])}
        for one in data.get("evidence", [])
    ]
    return {**data, "evidence": cited} if cited else data


def unquoted(what: str) -> str:
    """Give the text of a piece of evidence as it is without the subject or title that it quotes."""
    return _SUBJECT.sub("", _TITLE.sub("a meeting", what))


def _in_chunks(connection: Connection, wanted: Select[Any], key: Column[Any]) -> Iterator[list[Row[Any]]]:
    """Give the rows piece by piece, in the order of their key, which comes first in each."""
    rows = list(connection.execute(wanted.order_by(key).limit(_CHUNK)))
    while rows:
        yield rows
        rows = list(connection.execute(wanted.where(key > rows[-1][0]).order_by(key).limit(_CHUNK)))


def _rewrite(connection: Connection, key: Column[Any], column: str, keys: Any, values: list[Any]) -> None:
    changed = [{"row": row, "new": value} for row, value in zip(keys, values, strict=True)]
    if changed:
        one = update(key.table).where(key == bindparam("row")).values({column: bindparam("new")})
        connection.execute(one, changed)
