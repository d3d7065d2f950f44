"""Reflections: what the owner thought after a meeting, of each of those whom they met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from keepwarm.storage.histories import ReflectionFact
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.shelf import Said, Shelf
from keepwarm.storage.tables import address, contact, meeting, reflection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection(Said):
    """A reflection as it is stored; it belongs to the address that was in the meeting."""

    meeting: str  # id
    title: str | None
    needs_answered: bool | None  # "What did they need from me?"
    help_answered: bool | None  # "How could I help?"
    mood: int | None  # how they left, from 1 to 5
    text: str

    @property
    def fact(self) -> ReflectionFact:
        """What the rules read of it."""
        return ReflectionFact(
            ref=self.ref("reflection"),
            at=self.at,
            meeting=self.meeting,
            needs_answered=self.needs_answered,
            help_answered=self.help_answered,
            mood=self.mood,
        )


def _reflection(said: dict[str, Any], row: Row[Any]) -> Reflection:
    return Reflection(
        **said,
        meeting=meeting_id(row.ical_uid, row.recurrence_id),
        title=row.summary,
        needs_answered=row.needs_answered,
        help_answered=row.help_answered,
        mood=row.mood,
        text=row.text,
    )


REFLECTIONS = Shelf(reflection, _reflection, beside=meeting)


def reflected_on(connection: Connection, meeting_ids: Sequence[int]) -> dict[int, set[str]]:
    """Give, by the row id of these meetings, whom the owner has thought of: contact ids, else addresses."""
    found: dict[int, set[str]] = {}
    rows = (
        select(reflection.c.meeting_id, address.c.address, address.c.contact_id)
        .join(address, address.c.id == reflection.c.address_id)
        .where(reflection.c.meeting_id.in_(meeting_ids))
    )
    for row in connection.execute(rows):
        found.setdefault(row.meeting_id, set()).add(row.contact_id or row.address)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A contact as somebody whom the owner met, by the address that was in the meeting."""

    address_id: int
    address: str
    contact: str
    name: str


def met(connection: Connection, addresses: Sequence[str]) -> list[Met]:
    """Give the contacts among these addresses of one meeting, each once, in the order of their addresses."""
    rows = (
        select(address.c.id, address.c.address, contact.c.id.label("contact_id"), contact.c.name)
        .join(contact, contact.c.id == address.c.contact_id)
        .where(address.c.address.in_(addresses))
        .order_by(address.c.address)
    )
    found: dict[str, Met] = {}
    for row in connection.execute(rows):
        found.setdefault(
            row.contact_id, Met(address_id=row.id, address=row.address, contact=row.contact_id, name=row.name)
        )
    return list(found.values())
