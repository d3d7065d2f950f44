"""Testimony: what the owner said of meetings. It is their word, so it is kept until they take it back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from keepwarm.storage.sightings import Testimony, Word
from keepwarm.storage.tables import testimony

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A testimony as it is stored."""

    id: int
    meeting: int  # row id
    testimony: Testimony


def on(connection: Connection, meeting_ids: Iterable[int]) -> Mapping[int, list[Testimony]]:
    """Give the owner's word on each of these meetings, which are not too many for one statement."""
    found: dict[int, list[Testimony]] = defaultdict(list)
    for one in _read(connection, testimony.c.meeting_id.in_(list(meeting_ids))):
        found[one.meeting].append(one.testimony)
    return found


def listed(connection: Connection, kind: Word) -> list[Kept]:
    """Give all of a kind, the newest first."""
    return _read(connection, testimony.c.kind == kind.value)


def find(connection: Connection, kind: Word, number: int) -> Kept | None:
    """Give the one of this kind that has this id."""
    return next(iter(_read(connection, (testimony.c.kind == kind.value) & (testimony.c.id == number))), None)


def say(connection: Connection, meeting_id: int, word: Testimony) -> None:
    """Keep the owner's word; a change has one cause, so another word on it replaces the former.

    The meeting is to be revised in the same transaction. The same word twice changes nothing.
    """
    same = (
        (testimony.c.meeting_id == meeting_id)
        & (testimony.c.kind == word.kind.value)
        & (testimony.c.about == word.about)
    )
    actors = set(connection.execute(select(testimony.c.actor).where(same)).scalars())
    if word.kind is Word.ATTRIBUTION:
        connection.execute(delete(testimony).where(same & (testimony.c.actor != word.actor)))
    if word.actor not in actors:
        row = {"kind": word.kind.value, "about": word.about, "actor": word.actor, "at": word.at}
        connection.execute(testimony.insert().values(meeting_id=meeting_id, **row))


def withdraw(connection: Connection, number: int) -> None:
    """Take the owner's word back. The meeting is to be revised in the same transaction."""
    connection.execute(delete(testimony).where(testimony.c.id == number))


def correct(connection: Connection, number: int, actor: str, at: datetime) -> None:
    """Let an earlier word name somebody else. The meeting is to be revised in the same transaction."""
    row = connection.execute(select(testimony).where(testimony.c.id == number)).one()
    same = (
        (testimony.c.meeting_id == row.meeting_id)
        & (testimony.c.kind == row.kind)
        & (testimony.c.about == row.about)
        & (testimony.c.actor == actor)
    )
    connection.execute(delete(testimony).where(same & (testimony.c.id != number)))
    connection.execute(testimony.update().where(testimony.c.id == number).values(actor=actor, at=at))


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Kept]:
    rows = select(testimony).where(which).order_by(testimony.c.at.desc(), testimony.c.id.desc())
    return [
        Kept(
            id=row.id,
            meeting=row.meeting_id,
            testimony=Testimony(Word(row.kind), row.about, row.actor, row.at),
        )
        for row in connection.execute(rows)
    ]
