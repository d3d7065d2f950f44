"""A meeting of the practice as it stands now: what happens to it is in appointments.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from tests.practice.letters import Mailbox

NEEDS_ACTION, ACCEPTED, TENTATIVE, DECLINED = "NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"


@dataclass(slots=True, kw_only=True)
class Meeting:
    """An event; an occurrence of a series that was changed is a Meeting of its own with the same ``uid``."""

    uid: str
    summary: str
    start: datetime  # aware UTC
    end: datetime
    organizer: Mailbox | None = None  # None: an entry of the owner's own, with nobody else in it
    attendees: tuple[Mailbox, ...] = ()  # the organizer included
    software: str = "google"  # of the organizer: "google" or "outlook"
    location: str = ""
    created: datetime
    modified: datetime
    sequence: int = 0
    status: str = "CONFIRMED"
    answers: dict[str, str] = field(default_factory=dict)  # by address
    rule: str = ""  # RRULE of a series
    dropped: list[datetime] = field(default_factory=list)  # EXDATE
    original_start: datetime | None = None  # RECURRENCE-ID of a changed occurrence
    all_day: bool = False
    busy: bool = True
    room: str = ""  # a booked room is an attendee that is no person
    kept: bool = True  # still in the owner's calendar
    thread: tuple[str, ...] = ()  # Message-IDs of its mails so far

    @property
    def length(self) -> timedelta:
        """Give how long it takes."""
        return self.end - self.start

    def occurrence(self, original_start: datetime) -> Meeting:
        """Give one occurrence of this series, to be changed on its own."""
        return Meeting(
            uid=self.uid,
            summary=self.summary,
            start=original_start,
            end=original_start + self.length,
            organizer=self.organizer,
            attendees=self.attendees,
            software=self.software,
            location=self.location,
            created=self.created,
            modified=self.modified,
            sequence=self.sequence,
            answers=dict(self.answers),
            original_start=original_start,
            room=self.room,
            thread=self.thread,
        )
