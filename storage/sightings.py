"""What was seen of a meeting, and what became of it: the records that ``revisions`` takes and gives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from keepwarm.storage.observations import Answer, MeetingStatus, Method

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

Answers = tuple[tuple[str, Answer], ...]
"""``(address, answer)`` of each attendee."""

_ORDER = (
    Method.REQUEST,
    Method.CALENDAR,
    Method.COUNTER,
    Method.REPLY,
    Method.DECLINE_COUNTER,
    Method.CANCEL,
    Method.ATTENDANCE,
)


class Change(StrEnum):
    """What a revision did to a meeting."""

    CREATED = "created"
    RESCHEDULED = "rescheduled"
    RESIZED = "resized"  # the same start, another end
    CANCELLED = "cancelled"
    REINSTATED = "reinstated"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    RESTORED = "restored"  # a move was taken back: it is again where it was before
    PROPOSED = "proposed"  # somebody asked for another time (COUNTER)
    REMOVED = "removed"  # the organiser took attendees off the list; the meeting goes on
    NO_SHOW = "no_show"  # somebody who had not declined did not come: by a record of attendance, or the owner's word
    SUPERSEDED = "superseded"  # an occurrence that went when its series got another pattern, or ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One snapshot of a meeting, in a calendar or a mail."""

    ref: str  # made of the contents: the same snapshot has the same one
    at: datetime  # when it was written: the mail's time, LAST-MODIFIED; else when it was first observed
    source: str  # which copy: stream and source_key
    method: Method
    sent_by: str = ""
    sequence: int = 0
    start: datetime
    end: datetime
    all_day: bool = False
    busy: bool = True
    away: bool = False  # whoever wrote it is out of the office
    online: bool = False  # held by a service for calls
    status: MeetingStatus = MeetingStatus.CONFIRMED
    summary: str = ""
    organizer: str = ""  # an address, or "" if there is none
    agent: str = ""  # who may speak for the organiser
    answers: Answers = ()
    absent: tuple[str, ...] = ()  # who did not come, by a record of attendance
    came: tuple[str, ...] = ()  # who came, by the same
    gone: bool = False  # the copy was deleted, or is proven absent
    superseded: bool = False  # gone, and its series changed with it: that is told once, of the series
    pattern: str = ""
    zone: str = ""  # in which the pattern counts, by IANA name
    recurrence_id: str = ""

    @property
    def timeless(self) -> bool:
        """Tell a mail that names a meeting but no time of it: it has the mail's own."""
        return self.start == self.end == self.at and self.method is not Method.CALENDAR

    def is_older_than(self, sequence: int) -> bool:
        """Tell what was written before ``sequence``; nothing is known of that where a source tells no sequence."""
        return 0 <= self.sequence < sequence


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """A mail that a person wrote in the thread of a meeting's invitation or updates."""

    at: datetime
    author: str
    ref: str = ""  # of the message


class Word(StrEnum):
    """What the owner said of a meeting."""

    NO_SHOW = "no_show"  # somebody did not come
    ATTRIBUTION = "attribution"  # who was behind a change


@dataclass(frozen=True, slots=True, order=True)
class Testimony:
    """The owner's word on a meeting, which outweighs all that was seen of it."""

    kind: Word
    about: datetime  # no_show: the meeting's start; attribution: when the change was made
    actor: str  # an address
    at: datetime  # when the owner said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of a meeting: what, when, who, and how we know."""

    ref: str  # made of the meeting, change, at, start, end and actor: the same whatever else is known
    at: datetime
    change: Change
    start: datetime  # after the change; of a proposal, what was proposed
    end: datetime
    previous_start: datetime | None = None
    previous_end: datetime | None = None
    status: MeetingStatus
    actor: str  # an address, or "" if nobody knows
    why: str  # one plain sentence
    prompt: str = ""  # ref of what shows the actor: a sighting, or a message; "" if ``sighting`` does
    sighting: str  # ref of the sighting that shows it
    all_day: bool = False
    busy: bool = True
    away: bool = False  # an absence, a refusal for that reason, or what such a refusal brought about
    organizer: str = ""  # after the change: an address, or "" if nobody knows
    answers: Answers  # after the change, by address


@dataclass(frozen=True, slots=True)
class Span:
    """When a meeting is. All-day ones are told apart by days: each source puts midnight in its own zone."""

    start: datetime | date
    end: datetime | date


def span_of(sighting: Sighting) -> Span:
    """Give what two sightings of one meeting must have in common to be at the same time."""
    if not sighting.all_day:
        return Span(sighting.start, sighting.end)
    return Span(_day(sighting.start), _day(sighting.end))


def _day(midnight: datetime) -> date:
    # Midnight of the zones from UTC-10 to UTC+13 is on the right day thirteen hours later.
    return (midnight.astimezone(UTC) + timedelta(hours=13)).date()


def fits(reply: Sighting, now: Sighting, sequence: int) -> bool:
    """Say whether a reply answers the times that hold. Not every sender repeats SEQUENCE, or even DTSTART."""
    newest = reply.sequence >= sequence
    if reply.timeless:
        return newest
    if newest and reply.recurrence_id == reply.start.strftime("%Y%m%dT%H%M%SZ"):
        return True
    theirs, ours = span_of(reply), span_of(now)
    return theirs.start == ours.start and (newest or theirs.end == ours.end)


def rhythm_of(pattern: str) -> str:
    """Give a pattern without its end, and without dates added to a rule.

    A series that ends sooner or was split is not held at other times, nor one that has a date more. What vendors write
    or leave out, and in another order, says nothing either: an interval of one, and then on which day weeks begin.
    """
    lines = pattern.splitlines()
    rules = [line for line in lines if not line.startswith("RDATE:")] or lines
    return "\n".join(map(_rhythm, rules))


def _rhythm(rule: str) -> str:
    parts = [part for part in rule.split(";") if not part.startswith(("UNTIL=", "COUNT=")) and part != "INTERVAL=1"]
    if not any(part.startswith(("INTERVAL=", "BYWEEKNO=")) for part in parts):
        parts = [part for part in parts if not part.startswith("WKST=")]
    return ";".join(sorted(parts))


def in_order(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Sort by when they were written, each ref once; the same whatever order they come in."""
    first: dict[str, Sighting] = {}
    for sighting in sightings:
        known = first.get(sighting.ref)
        if known is None or _rank(sighting) < _rank(known):
            first[sighting.ref] = sighting
    return sorted(first.values(), key=_rank)


def _rank(sighting: Sighting) -> tuple[datetime, int, bool, int, str]:
    return sighting.at, sighting.sequence, sighting.gone, _ORDER.index(sighting.method), sighting.ref


def revision_ref(meeting: str, change: Change, at: datetime, start: datetime, end: datetime, actor: str) -> str:
    """Make the ref of a revision out of what it says."""
    times = [moment.astimezone(UTC).isoformat() for moment in (at, start, end)]
    return hashlib.sha256("\0".join([meeting, change, *times, actor]).encode()).hexdigest()[:32]
