"""What connectors hand over: plain, frozen records of what was seen in a source, and nothing of any database.

Terms. A *stream* is one folder, calendar or file of an account. A *batch* is a bounded piece of a stream that is
stored whole, in one transaction, together with the *cursor* that says how far the reading has come. What was seen is
always a full snapshot: whether it is new, or changed, is decided in storage, never by the source's own verb.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

Cursor = dict[str, Any]
"""How far a stream was read: JSON, ``{"v": 1, ...}``, never holding a local clock."""

UNNUMBERED = -1
"""The sequence of a snapshot from a source that does not tell it: it is neither older nor newer by that."""


def aware_utc(moment: datetime) -> datetime:
    """Give ``moment`` in UTC.

    Raises ValueError for a naive datetime: a time without a zone is a bug, not a guess.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment.astimezone(UTC)


class MessageKind(StrEnum):
    """The class of a message; only HUMAN ones say something about a relationship."""

    HUMAN = "human"
    AUTOMATED = "automated"  # robots, receipts, tickets, delivery reports
    LIST = "list"  # newsletters and mailing lists
    INVITATION = "invitation"  # carries a text/calendar part (iMIP, RFC 6047)
    OUT_OF_OFFICE = "out_of_office"
    INVOICE = "invoice"


class Answer(StrEnum):
    """An attendee's participation status (RFC 5545, 3.2.12)."""

    NONE = "needs-action"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    DELEGATED = "delegated"


class MeetingStatus(StrEnum):
    """STATUS of an event (RFC 5545, 3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Method(StrEnum):
    """How a meeting was seen: as a copy in a calendar, by which iTIP method (RFC 5546), or in a record of attendance.

    ATTENDANCE is the provider's own record of a call that is over. Such a snapshot tells nothing but ``attended`` of
    its attendees: True of who was there, False only of whom the record proves to have stayed away, None or left out of
    all others. ``start`` and ``end`` are those that were planned when the call took place, ``written_at`` is when it
    ended. Its source key is not that of the copy of the meeting; the record that was written last counts.
    """

    CALENDAR = "calendar"
    REQUEST = "request"
    REPLY = "reply"
    CANCEL = "cancel"
    COUNTER = "counter"
    DECLINE_COUNTER = "declinecounter"
    ATTENDANCE = "attendance"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named in a header or an event."""

    address: str  # addr-spec, lower case, without angle brackets or "mailto:"
    name: str = ""  # display name, decoded, control characters and direction marks removed
    robot: bool = False  # a role's address behind which nobody sits: no-reply, bounces, notifications


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """One ATTENDEE of an event."""

    address: str
    name: str = ""
    answer: Answer = Answer.NONE
    required: bool = True  # False for OPT-PARTICIPANT and NON-PARTICIPANT
    person: bool = True  # False for a room, a resource or a group (CUTYPE)
    robot: bool = False  # as of a Party
    attended: bool | None = None  # what an attendance record says, where the provider keeps one; None: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSeen:
    """A full snapshot of one meeting, or of one occurrence of a series, as one source shows it."""

    source_key: str  # names the item in its stream; the same item later has the same key
    ical_uid: str
    recurrence_id: str = ""  # original start of the occurrence: "20260301T090000Z", or "20260301" if all day
    pattern: str = ""  # canonical RRULE, RDATE lines; only on a series' own entry (recurrence_id "")
    zone: str = ""  # IANA name of the zone that a pattern counts in; "" if it has none, or one of its own
    method: Method = Method.CALENDAR
    sent_by: str = ""  # iMIP: address in the From header of the mail that brought it
    sequence: int = 0  # or UNNUMBERED
    written_at: datetime | None = None  # iMIP: the mail's time; calendar: LAST-MODIFIED, else CREATED; else None
    created_at: datetime | None = None  # CREATED, if the source says
    start: datetime
    end: datetime
    all_day: bool = False
    status: MeetingStatus = MeetingStatus.CONFIRMED
    busy: bool = True  # False if TRANSP says that it takes no time
    away: bool = False  # says that whoever wrote it is out of the office: an absence, or a refusal for that reason
    online: bool = False  # held by a service for calls, as far as the source says
    summary: str = ""
    organizer: Party | None = None
    agent: str = ""  # SENT-BY of the organiser: the address of who may speak for them (RFC 5545, 3.2.18)
    attendees: tuple[Attendee, ...] = ()
    flaws: tuple[str, ...] = ()  # what was mended on the way in: "unknown-timezone", "no-end", ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """The facts of one message. Bodies and attachments never get this far, but what answers a letter of Keepwarm's."""

    source_key: str  # names the message in its stream, e.g. "UIDVALIDITY:UID"
    dedupe_key: str  # the same mail from any connector has the same one
    message_id: str = ""  # without angle brackets; "" if it has none
    references: tuple[str, ...] = ()  # References, then In-Reply-To if it is not the last of them; oldest first
    at: datetime  # when it was sent, as far as the server's time makes the Date header plausible
    author: Party | None = None
    to: tuple[Party, ...] = ()  # to, cc and bcc are bounded (see headers.py); recipients counts all of them
    cc: tuple[Party, ...] = ()
    bcc: tuple[Party, ...] = ()
    recipients: int = 0
    subject: str = ""
    size: int = 0  # bytes
    kind: MessageKind = MessageKind.HUMAN
    away_until: datetime | None = None  # of an out-of-office reply: when its author is back, if the subject says so
    apology: bool = False  # its subject is sorry for having missed something: "Sorry I missed our call"
    promised_due: date | None = None  # the owner's own: the day by which its text promises something
    answer: str | None = None  # the owner's own, to a letter in which Keepwarm asked them something: what they wrote
    meetings: tuple[MeetingSeen, ...] = ()  # the iMIP part, if it has one


@dataclass(frozen=True, slots=True)
class Gone:
    """An explicit tombstone: the source says that this item was deleted.

    A key that ends in "/" stands for all that begin with it: a series with its occurrences.
    """

    source_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A proof of completeness: everything of the stream that starts in [since, until) is in this pull.

    With ``within``, only of what has a source key that begins with it: one series whole.
    """

    since: datetime | None = None
    until: datetime | None = None
    within: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A broken item: recorded and shown by ``keepwarm doctor``, never raised."""

    source_key: str
    reason: str  # one sentence, without the item's content
    where: str = ""  # what a person would look for: "INBOX, UID 42", "mail.mbox, byte 1048576"


@dataclass(frozen=True, slots=True)
class Stream:
    """One folder, calendar or file of an account; ``name`` is unique in the account and stable."""

    name: str
    holds: str = "mail"  # "mail" or "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A piece of a stream; stored whole in one transaction together with its cursor."""

    seen: tuple[MessageSeen | MeetingSeen, ...] = ()
    gone: tuple[Gone, ...] = ()
    complete: tuple[Scope, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    disowned: str = ""  # why nothing of this stream can be followed: what was stored of it before is taken back
    cursor: Cursor = field(default_factory=lambda: {"v": 1})
    total: int | None = None  # how many items this pull expects to look at in all, for a progress bar
    looked_at: int = 0  # how many of them this batch stands for (rejected and skipped ones included)
    history_follows: bool = False  # what comes after it in this pull is older than all that was read: it can wait
