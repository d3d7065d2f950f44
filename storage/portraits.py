"""A portrait: one contact whole, as the page shows it. Plain, frozen views, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.logged_touches import LoggedTouch
    from keepwarm.storage.notes import Note
    from keepwarm.storage.pings import Ping
    from keepwarm.storage.promises import Promise
    from keepwarm.storage.reflections import Reflection
    from keepwarm.storage.views import ContactView, EvidenceView, OrganisationView, SignalView, WarmthStep


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A line of the ledger with what it rests on; nothing where time alone has passed."""

    step: WarmthStep
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWeek:
    """How many messages went to and fro within seven days."""

    since: date
    from_them: int
    from_owner: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """A first answer, and how long it took in working time."""

    at: datetime
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTold:
    """A meeting, or a whole series, and what became of it, in one line."""

    id: str
    title: str  # "" if it is not known
    start: datetime
    series: bool
    line: str
    off: bool  # it was cancelled
    evidence: tuple[EvidenceView, ...]  # its revisions, the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedView:
    """The owner's word that they did not come to a meeting."""

    id: int
    title: str
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TermView:
    """A part of the warmth."""

    points: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One contact whole."""

    contact: ContactView
    organisation: OrganisationView | None
    since: datetime  # of the year that is shown
    began_at: float | None  # the warmth then; None: they were not known
    changes: tuple[ChangeView, ...]  # of that year, oldest first
    terms: tuple[TermView, ...]  # what the warmth is made of
    mail: tuple[MailWeek, ...]  # of that year, oldest first
    their_replies: tuple[ReplyView, ...]  # of that year, oldest first
    owner_replies: tuple[ReplyView, ...]
    meetings: tuple[MeetingTold, ...]  # the newest first
    met_lately: tuple[MeetingView, ...]  # single meetings that are over, and may have been missed; the newest first
    missed: tuple[MissedView, ...]
    notes: tuple[Note, ...]  # the newest first, as all that follows
    promises: tuple[Promise, ...]
    reflections: tuple[Reflection, ...]
    touches: tuple[LoggedTouch, ...]
    signals: tuple[SignalView, ...]  # open ones and past ones, with the owner's word on them
    ping: Ping | None  # None: the interval is learnt
