"""Histories: everything that is known of one contact, as the rules read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from keepwarm.storage.observations import Answer, MeetingStatus, MessageKind
    from keepwarm.storage.sightings import Change


OWNERS_WORD = 0
"""Stands for a stream where something is known by the owner's word: no stream has this row id."""


class By(StrEnum):
    """Who did something, seen from one contact."""

    THEM = "them"
    OWNER = "owner"
    OTHER = "other"  # a third person
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFact:
    """A message between the owner and the contact."""

    ref: str
    at: datetime
    outbound: bool
    kind: MessageKind
    direct: bool  # outbound: the contact is in To; inbound: the owner is in To
    recipients: int
    size: int  # bytes
    key: int  # hash of its Message-ID
    parent: int | None  # of the one that it answers
    thread: int
    subject: str | None
    subject_key: int | None
    says_reply: bool
    apology: bool = False  # its subject is sorry for having missed something
    away_until: datetime | None = None  # of an out-of-office reply: when its author is back, if it says so
    promised_due: date | None = None  # the owner's own: the day by which its text promises something
    stream: int  # row id of the stream in which it was seen first


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFact:
    """A change in the life of a meeting, seen from the contact."""

    ref: str
    at: datetime
    change: Change
    by: By
    why: str
    start: datetime
    end: datetime
    previous_start: datetime | None
    previous_end: datetime | None
    status: MeetingStatus
    their_answer: Answer | None  # None: not invited (any more); the organiser counts as accepted
    owner_answer: Answer | None
    people: int  # organiser and attendees, each counted once
    prompt: str = ""  # ref of what shows who is behind it, if that is another observation
    all_day: bool = False
    busy: bool = True
    away: bool = False  # an absence, or a refusal for that reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFact:
    """A meeting with the contact and its revisions, oldest first."""

    ref: str
    ical_uid: str
    recurrence_id: str
    series: bool  # the entry of a whole series: it changes, but is never held
    summary: str | None
    stream: int
    revisions: tuple[RevisionFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A time in which somebody was, or will be, away, as it was known since ``at``.

    A later one with the same ``ref`` replaces it; with ``end`` at ``start`` it was called off.
    """

    ref: str  # of the message or meeting that says so
    at: datetime
    start: datetime
    end: datetime
    by: By  # THEM or OWNER
    whole_days: bool = False  # the whole of the owner's days on which it lies


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFact:
    """A promise that the owner wrote down; ``kept_at`` is known from then on only."""

    ref: str
    at: datetime
    by: By  # OWNER or THEM
    due: date  # of the owner's calendar
    text: str
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFact:
    """Something to remember, perhaps for a day."""

    ref: str
    at: datetime
    on: date | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectionFact:
    """What the owner thought after a meeting."""

    ref: str
    at: datetime
    meeting: str  # id of the meeting
    needs_answered: bool | None  # "What do they need from me?"
    help_answered: bool | None  # "How can I help?"
    mood: int | None  # how they left, from 1 to 5


MUTUAL_TOUCHES = (
    "call", "meeting", "lunch", "coffee", "drinks", "dinner", "walk", "golf", "visit", "event", "chat",
)  # fmt: skip
TOUCHES_BY_OWNER = ("letter", "gift")
"""What only the owner has done: it says nothing about the other side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchFact:
    """A touch that left no trace in mail or calendar, logged by hand; ``at`` is when it took place."""

    ref: str
    at: datetime
    kind: str  # one of MUTUAL_TOUCHES and TOUCHES_BY_OWNER
    text: str

    @property
    def mutual(self) -> bool:
        """Tell whether both have spoken, as when they meet."""
        return self.kind in MUTUAL_TOUCHES


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionFact:
    """The contact introduced somebody to the owner, who has become a contact through them."""

    ref: str  # of the message that introduced them
    at: datetime  # when the two had got to know each other: before, it was a name on a mail
    written_at: datetime  # the message
    met_by: str  # ref of the message by which they had
    other: str  # contact id
    other_name: str
    subject: str | None
    stream: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverFact:
    """A message in which a colleague of the contact's took the contact's part."""

    ref: str  # of the message that shows it
    at: datetime
    colleague: str  # address
    contact_copied: bool  # the contact is still on Cc
    subject: str | None
    stream: int


OwnersWord = PromiseFact | NoteFact | ReflectionFact | TouchFact
Other = OwnersWord | IntroductionFact | HandoverFact
"""What happens beside messages between the two, and meetings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One contact whole; messages and meetings in the order of time."""

    contact_id: str
    name: str
    addresses: tuple[str, ...]
    labels: tuple[str, ...]
    added_at: datetime
    owner_interval_days: int | None
    messages: tuple[MessageFact, ...]
    meetings: tuple[MeetingFact, ...]
    absences: tuple[Absence, ...] = ()  # of both, in the order in which they became known
    others: tuple[Other, ...] = ()  # in the order of time
    organisation: str | None = None  # domain
    live_since: Mapping[int, datetime]
    """By stream: when its first complete read ended; what happened before is history, not news.

    Under OWNERS_WORD: when the first of all of them was complete, if one was.
    """
