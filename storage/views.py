"""What outputs and commands show: plain, frozen views of the results, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime

    from keepwarm.storage.verdicts import Verdict

MEETINGS_AHEAD = timedelta(days=7)
"""So far ahead the meetings of a week's report go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRef:
    """The contact object of the feed's contract."""

    id: str
    name: str
    addresses: tuple[str, ...]
    organisation: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """One observation that a signal rests on."""

    kind: str  # "message", "meeting_revision", "meeting", or "signal": one that another signal rests on
    ref: str
    time: datetime
    what: str  # one line for a person: 'you wrote: "Re: offer"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """A finding about a contact."""

    id: str
    rule: str
    family: str  # not_into_you, warming, mirror, care
    contact: ContactRef
    strength: str  # weak, medium, strong
    opened: datetime
    cleared: datetime | None
    historical: bool
    sentence: str
    advice: str
    facts: dict[str, Any]
    evidence: tuple[EvidenceView, ...]
    rule_version: str
    conditions: tuple[str, ...]  # the rule's ``when``, as CEL
    params: dict[str, Any] = field(default_factory=dict)
    verdict: Verdict | None = None  # the owner's word on it, as of the moment
    hidden: bool = False  # by that word


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """One line of the sonar."""

    id: str
    name: str
    addresses: tuple[str, ...]
    organisation: str | None
    labels: tuple[str, ...]
    warmth: float  # 0 to 100
    band: str  # cold, cool, happy_medium, close
    trend: float  # change of warmth over 30 days
    last_in: datetime | None
    last_out: datetime | None
    next_meeting: datetime | None
    ping_interval_days: int | None
    open_signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """An organisation: as warm as the coldest of the people who count there."""

    domain: str
    warmth: float | None  # None: nobody there can be judged
    band: str | None
    coldest_id: str | None  # of whom it has that warmth
    coldest_name: str | None
    people: int
    people_who_count: int  # who can be judged, and were heard within two years
    open_signals: tuple[str, ...]  # rules that look at the organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionShare:
    """What a contact got of the owner's attention in the six months before a picture of the practice."""

    contact: ContactRef
    share: float  # from 0 to 1
    hours: float  # of meetings held, and a fifth of an hour for each message
    messages: int  # by the owner
    meeting_hours: float
    reply_hours: float | None  # median, working hours; None with too few replies
    big: bool  # one of the few who take most
    times_longer: float | None  # how many times as long as the big ones they wait; None where it cannot be told


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionView:
    """The owner's attention: who gets it, and who gets less than their due."""

    since: date
    until: date  # the first day after the six months
    shares: tuple[AttentionShare, ...]  # most attention first
    big_reply_hours: float | None  # median of the big ones' medians

    @property
    def less_than_due(self) -> tuple[AttentionShare, ...]:
        """Give those who wait longer than the big ones, the longest first."""
        waiting = [one for one in self.shares if one.times_longer is not None and one.times_longer > 1]
        return tuple(sorted(waiting, key=lambda one: (-(one.times_longer or 0.0), one.contact.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmthStep:
    """One entry of the ledger."""

    seq: int
    at: datetime
    before: float
    after: float
    band: str
    cause: str  # "heard", "time", "first", or a rule's id
    sentence: str
    signal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How an account's reading goes; nothing secret in it."""

    name: str
    kind: str
    streams: int
    last_success: datetime | None  # of the stream that is furthest behind
    problem: str  # one sentence; "" if all is well
    what_to_do: str
    messages: int
    meetings: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordView:
    """Something that the owner noted, or a promise, perhaps with its day."""

    text: str
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A page that the owner wants at hand."""

    url: str  # http or https
    title: str  # "" if it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedView:
    """A touch that left no trace in mail or calendar."""

    kind: str  # "lunch"
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceView:
    """What happened since the last meeting with somebody."""

    met: datetime  # when that one began
    from_them: int  # messages
    from_owner: int
    moved: dict[str, int] = field(default_factory=dict)  # moves of meetings, by "them", "owner", "other"
    cancelled: dict[str, int] = field(default_factory=dict)
    logged: tuple[LoggedView, ...] = ()  # by the owner's hand: calls and lunches, the newest first, a few of them


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """What to have in mind before a meeting with somebody."""

    title: str  # of the meeting; "" if it is not known
    others: tuple[str, ...]  # who else will be there, without the owner
    notes: tuple[WordView, ...]
    promised_by_owner: tuple[WordView, ...]  # still open, the first due first
    promised_by_them: tuple[WordView, ...]
    again: tuple[datetime, ...] = ()  # when further meetings of the coming week with them start
    since: SinceView | None = None  # None: they never met, or it was not asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringView:
    """One meeting with contacts, and a card for each of them."""

    id: str
    title: str  # "" if it has none
    start: datetime
    end: datetime
    all_day: bool
    cards: dict[str, CardView]  # contact id: in the order in which they are shown
    others: tuple[str, ...]  # who else will be there, without the owner
    links: tuple[LinkView, ...]  # that the owner keeps on their organisations


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefView:
    """Some meetings with contacts, and the people in them."""

    people: WeekView  # without what only a report tells
    meetings: tuple[GatheringView, ...]  # the first first


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedView:
    """Somebody whom the owner met, and is asked about."""

    name: str
    title: str  # of the meeting; "" if it has none
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskView:
    """What the owner is asked after the meetings of a day."""

    day: date
    as_of: datetime
    timezone: str
    asked: tuple[AskedView, ...]  # in the order of their numbers, from 1
    more: int  # people beyond those
    unread_at: datetime | None = None  # of an earlier answer that could not be read
    unread_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTrouble:
    """A report that could not be delivered, or not yet."""

    week: str  # ISO week, "2026-W47"
    problem: str
    what_to_do: str
    attempts: int
    retry_at: datetime | None  # None: it is not tried again by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekView:
    """All that a weekly report is made of."""

    week: str  # ISO week, "2026-W47"
    since: date  # Monday, or the day with which the owner's weeks begin
    until: date  # six days later
    as_of: datetime
    owner_name: str
    timezone: str
    contacts: tuple[ContactView, ...]
    warmth: dict[str, tuple[float, ...]]  # contact id: warmth at the end of each of the last 52 weeks, oldest first
    week_change: dict[str, float]  # contact id: change of warmth over the week
    signals: tuple[SignalView, ...]  # open at as_of, or cleared within the week; none that the owner has put aside
    accounts: tuple[AccountHealth, ...]
    left_out: dict[str, int]  # class of message: how many were left out of every measure
    first_read: datetime | None = None  # when a source was read whole for the first time; None: not yet
    news_since: datetime | None = None  # as of when the report before was; None: news are what came within the week
    last_subjects: dict[str, str] = field(default_factory=dict)  # contact id: of the last mail between the two
    reworded: frozenset[str] = frozenset()  # rules whose words are the owner's own
    cards: dict[str, CardView] = field(default_factory=dict)  # contact id: before a meeting of the next seven days
    attention: AttentionView | None = None
    trouble: DeliveryTrouble | None = None  # with the report before this one


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One line of the feed; ``data`` is what its type calls for."""

    seq: int
    id: str
    type: str
    time: datetime
    contact: ContactRef
    data: dict[str, Any]
