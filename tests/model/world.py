"""The world: meetings as they really are, what was done to them, and which mails were sent about it.

It knows nothing of Keepwarm. What it did is kept as ``deeds``; the model says what should be told of them, the views
write what calendars and mails show.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.model.operations import (
    ANA,
    BOB,
    EVE,
    ME,
    Answer,
    AnswerOne,
    Cancel,
    CancelOne,
    Create,
    Crowd,
    Delete,
    Disperse,
    DropOne,
    End,
    Forge,
    Move,
    MoveBack,
    MoveOne,
    Propose,
    Remake,
    Restore,
    Shorten,
    Split,
    Write,
)

if TYPE_CHECKING:
    from tests.model.operations import Happening

ZONE = ZoneInfo("Europe/Berlin")
BEGINNING = datetime(2026, 1, 12, 8, tzinfo=UTC)
FIRST = datetime(2026, 3, 16, 10)  # noqa: DTZ001 - local; the weeks of a series go over the change to summer time
WEEKS, WEEK, DAY, HOUR = 4, timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
CROWD = range(100, 112)
ALL = None
"""Stands for the whole of a meeting, where otherwise the number of an occurrence is given."""


@dataclass(slots=True)
class Part:
    """A single meeting, the own entry of a series, or an occurrence that differs from its series; times are local."""

    start: datetime
    length: timedelta
    answers: dict[str, str]
    changed: datetime  # UTC
    sequence: int = 0
    cancelled: bool = False

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Give its start and end in UTC."""
        begins = self.start.replace(tzinfo=ZONE).astimezone(UTC)
        return begins, begins + self.length


@dataclass(slots=True)
class Meeting:
    """A meeting or a series, with all that differs from it."""

    number: int
    uid: str
    organizer: str
    own: Part
    created: datetime
    weeks: int = 0  # 0: it is no series
    ended: bool = False  # before its time: its rule has UNTIL, not COUNT
    one: dict[int, Part] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    shown: bool = True  # False if it is deleted
    went_from: list[datetime] = field(default_factory=list)  # where it was before each move that was not taken back

    def original(self, week: int) -> datetime:
        """Give the local start that an occurrence has by the rule."""
        return self.own.start + week * WEEK

    def rid(self, week: int | None) -> str:
        """Give the RECURRENCE-ID of an occurrence."""
        if week is ALL:
            return ""
        return f"{self.original(week).replace(tzinfo=ZONE).astimezone(UTC):%Y%m%dT%H%M%SZ}"

    def part(self, week: int | None) -> Part:
        """Give the whole, or one occurrence as it now stands."""
        if week is ALL:
            return self.own
        return self.one.get(week) or replace(self.own, start=self.original(week), answers=dict(self.own.answers))

    def going_on(self) -> list[int | None]:
        """Give the whole, and the occurrences that differ from it and are not cancelled."""
        return [ALL, *sorted(week for week, part in self.one.items() if not part.cancelled)]

    def parts(self) -> dict[int | None, Part]:
        """Give all that a calendar shows of it."""
        weeks = [week for week in range(self.weeks) if week not in self.dropped]
        return {ALL: self.own} | {week: self.part(week) for week in weeks}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that somebody did to a meeting or to an occurrence."""

    at: datetime
    uid: str
    rid: str
    did: str  # "created", "moved", "moved back", "resized", "cancelled", "deleted", "restored", an answer, ...
    who: str
    before: datetime | None = None  # start, UTC
    after: datetime | None = None
    by_mail: bool = True  # the owner's mailbox has a mail about it
    in_calendar: bool = True  # the owner's calendar shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail from or to the owner: an iTIP message about a meeting as it then was, or a word in its thread."""

    at: datetime
    author: str
    to: tuple[str, ...]
    method: str  # "" is a plain mail
    uid: str
    weeks: tuple[int | None, ...] = ()  # the parts that it is about
    state: Meeting | None = None  # a copy
    only: str = ""  # the attendee who speaks
    proposed: datetime | None = None  # local
    number: int = 0
    answers: str = ""  # the Message-ID of the mail that it answers

    @property
    def key(self) -> str:
        """Give its Message-ID."""
        return f"{self.number}@world.example"


@dataclass(slots=True)
class World:
    """Meetings by number, and all that happened so far."""

    now: datetime = BEGINNING
    meetings: dict[int, Meeting] = field(default_factory=dict)
    former: list[Meeting] = field(default_factory=list)  # what was split off at the front of a series
    deeds: list[Deed] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)

    def everything(self) -> list[Meeting]:
        """Give all meetings that ever were."""
        return [*self.meetings.values(), *self.former]

    def do(self, operation: Happening) -> None:
        """Let something happen, if it can."""
        match operation:
            case Create(number, organizer, weekly):
                self._create(number, organizer, WEEKS if weekly else 0)
            case Crowd():
                for number in CROWD:
                    self._create(number, ANA, 0)
            case Disperse():
                for number in CROWD:
                    self._call_off(number, ALL, shown=False)
            case Answer() | AnswerOne() | Propose() | Write() | Forge():
                self._others_do(operation)
            case Remake(number):
                self._remake(number)
            case Cancel() | CancelOne() | Delete() | DropOne() | Restore() | End():
                self._end_or_restore(operation)
            case _:
                self._change(operation)

    def _others_do(self, operation: Answer | AnswerOne | Propose | Write | Forge) -> None:
        match operation:
            case Answer(number, who, said):
                self._answer(number, ALL, who, said)
            case AnswerOne(number, week, who, said):
                self._answer(number, week, who, said)
            case Propose(number, who, days):
                self._propose(number, who, days * DAY)
            case Write(number, who):
                self._write(number, who)
            case Forge(number):
                self._forge(number)

    def _end_or_restore(self, operation: Cancel | CancelOne | Delete | DropOne | Restore | End) -> None:
        match operation:
            case Cancel(number):
                self._call_off(number, ALL, shown=True)
            case CancelOne(number, week):
                self._call_off(number, week, shown=True)
            case Delete(number):
                self._call_off(number, ALL, shown=False)
            case DropOne(number, week):
                self._call_off(number, week, shown=False)
            case Restore(number):
                self._restore(number)
            case End(number, week):
                self._end(number, week)

    def _change(self, operation: Move | MoveBack | MoveOne | Shorten | Split) -> None:
        match operation:
            case Move(number, days):
                self._move(number, days * DAY)
            case MoveBack(number):
                self._move_back(number)
            case MoveOne(number, week, days):
                self._move_one(number, week, days * DAY)
            case Shorten(number):
                self._shorten(number)
            case Split(number, week, days):
                self._split(number, week, days * DAY)

    # What the organiser does.

    def _create(self, number: int, organizer: str, weeks: int, uid: str = "", like: Part | None = None) -> None:
        if not uid and number in self.meetings:
            return
        answers = {who: "accepted" if who == organizer else "needs-action" for who in (ME, ANA, BOB)}
        start, length = (like.start, like.length) if like else (FIRST + number % 100 * HOUR, HOUR)
        own = Part(start, length, answers, self.now)
        made = Meeting(number, uid or f"meeting-{number}", organizer, own, self.now, weeks)
        self.meetings[number] = made
        self._deed(made, ALL, "created", after=own)
        self._send(made, "REQUEST", ALL)

    def _live(self, number: int, week: int | None = ALL) -> Meeting | None:
        """Give the meeting if it, and the occurrence, goes on."""
        found = self.meetings.get(number)
        if found is None or not found.shown or found.own.cancelled:
            return None
        if week is not ALL and (week not in found.parts() or found.part(week).cancelled):
            return None
        return found

    def _move(self, number: int, by: timedelta) -> None:
        if (found := self._live(number)) and found.own.start + by not in found.went_from:
            self._put(found, found.own.start + by, "moved")

    def _move_back(self, number: int) -> None:
        if (found := self._live(number)) and found.went_from:
            self._put(found, found.went_from[-1], "moved back")

    def _put(self, found: Meeting, start: datetime, did: str) -> None:
        before = replace(found.own)
        if did == "moved":
            found.went_from.append(before.start)
        else:
            found.went_from.pop()
        found.own.start = start
        self._renew(found)
        found.one.clear()  # what differed from the former pattern is no more
        found.dropped.clear()
        self._deed(found, ALL, did, before=before, after=found.own)
        self._send(found, "REQUEST", ALL)

    def _renew(self, found: Meeting, *, void: bool = True) -> None:
        """Make a new version of the whole; what was answered is void."""
        parts = (found.own, *found.one.values())
        sequence = 1 + max(part.sequence for part in parts)
        for part in parts:
            part.sequence, part.changed = sequence, self.now
            if void:
                self._void_answers(found, part)

    @staticmethod
    def _void_answers(found: Meeting, part: Part) -> None:
        part.answers = {who: said if who == found.organizer else "needs-action" for who, said in part.answers.items()}

    def _move_one(self, number: int, week: int, by: timedelta) -> None:
        found = self._live(number, week)
        if found is None or found.part(week).start == found.original(week) + by:
            return
        before, moved = found.part(week), replace(found.part(week), start=found.original(week) + by)
        moved.sequence, moved.changed = before.sequence + 1, self.now
        self._void_answers(found, moved)
        found.one[week] = moved
        did = "moved" if by or before.start == found.original(week) else "moved back"
        self._deed(found, week, did, before=before, after=moved)
        self._send(found, "REQUEST", week)

    def _shorten(self, number: int) -> None:
        found = self._live(number)
        if found is None or found.own.length <= timedelta(minutes=20):
            return
        for part in (found.own, *found.one.values()):
            part.length -= timedelta(minutes=10)
        self._renew(found)
        self._deed(found, ALL, "resized", after=found.own)
        self._send(found, "REQUEST", *found.going_on())

    def _call_off(self, number: int, week: int | None, *, shown: bool, did: str = "") -> None:
        found = self._live(number, week)
        if found is None:
            return
        if week is ALL:
            part = found.own
            self._renew(found, void=False)
            for one in (part, *found.one.values()):
                one.cancelled = True
        else:
            part = found.one[week] = replace(found.part(week), changed=self.now, cancelled=True)
            part.sequence += 1
        self._deed(found, week, did or ("cancelled" if shown else "deleted"), after=part)
        self._send(found, "CANCEL", week)
        if not shown and week is ALL:
            found.shown = False
        elif not shown:
            del found.one[week]
            found.dropped.add(week)
            found.own.changed = self.now

    def _restore(self, number: int) -> None:
        found = self.meetings.get(number)
        if found is None or not found.own.cancelled:
            return
        found.shown = True
        self._renew(found, void=False)
        for part in (found.own, *found.one.values()):
            part.cancelled = False
        self._deed(found, ALL, "restored", after=found.own)
        self._send(found, "REQUEST", *found.going_on())

    def _remake(self, number: int) -> None:
        found = self._live(number)
        if found is None or found.weeks or any(one.number == number for one in self.former):
            return  # once only: a calendar with new UIDs again and again is not followed at all
        self._call_off(number, ALL, shown=False, did="remade")
        self.former.append(found)
        self._create(number, found.organizer, 0, f"meeting-{number}-again", found.own)

    def _split(self, number: int, week: int, by: timedelta) -> None:
        found = self._live(number)
        if found is None or not 0 < week < found.weeks:
            return
        rest, like = found.weeks - week, replace(found.own, start=found.original(week) + by)
        self._end(number, week)
        self.former.append(found)
        self._create(number, found.organizer, rest, f"{found.uid}-from-{week}", like)

    def _end(self, number: int, week: int) -> None:
        found = self._live(number)
        if found is None or not 0 < week < found.weeks:
            return
        found.weeks, found.ended, found.own.changed = week, True, self.now
        found.own.sequence += 1
        found.one = {one: part for one, part in found.one.items() if one < week}
        found.dropped = {one for one in found.dropped if one < week}
        self._deed(found, ALL, "ended", after=found.own)
        self._send(found, "REQUEST", *found.going_on())

    # What attendees do.

    def _answer(self, number: int, week: int | None, who: str, said: str) -> None:
        found = self._live(number, week)
        if found is None or who == found.organizer or found.part(week).answers[who] == said:
            return
        if week is not ALL:
            found.one[week] = replace(found.part(week), answers=dict(found.part(week).answers))
        parts = [found.own, *found.one.values()] if week is ALL else [found.one[week]]
        for part in parts:
            part.answers[who], part.changed = said, self.now
        by_mail = ME in (who, found.organizer)
        self._deed(found, week, said, who=who, by_mail=by_mail)
        self._send(found, "REPLY", week, author=who)

    def _propose(self, number: int, who: str, by: timedelta) -> None:
        found = self._live(number)
        if found is None or found.weeks or who == found.organizer or ME not in (who, found.organizer):
            return
        proposed = found.own.start + by
        if not any(
            mail.method == "COUNTER" and (mail.uid, mail.only, mail.proposed) == (found.uid, who, proposed)
            and mail.state is not None and mail.state.own.sequence == found.own.sequence
            for mail in self.mails
        ):  # fmt: skip
            part = replace(found.own, start=proposed)
            self._deed(found, ALL, "proposed", who=who, before=found.own, after=part, in_calendar=False)
        self._send(found, "COUNTER", ALL, author=who, proposed=proposed)

    def _write(self, number: int, who: str) -> None:
        found = self._live(number)
        if found is not None and who not in (ME, found.organizer):
            self._deed(found, ALL, "wrote", who=who, in_calendar=False)
            invitation = next(mail for mail in self.mails if mail.uid == found.uid)
            self._post(Mail(at=self.now, author=who, to=(ME,), method="", uid=found.uid, answers=invitation.key))

    def _forge(self, number: int) -> None:
        if found := self._live(number):
            state = replace(found, own=replace(found.own, cancelled=True, sequence=found.own.sequence + 9), one={})
            self._post(
                Mail(at=self.now, author=EVE, to=(ME,), method="CANCEL", uid=found.uid, weeks=(ALL,), state=state)
            )

    # How it is known.

    def _deed(
        self,
        found: Meeting,
        week: int | None,
        did: str,
        *,
        who: str = "",
        before: Part | None = None,
        after: Part | None = None,
        by_mail: bool = True,
        in_calendar: bool = True,
    ) -> None:
        self.deeds.append(
            Deed(
                at=self.now,
                uid=found.uid,
                rid=found.rid(week),
                did=did,
                who=who or found.organizer,
                before=before.span[0] if before else None,
                after=after.span[0] if after else None,
                by_mail=by_mail,
                in_calendar=in_calendar,
            )
        )

    def _send(
        self, found: Meeting, method: str, *weeks: int | None, author: str = "", proposed: datetime | None = None
    ) -> None:
        to = (found.organizer,) if author else tuple(who for who in found.own.answers if who != found.organizer)
        if ME not in (author or found.organizer, *to):
            return
        state = replace(
            found,
            own=replace(found.own, answers=dict(found.own.answers)),
            one={week: replace(part, answers=dict(part.answers)) for week, part in found.one.items()},
            dropped=set(found.dropped),
        )
        self._post(
            Mail(
                at=self.now, author=author or found.organizer, to=to, method=method, uid=found.uid, weeks=weeks,
                state=state, only=author, proposed=proposed,
            )
        )  # fmt: skip

    def _post(self, mail: Mail) -> None:
        self.mails.append(replace(mail, number=len(self.mails)))
