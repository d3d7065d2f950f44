"""Dated calendar: pings that are due, dated notes and open promises as all-day events (RFC 5545, 3.6.1).

Events, not to-dos: Google Calendar, Outlook and Apple's Calendar show no VTODO of a calendar that is subscribed to.
They take no time, ask nobody and ring no bell. Keepwarm never takes one for a meeting: it knows them by their UIDs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.kinds import kind_of
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage.histories import By
from keepwarm.storage.identity import OWN_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime, tzinfo

    from icalendar import Event

    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.next_pings import NextPing
    from keepwarm.storage.notes import Note
    from keepwarm.storage.promises import Promise
    from keepwarm.storage.views import SignalView

_LONGEST = 240
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the calendar is made of, as of a moment."""

    signals: Iterable[SignalView]  # open ones that the owner has not put aside
    pings: Iterable[NextPing]
    notes: Iterable[Note]
    promises: Iterable[Promise]  # open ones


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    uid: str
    day: date
    stamp: datetime  # when it became true by the data: the same data give the same file
    summary: str
    description: str = ""


def calendar(remembered: Remembered, as_of: datetime, zone: tzinfo, words: Wording) -> str:
    """Give the calendar; ``zone`` is the owner's.

    A ping that is overdue stays on the day on which it became due, so that the calendar shows how long it waits.
    """
    from icalendar import Calendar  # noqa: PLC0415 - slow to load, and only for who wants one

    made = Calendar()
    made.add("prodid", "-//Keepwarm//Pings and notes//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", words.say("dated.calendar"))
    entries = [*_pings(remembered, as_of, zone, words), *_notes(remembered, words), *_promises(remembered, words)]
    for entry in sorted(entries, key=lambda one: (one.day, one.uid)):
        made.add_component(_event(entry))
    return str(made.to_ical().decode())


def _pings(remembered: Remembered, as_of: datetime, zone: tzinfo, words: Wording) -> Iterator[_Entry]:
    due: dict[str, SignalView] = {}
    for one in sorted(remembered.signals, key=lambda one: (one.opened, one.id)):
        if kind_of(one) == "pings":
            due.setdefault(one.contact.id, one)
    for one in due.values():
        yield _Entry(
            uid=f"ping-{one.contact.id}",
            day=one.opened.astimezone(zone).date(),
            stamp=one.opened,
            summary=words.say("tasks.pings", name=_name(one.contact.name)),
            description=one_line(" ".join((one.sentence, one.advice)), 2 * _LONGEST),
        )
    today = as_of.astimezone(zone).date()
    for ping in remembered.pings:
        day = ping.due.astimezone(zone).date()
        # What is past without a signal is not due by the rules: they wait for an answer, or were away.
        if ping.contact.id not in due and day >= today:
            yield _Entry(
                uid=f"ping-{ping.contact.id}",
                day=day,
                stamp=ping.last,
                summary=words.say("tasks.pings", name=_name(ping.contact.name)),
            )


def _notes(remembered: Remembered, words: Wording) -> Iterator[_Entry]:
    for one in remembered.notes:
        if one.on is not None and one.contact is not None:
            yield _Entry(
                uid=one.ref("note"),
                day=one.on,
                stamp=one.at,
                summary=words.say("dated.note", name=_name(one.name), text=one_line(one.text, _LONGEST)),
            )


def _promises(remembered: Remembered, words: Wording) -> Iterator[_Entry]:
    for one in remembered.promises:
        if one.contact is not None:
            key = "dated.you_promised" if one.by is By.OWNER else "dated.they_promised"
            yield _Entry(
                uid=one.ref("promise"),
                day=one.due,
                stamp=one.at,
                summary=words.say(key, name=_name(one.name), text=one_line(one.text, _LONGEST)),
            )


def _name(name: str) -> str:
    return one_line(name, _LONGEST_NAME)


def _event(entry: _Entry) -> Event:
    from icalendar import Event  # noqa: PLC0415

    event = Event()
    event.add("uid", f"{entry.uid}{OWN_EVENTS}")
    event.add("dtstamp", entry.stamp.replace(microsecond=0))
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("summary", entry.summary)
    if entry.description:
        event.add("description", entry.description)
    event.add("transp", "TRANSPARENT")
    event.add("x-microsoft-cdo-busystatus", "FREE")
    event.add("class", "PRIVATE")
    return event
