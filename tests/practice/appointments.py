"""What people do to meetings: invite, answer, propose, move, cancel. Each sends its mail (RFC 6047)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.practice.hours import ZONE
from tests.practice.letters import OWNER, Letter, Mailbox, new_message_id
from tests.practice.meetings import ACCEPTED, DECLINED, NEEDS_ACTION, TENTATIVE, Meeting
from tests.practice.vevents import PRODUCTS, calendar_text, event_lines, utc, zone_lines

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from tests.practice.stage import Stage

ANSWER_WORDS = {ACCEPTED: "Accepted", TENTATIVE: "Tentative", DECLINED: "Declined"}
PLACES = ("", "Video call", "Café Lindenhof", "Your office", "Room 2.14", "Phone")


def _when(start: datetime, end: datetime) -> str:
    local = start.astimezone(ZONE)
    return f"{local:%a %b} {local.day}, {local:%Y %H:%M} - {end.astimezone(ZONE):%H:%M} ({local.tzname()})"


@dataclass(slots=True)
class Secretary:
    """Arranges the owner's meetings with others; nothing happens outside of the play."""

    stage: Stage
    rng: Random
    software: str  # of the others; the owner's is "google"

    def invite(
        self,
        at: datetime,
        start: datetime,
        *,
        organizer: Mailbox,
        others: tuple[Mailbox, ...],
        summary: str,
        minutes: int = 60,
        rule: str = "",
        room: str = "",
    ) -> Meeting:
        """Invite ``others`` to a meeting."""
        software = self._software(organizer)
        meeting = Meeting(
            uid=self._uid(software),
            summary=summary,
            start=start,
            end=start + timedelta(minutes=minutes),
            organizer=organizer,
            attendees=(organizer, *others),
            software=software,
            location=room or self.rng.choice(PLACES),
            created=at,
            modified=at,
            answers={organizer.address: ACCEPTED} | {who.address: NEEDS_ACTION for who in others},
            rule=rule,
            room=room,
        )
        if self.stage.happens(at) or rule:
            self.stage.meetings.append(meeting)
        self._tell_others(meeting, at, "REQUEST", "Invitation")
        return meeting

    def answer(self, meeting: Meeting, who: Mailbox, answer: str, at: datetime, *, comment: str = "") -> None:
        """Let an attendee accept, decline, or say maybe; ``comment`` is what they write beside it."""
        if not self.stage.happens(at):
            return
        meeting.answers[who.address] = answer
        # Who gives a reason is heard by mail first, which the calendar does not show.
        meeting.modified = max(meeting.modified, at + timedelta(seconds=5 if comment else 0))
        self._tell_organizer(meeting, who, at, "REPLY", ANSWER_WORDS[answer], comment=comment)

    def propose(self, meeting: Meeting, who: Mailbox, start: datetime, at: datetime) -> None:
        """Let an attendee ask for another time (COUNTER); the meeting stays where it is until it is moved."""
        if not self.stage.happens(at):
            return
        meeting.answers[who.address] = TENTATIVE
        wish = (start, start + meeting.length)
        self._tell_organizer(meeting, who, at, "COUNTER", "New Time Proposed", wish)

    def move(self, meeting: Meeting, start: datetime, at: datetime) -> None:
        """Let the organizer move it; all are asked again."""
        if not self.stage.happens(at):
            return
        meeting.start, meeting.end = start, start + meeting.length
        meeting.sequence += 1
        meeting.modified = at
        self._ask_again(meeting)
        self._tell_others(meeting, at, "REQUEST", "Updated invitation")

    def cancel(self, meeting: Meeting, at: datetime) -> None:
        """Let the organizer cancel it. What the owner cancels also goes from the owner's calendar."""
        if not self.stage.happens(at):
            return
        meeting.status = "CANCELLED"
        meeting.sequence += 1
        meeting.modified = at
        meeting.kept = meeting.organizer != OWNER
        self._tell_others(meeting, at, "CANCEL", "Canceled event")

    def move_one(self, series: Meeting, original: datetime, start: datetime, at: datetime) -> Meeting:
        """Let the organizer move one occurrence of a series."""
        one = series.occurrence(original)
        if self.stage.happens(at):
            self.stage.meetings.append(one)
        self.move(one, start, at)
        return one

    def drop_one(self, series: Meeting, original: datetime, at: datetime) -> None:
        """Let the organizer cancel one occurrence of a series."""
        if not self.stage.happens(at):
            return
        self.cancel(series.occurrence(original), at)
        series.dropped.append(original)
        series.modified = max(series.modified, at)

    def split(self, series: Meeting, start: datetime, at: datetime) -> Meeting:
        """Let the organizer change "this and following": the series ends, and one with a UID of its own begins."""
        rest = replace(
            series,
            uid=f"{series.uid.partition('@')[0]}_R{utc(start)}@google.com",
            start=start,
            end=start + series.length,
            created=at,
            modified=at,
            dropped=[moment for moment in series.dropped if moment >= start],
            answers=dict(series.answers),
            thread=(),
        )
        series.rule += f";UNTIL={utc(at)}"
        series.sequence += 1
        series.modified = at
        self.stage.meetings.append(rest)
        self._tell_others(series, at, "REQUEST", "Updated invitation")
        self._tell_others(rest, at, "REQUEST", "Invitation")
        return rest

    def _ask_again(self, meeting: Meeting) -> None:
        for address in meeting.answers:
            if meeting.organizer is None or address != meeting.organizer.address:
                meeting.answers[address] = NEEDS_ACTION

    def _software(self, author: Mailbox) -> str:
        return "google" if author == OWNER else self.software

    def _uid(self, software: str) -> str:
        if software == "outlook":
            return f"040000008200E00074C5B7101A82E008{self.rng.getrandbits(256):064X}"
        return f"{self.rng.getrandbits(104):026x}@google.com"

    def _tell_others(self, meeting: Meeting, at: datetime, method: str, word: str) -> None:
        assert meeting.organizer is not None
        others = tuple(who for who in meeting.attendees if who != meeting.organizer)
        self._send(meeting, meeting.organizer, others, at, method, word)

    def _tell_organizer(
        self,
        meeting: Meeting,
        who: Mailbox,
        at: datetime,
        method: str,
        word: str,
        wish: tuple[datetime, datetime] | None = None,
        comment: str = "",
    ) -> None:
        assert meeting.organizer is not None
        self._send(meeting, who, (meeting.organizer,), at, method, word, wish, comment)

    def _send(
        self,
        meeting: Meeting,
        author: Mailbox,
        to: tuple[Mailbox, ...],
        at: datetime,
        method: str,
        word: str,
        wish: tuple[datetime, datetime] | None = None,
        comment: str = "",
    ) -> None:
        software = self._software(author)
        message_id = new_message_id(self.rng, author, software)
        letter = Letter(
            author=author,
            to=to,
            at=at,
            subject=_subject(meeting, software, method, word, to[0]),
            message_id=message_id,
            references=meeting.thread if software == "outlook" else (),
            text=_text(meeting, word),
            html=True,
            method=method,
            calendar=_calendar(replace(meeting, software=software), author, at, method, wish, comment),
            extra=(("Sender", "Google Calendar <calendar-notification@google.com>"),)
            if software == "google"
            else (("X-MS-Has-Attach", ""), ("X-MS-Exchange-Calendar-Series-Instance-Id", meeting.uid[-24:])),
        )
        if self.stage.post(letter):
            meeting.thread = (*meeting.thread, message_id)


def _text(meeting: Meeting, word: str) -> str:
    when = _when(meeting.start, meeting.end)
    return f"{word}: {meeting.summary}\n\nWhen: {when}\nWhere: {meeting.location}\n"


def _subject(meeting: Meeting, software: str, method: str, word: str, first: Mailbox) -> str:
    if software == "google":
        return f"{word}: {meeting.summary} @ {_when(meeting.start, meeting.end)} ({first.address})"
    if method == "REQUEST":
        return meeting.summary
    return f"{'Canceled' if method == 'CANCEL' else word}: {meeting.summary}"


def _calendar(
    meeting: Meeting, author: Mailbox, at: datetime, method: str, wish: tuple[datetime, datetime] | None, comment: str
) -> str:
    only = author if method in {"REPLY", "COUNTER"} else None
    status = "CANCELLED" if method == "CANCEL" else "CONFIRMED"
    head = ["BEGIN:VCALENDAR", f"PRODID:{PRODUCTS[meeting.software]}", "VERSION:2.0", "CALSCALE:GREGORIAN"]
    head += [f"METHOD:{method}", *zone_lines(meeting.software)]
    event = event_lines(meeting, at, only=only, proposal=wish, status=status, comment=comment)
    return calendar_text([*head, *event, "END:VCALENDAR"])
