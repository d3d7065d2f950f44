"""Reflecting: which meeting waits for the owner's thoughts, and of whom; and keeping them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.daemon import appointments
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.people import the_one
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import agenda
from keepwarm.storage.reflections import REFLECTIONS, met, reflected_on
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.reflections import Met

_REMEMBERED = timedelta(days=60)
"""So long a meeting that nobody names may wait."""


def waiting(
    connection: Connection, workshop: Workshop, wanted: str, who: str | None, now: datetime
) -> tuple[MeetingView, list[Met]]:
    """Give the meeting that ``wanted`` means, or with "" the last one that waits, and those to think of.

    Raises BadUsage.
    """
    contact = the_one(connection, who) if who else None
    if wanted:
        one = appointments.the_meeting(
            connection, workshop, wanted, lambda one: bool(left(connection, workshop, one, contact, now))
        )
        if obstacle := _obstacle(workshop, one, now):
            raise BadUsage(f"There is nothing to think of in {one.title or one.id!r}: {obstacle}.")
        if not (people := left(connection, workshop, one, contact, now)):
            raise _nobodyleft(connection, workshop, one, who)
        return one, people
    for one in agenda.ended(connection, now - _REMEMBERED, now):
        if people := left(connection, workshop, one, contact, now):
            return one, people
    of_whom = f" with {who}" if who else ""
    raise BadUsage(
        f"No meeting{of_whom} of the last {_REMEMBERED.days} days waits for your thoughts.",
        "Name an earlier one: `keepwarm contacts show WHO` lists them.",
    )


def keep(
    workshop: Workshop, one: MeetingView, thoughts: Iterable[tuple[Met, dict[str, Any]]], now: datetime
) -> list[int]:
    """Keep what was thought of each of them, and judge them anew; give the ids."""
    with workshop.database.writing() as connection:
        kept = [
            REFLECTIONS.add(connection, person.address_id, meeting_id=one.row, at=now, **{"text": "", **thought})
            for person, thought in thoughts
        ]
    evaluate(workshop, now)
    return kept


def heading(person: Met, title: str) -> str:
    """Say of whom and of what it is asked."""
    return f"{one_line(person.name, 60)}, in {one_line(title, 80)} (Enter leaves a question open):"


def _obstacle(workshop: Workshop, one: MeetingView, now: datetime) -> str:
    """Say why nobody can have been met; "" if somebody can."""
    if one.series:
        return "it is a whole series, name one of its meetings"
    if one.cancelled:
        return "it was cancelled"
    if workshop.owner & {*one.declined, *_missing(one)}:
        return "you were not there"
    return "it has not ended" if one.end > now else ""


def _there(connection: Connection, workshop: Workshop, one: MeetingView) -> list[Met]:
    absent = {*one.declined, *_missing(one)}
    return met(connection, [who for who in appointments.others(one, workshop) if who not in absent])


def left(connection: Connection, workshop: Workshop, one: MeetingView, contact: str | None, now: datetime) -> list[Met]:
    """Give those who were there, as far as is known, and of whom nothing is kept yet."""
    if _obstacle(workshop, one, now):
        return []
    done = reflected_on(connection, [one.row]).get(one.row, set())
    there = _there(connection, workshop, one)
    return [person for person in there if person.contact not in done and contact in (None, person.contact)]


def _missing(one: MeetingView) -> set[str]:
    return {change.actor for change in one.changes if change.change is Change.NO_SHOW}


def _nobodyleft(connection: Connection, workshop: Workshop, one: MeetingView, who: str | None) -> BadUsage:
    there = _there(connection, workshop, one)
    title = one.title or one.id
    if not there:
        return BadUsage(f"None of your contacts was in {title!r}.")
    if who and (done := reflected_on(connection, [one.row]).get(one.row)) is not None and done:
        return BadUsage(f"Of {title!r} and {who!r} you have said it, or they were not there.", _HOW_TO_CORRECT)
    if who:
        named = "\n".join(f"  {person.name}  {person.address}" for person in there)
        return BadUsage(f"{who!r} was not in {title!r}. These were:\n{named}")
    return BadUsage(f"You have said what you thought of {title!r}.", _HOW_TO_CORRECT)


_HOW_TO_CORRECT = "`keepwarm reflect --list` shows it; `keepwarm reflect --edit ID` corrects it."
