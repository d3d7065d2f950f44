"""A small world to store: Sam, who owns the database, and the people they deal with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from keepwarm.storage import accounts, owner, people
from keepwarm.storage.contacts import refs
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping
from keepwarm.storage.observations import (
    Answer,
    Attendee,
    Batch,
    MeetingSeen,
    MessageKind,
    MessageSeen,
    Method,
    Party,
    Stream,
)
from keepwarm.storage.people import Sorting
from keepwarm.storage.tables import contact, meeting, meeting_revision

if TYPE_CHECKING:
    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.database import Database
    from keepwarm.storage.ingest import Stored
    from keepwarm.storage.views import ContactRef

SAM, ALIAS = "sam@carter.example", "sam.carter@old.example"
ANA, BOB, CY = "ana@acme.example", "bob@acme.example", "cy@gmail.com"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEETING = NOW + 20 * DAY
KEY = b"k" * 32


def _party(who: str | Party) -> Party | None:
    return who if isinstance(who, Party) else Party(who) if who else None


def mail(author: str | Party, *to: str, number: int = 1, at: datetime | None = None, **more: Any) -> MessageSeen:
    """Make a message; ``number`` tells it from others."""
    fields: dict[str, Any] = {
        "source_key": f"1:{number}",
        "dedupe_key": f"key-{number}",
        "message_id": f"{number}@mail.example",
        "at": at or NOW - 30 * DAY + number * HOUR,
        "author": _party(author),
        "to": tuple(Party(one) for one in to),
        "recipients": len(to),
        "subject": f"Subject {number}",
        "size": 1000,
        "kind": MessageKind.HUMAN,
    }
    return MessageSeen(**{**fields, **more})


def event(uid: str = "uid", *, organizer: str | Party = ANA, start: datetime = MEETING, **more: Any) -> MeetingSeen:
    """Make what a calendar shows of a meeting of Ana's with Sam."""
    fields: dict[str, Any] = {
        "source_key": f"{uid}/{more.get('recurrence_id', '')}",
        "ical_uid": uid,
        "start": start,
        "end": start + HOUR,
        "summary": f"Meeting {uid}",
        "organizer": _party(organizer),
        "attendees": (Attendee(address=ANA, answer=Answer.ACCEPTED), Attendee(address=SAM)),
    }
    return MeetingSeen(**{**fields, **more})


def invitation(seen: MeetingSeen, number: int, *, method: Method = Method.REQUEST, by: str = ANA) -> MessageSeen:
    """Put a meeting into a mail."""
    at = NOW - 30 * DAY + number * HOUR
    carried = replace(seen, method=method, sent_by=by, written_at=at)
    return mail(by, SAM, number=number, at=at, kind=MessageKind.INVITATION, meetings=(carried,))


WEEKLY = [NOW + week * 7 * DAY + DAY for week in range(1, 9)]


def series(pattern: str = "RRULE:FREQ=WEEKLY", shift: int = 0, **more: Any) -> list[MeetingSeen]:
    """Make a series' own entry and its occurrences, ``shift`` days later than at first."""
    starts = [start + shift * DAY for start in WEEKLY]
    occurrences = [f"{start:%Y%m%dT%H%M%SZ}" for start in starts]
    own = event("weekly", pattern=pattern, start=starts[0], **more)
    return [own] + [
        event("weekly", recurrence_id=one, start=start, **more) for one, start in zip(occurrences, starts, strict=True)
    ]


@dataclass(slots=True)
class Store:
    """A database and one process that writes to it."""

    database: Database
    owner: frozenset[str] = frozenset({SAM})
    subjects: bool = True
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        with self.database.writing() as connection:
            owner.adopt(connection, self.owner)
        self.ingest = Ingest(self.database, Keeping(owner=self.owner, key=KEY, subjects=self.subjects))

    def stream(self, name: str = "INBOX", account: str = "work") -> int:
        """Give the row id of a stream."""
        with self.database.writing() as connection:
            account_id = accounts.ensure_account(connection, account, "imap")
            return accounts.ensure_stream(connection, account_id, Stream(name)).id

    def pull(
        self, *seen: MessageSeen | MeetingSeen, stream: str = "INBOX", now: datetime = NOW, **more: Any
    ) -> tuple[Lease, Stored]:
        """Store one batch as a whole pull."""
        lease = self.ingest.begin(self.stream(stream))
        stored = self.ingest.store(lease, Batch(seen=seen, **more), now)
        self.ingest.finish(lease, now)
        return lease, stored

    def sort(self, **sorting: Any) -> dict[str, ContactRef]:
        """Sort people; give the contacts by their first address."""
        with self.database.writing() as connection:
            people.refresh(connection, Sorting(owner=self.owner, **sorting))
        return self.contacts()

    def contacts(self) -> dict[str, ContactRef]:
        """Give the contacts by their first address."""
        with self.database.reading() as connection:
            found = refs(connection, connection.execute(select(contact.c.id)).scalars().all())
        return {ref.addresses[0]: ref for ref in found}

    def change_owner(self, *addresses: str) -> None:
        """Go on with other addresses of the owner's."""
        self.owner = frozenset(addresses)
        self.__post_init__()

    def rows(self, wanted: Any) -> list[tuple[Any, ...]]:
        """Give the rows of a query."""
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(wanted)]

    def life(self, uid: str = "uid", recurrence_id: str = "") -> list[str]:
        """Give the changes of a meeting, oldest first."""
        mine = (meeting.c.ical_uid == uid) & (meeting.c.recurrence_id == recurrence_id)
        joined = select(meeting_revision.c.change).join(meeting, meeting.c.id == meeting_revision.c.meeting_id)
        return [change for (change,) in self.rows(joined.where(mine).order_by(meeting_revision.c.seq))]
