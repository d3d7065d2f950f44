"""The feed: what became true, appended once, in the order of time within a pass.

Evaluation stages lines as it goes; ``publish`` appends them when a pass over all streams is complete. A line is told
from others by its id, which is made of its content: what was appended before is not appended again.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, delete, func, select, type_coerce

from keepwarm.storage import mergings
from keepwarm.storage.column_types import json_text
from keepwarm.storage.contacts import refs
from keepwarm.storage.feed_forgetting import SCOPE as FORGOTTEN
from keepwarm.storage.tables import contact, feed_entry, feed_pending
from keepwarm.storage.tellings import Told, as_told, tellings, withdrawal
from keepwarm.storage.views import ContactRef, FeedEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

_CHUNK = 400
_AT_ONCE = ("contact.merged", "contact.forgotten")
_JSON = ("contact", "data")  # passed on as the text they are: most of a first sync's time would be reading it
_APPEND = feed_entry.insert().values(
    {
        column.name: bindparam(f"its_{column.name}", type_=Text() if column.name in _JSON else column.type)
        for column in feed_entry.c
    }
)


def stage(connection: Connection, contact_id: str, lines: Iterable[dict[str, Any]], *, scope: str = "contact") -> None:
    """Take in what there is to tell of a contact, in place of what was staged and has not been told.

    ``lines`` (``id``, ``type``, ``time``, ``contact_id``, ``data``) are all that holds now of what this scope tells of
    the contact: themselves, their organisation, or the practice; those already told are dropped. A signal that was told
    and is not among them never was, as older mail, come in late, has shown: it is cleared.
    """
    untold = (feed_pending.c.contact_id == contact_id) & (feed_pending.c.scope == scope)
    connection.execute(delete(feed_pending).where(untold))
    mine = (feed_entry.c.contact_id == contact_id) & (feed_entry.c.scope == scope)
    told = _told(connection, mine)
    true = {line["id"]: line for line in as_told(list(lines), told)}
    new = [line for line in true.values() if line["id"] not in told.ids]
    new += _withdrawn(connection, mine, told, true.keys())
    if new:
        connection.execute(feed_pending.insert(), [{**line, "scope": scope} for line in new])


def stage_more(connection: Connection, lines: Sequence[dict[str, Any]]) -> None:
    """Take in lines beside those that were staged; what was told already, or is staged, is dropped."""
    for start in range(0, len(lines), _CHUNK):
        some = lines[start : start + _CHUNK]
        opened = [line["id"] for line in some if line["type"] == "signal.opened"]
        withdrawn = _withdrawals_of(connection, opened)
        # What was to be said to have never been is true again before that was said.
        taken_back = [withdrawal(telling) for telling in tellings(opened, withdrawn)]
        connection.execute(delete(feed_pending).where(feed_pending.c.id.in_(taken_back)))
        new = {line["id"]: line for line in as_told(some, Told(ids=withdrawn, cleared=()))}
        for table in (feed_entry, feed_pending):
            for known in connection.execute(select(table.c.id).where(table.c.id.in_(list(new)))).scalars():
                new.pop(known, None)
        if new:
            connection.execute(feed_pending.insert(), list(new.values()))


def depart(connection: Connection, contact_ids: Sequence[str]) -> None:
    """Clear what was told of these, who are no contacts any more; drop what was not told yet."""
    for who in contact_ids:
        connection.execute(delete(feed_pending).where(feed_pending.c.contact_id == who))
        theirs = (feed_entry.c.contact_id == who) & (feed_entry.c.scope != FORGOTTEN)
        scopes = select(feed_entry.c.scope).where(theirs).distinct()
        for scope in connection.execute(scopes).scalars().all():
            stage(connection, who, (), scope=scope)


def _told(connection: Connection, mine: ColumnElement[bool]) -> Told:
    ids = frozenset(connection.execute(select(feed_entry.c.id).where(mine)).scalars())
    cleared = select(feed_entry.c.data).where(mine, feed_entry.c.type == "signal.cleared")
    return Told(ids=ids, cleared=frozenset(data["signal"] for data in connection.execute(cleared).scalars()))


def _withdrawals_of(connection: Connection, signal_ids: Sequence[str]) -> frozenset[str]:
    """Give the ids of the lines that have withdrawn tellings of these signals."""
    found: set[str] = set()
    unsure = list(signal_ids)
    while unsure:
        asked = {withdrawal(telling): signal for signal, telling in zip(unsure, tellings(unsure, found), strict=True)}
        told = connection.execute(select(feed_entry.c.id).where(feed_entry.c.id.in_(list(asked)))).scalars().all()
        found.update(told)
        unsure = [asked[one] for one in told]
    return frozenset(found)


def _withdrawn(
    connection: Connection, mine: ColumnElement[bool], told: Told, true: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Clear each telling that does not hold, unless that was said already."""
    opened = connection.execute(select(feed_entry.c.id).where(mine, feed_entry.c.type == "signal.opened")).scalars()
    gone = [one for one in opened if one not in true and one not in told.cleared]
    for start in range(0, len(gone), _CHUNK):
        some = feed_entry.c.id.in_(gone[start : start + _CHUNK])
        for row in connection.execute(select(feed_entry).where(some)):
            yield {
                "id": withdrawal(row.id),
                "type": "signal.cleared",
                "time": row.time,
                "contact_id": row.contact_id,
                "data": {**row.data, "signal": row.id},
            }


def is_begun(connection: Connection) -> bool:
    """Tell whether anything was told yet."""
    return connection.execute(select(feed_entry.c.seq).limit(1)).first() is not None


def publish(connection: Connection, held_back: Collection[str] = ()) -> int:
    """Append what was staged, in the order of time; give the number of lines.

    What there is to be told of the contacts ``held_back`` stays staged.
    """
    first = newest = last(connection)
    if merged := mergings.untold(connection):
        connection.execute(feed_pending.insert(), merged)
    people: dict[str, str] = {}
    # Taken away piece by piece: a first sync has a hundred thousand lines.
    shown = (type_coerce(column, Text) if column.name in _JSON else column for column in feed_pending.c)
    in_order = select(*shown).order_by(feed_pending.c.time, feed_pending.c.id).limit(_CHUNK)
    following = in_order
    while some := connection.execute(following).all():
        at, name = some[-1].time, some[-1].id
        later = (feed_pending.c.time > at) | ((feed_pending.c.time == at) & (feed_pending.c.id > name))
        following = in_order.where(later)
        # That two are one, or somebody is to be forgotten, is no matter of what was read.
        rows = [row for row in some if row.contact_id not in held_back or row.type in _AT_ONCE]
        if not rows:
            continue
        unknown = sorted({row.contact_id for row in rows} - people.keys())
        people.update(_as_told_last(connection, unknown))
        people.update({ref.id: json_text(asdict(ref)) for ref in refs(connection, unknown)})
        lines = [
            {
                "its_seq": seq,
                "its_id": row.id,
                "its_type": row.type,
                "its_time": row.time,
                "its_contact_id": row.contact_id,
                "its_contact": people[row.contact_id],
                "its_data": row.data,
                "its_scope": row.scope,
            }
            for seq, row in enumerate(rows, start=newest + 1)
        ]
        connection.execute(_APPEND, lines)
        connection.execute(delete(feed_pending).where(feed_pending.c.id.in_([row.id for row in rows])))
        newest += len(rows)
    return newest - first


def _as_told_last(connection: Connection, contact_ids: Sequence[str]) -> dict[str, str]:
    """Give those among these who are no contacts any more as they were when the feed told of them last: JSON."""
    shown = select(feed_entry.c.contact_id, type_coerce(feed_entry.c.contact, Text).label("contact"))
    found = {}
    for start in range(0, len(contact_ids), _CHUNK):
        theirs = feed_entry.c.contact_id.in_(contact_ids[start : start + _CHUNK])
        gone = feed_entry.c.contact_id.not_in(select(contact.c.id))
        for row in connection.execute(shown.where(theirs, gone).order_by(feed_entry.c.seq)):
            found[row.contact_id] = row.contact
    return found


def last(connection: Connection) -> int:
    """Give the ``seq`` of the newest line; 0 if there is none."""
    found: int = connection.execute(select(func.coalesce(func.max(feed_entry.c.seq), 0))).scalar_one()
    return found


def forgot(connection: Connection, since: int) -> bool:
    """Tell whether a line after ``since`` says that a contact was forgotten: then older lines were rewritten, too."""
    told = (feed_entry.c.seq > since) & (feed_entry.c.type == "contact.forgotten")
    return connection.execute(select(feed_entry.c.seq).where(told).limit(1)).first() is not None


def entries(connection: Connection, since: int = 0) -> Iterator[FeedEntry]:
    """Give the lines after ``since``, in the order of ``seq``; they are read as they are asked for."""
    while True:
        rows = connection.execute(
            select(feed_entry).where(feed_entry.c.seq > since).order_by(feed_entry.c.seq).limit(_CHUNK)
        ).all()
        if not rows:
            return
        for row in rows:
            yield entry_of(row)
        since = rows[-1].seq


def entry_of(row: Row[Any]) -> FeedEntry:
    """Give the line that a row of ``feed_entry`` is."""
    who = row.contact
    ref = ContactRef(**{**who, "addresses": tuple(who["addresses"]), "labels": tuple(who["labels"])})
    return FeedEntry(seq=row.seq, id=row.id, type=row.type, time=row.time, contact=ref, data=row.data)
