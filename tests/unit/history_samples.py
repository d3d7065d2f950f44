"""Histories for the tests of the rules, told as a story: who wrote on which day, what became of which meeting.

Day 0 is a Monday; days and hours are the owner's, who lives in Berlin and works from nine to six, Monday to Friday.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from keepwarm.rules.engine import Engine
from keepwarm.rules.finding import whole
from keepwarm.rules.rule_file import check, load
from keepwarm.rules.warmth import Bands
from keepwarm.rules.working_time import WorkingTime
from keepwarm.storage.histories import (
    MUTUAL_TOUCHES,
    OWNERS_WORD,
    TOUCHES_BY_OWNER,
    Absence,
    By,
    History,
    MeetingFact,
    MessageFact,
    NoteFact,
    Other,
    PromiseFact,
    ReflectionFact,
    RevisionFact,
    TouchFact,
)
from keepwarm.storage.observations import Answer, MeetingStatus, MessageKind
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.rules.engine import Outcome
    from keepwarm.rules.finding import Finding
    from keepwarm.rules.rule import Rule
    from keepwarm.storage.histories import Other

BERLIN = ZoneInfo("Europe/Berlin")
DAY_0 = date(2024, 1, 8)
STREAM = 1
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORKING = WorkingTime(zone=BERLIN)
CATALOGUE = load()


def on(day: int, hour: float = 10.0) -> datetime:
    """Give an hour of the owner's clock on a day of the story, in UTC."""
    midnight = datetime.combine(DAY_0 + timedelta(days=day), time(), BERLIN)
    return (midnight + hour * HOUR).astimezone(UTC)


@dataclass(slots=True)
class Appointment:
    """A meeting and what becomes of it; unless told otherwise the owner invites, and both have accepted."""

    ref: str
    start: datetime
    length: timedelta
    people: int
    series: bool
    theirs: Answer
    owners: Answer
    uid: str = ""  # of the series that it is an occurrence of
    summary: str | None = "Catching up"
    free: bool = False  # stands for the whole day and takes no time
    status: MeetingStatus = MeetingStatus.CONFIRMED
    revisions: list[RevisionFact] = field(default_factory=list)

    def moved(self, day: int, *, by: By, to: int, hour: float = 9.0, to_hour: float = 14.0) -> Appointment:
        """Put it on another day; who had accepted accepts that too."""
        before, self.start = self.start, on(to, to_hour)
        return self._write(Change.RESCHEDULED, on(day, hour), by, before)

    def moved_back(self, day: int, *, by: By, hour: float = 9.0) -> Appointment:
        """Put it where it was before the last move."""
        before, back = self.start, self.revisions[-1].previous_start
        self.start = back or before
        return self._write(Change.RESTORED, on(day, hour), by, before)

    def resized(self, day: int, *, by: By, length: timedelta, hour: float = 9.0) -> Appointment:
        """Make it shorter or longer."""
        before, self.length = self.length, length
        self._write(Change.RESIZED, on(day, hour), by, self.start)
        self.revisions[-1] = replace(self.revisions[-1], previous_end=self.start + before)
        return self

    def cancelled(self, day: int, *, by: By, hour: float = 9.0) -> Appointment:
        """Call it off."""
        self.status = MeetingStatus.CANCELLED
        return self._write(Change.CANCELLED, on(day, hour), by)

    def superseded(self, day: int, *, by: By, hour: float = 9.0) -> Appointment:
        """Let it go because its series was changed or ended."""
        self.status = MeetingStatus.CANCELLED
        return self._write(Change.SUPERSEDED, on(day, hour), by)

    def put_on_again(self, day: int, *, by: By, hour: float = 9.0, to: int | None = None) -> Appointment:
        """Take back that it was called off, maybe for another day."""
        self.status = MeetingStatus.CONFIRMED
        if to is not None:
            before, self.start = self.start, on(to, 14.0)
            return self._write(Change.REINSTATED, on(day, hour), by, before)
        return self._write(Change.REINSTATED, on(day, hour), by)

    def missed(self, *, by: By) -> Appointment:
        """Let somebody not have come, by a record or the owner's word: that is known of its end."""
        return self._write(Change.NO_SHOW, self.start + self.length, by)

    def out_of_office(self) -> Appointment:
        """Let whoever did the last thing have done it because they were away."""
        self.revisions[-1] = replace(self.revisions[-1], away=True)
        return self

    def tentative(self, day: int, *, by: By, hour: float = 9.0) -> Appointment:
        """Accept it with reservations."""
        if by is By.THEM:
            self.theirs = Answer.TENTATIVE
        else:
            self.owners = Answer.TENTATIVE
        return self._write(Change.TENTATIVE, on(day, hour), by)

    def declined(self, day: int, *, by: By, hour: float = 9.0) -> Appointment:
        """Decline it."""
        if by is By.THEM:
            self.theirs = Answer.DECLINED
        else:
            self.owners = Answer.DECLINED
        return self._write(Change.DECLINED, on(day, hour), by)

    def accepted(self, day: int, *, by: By, hour: float = 9.0) -> Appointment:
        """Accept it, after all."""
        if by is By.THEM:
            self.theirs = Answer.ACCEPTED
        else:
            self.owners = Answer.ACCEPTED
        return self._write(Change.ACCEPTED, on(day, hour), by)

    def proposed(self, day: int, *, by: By, to: int, hour: float = 9.0, to_hour: float = 14.0) -> Appointment:
        """Ask for another time: until the organiser moves it, it stays where it is."""
        stays, self.start = self.start, on(to, to_hour)
        self._write(Change.PROPOSED, on(day, hour), by, stays)
        self.start = stays
        return self

    def created(self, at: datetime, by: By) -> Appointment:
        """Begin."""
        return self._write(Change.CREATED, at, by)

    def _write(self, change: Change, at: datetime, by: By, before: datetime | None = None) -> Appointment:
        self.revisions.append(
            RevisionFact(
                ref=f"{self.ref}-{len(self.revisions)}",
                at=at,
                change=change,
                by=by,
                why="so the story goes",
                start=self.start,
                end=self.start + self.length,
                previous_start=before,
                previous_end=before + self.length if before else None,
                status=self.status,
                their_answer=self.theirs,
                owner_answer=self.owners,
                people=self.people,
                all_day=self.free,
                busy=not self.free,
            )
        )
        return self

    def fact(self) -> MeetingFact:
        """Give it as storage does."""
        return MeetingFact(
            ref=self.ref,
            ical_uid=self.uid or self.ref,
            recurrence_id=f"{self.revisions[0].start:%Y%m%dT%H%M%SZ}" if self.uid and not self.series else "",
            series=self.series,
            summary=self.summary,
            stream=STREAM,
            revisions=tuple(sorted(self.revisions, key=lambda revision: revision.at)),
        )


@dataclass(slots=True)
class Story:
    """What happened between the owner and Ana."""

    messages: list[MessageFact] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    interval: int | None = None
    absences: list[Absence] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    live_from: datetime = field(default_factory=lambda: on(-1000))

    def they_write(self, day: int, hour: float = 10.0, **more: object) -> MessageFact:
        """Let Ana write; ``answers`` names the message that it is a reply to."""
        return self._write(on(day, hour), outbound=False, **more)

    def you_write(self, day: int, hour: float = 11.0, **more: object) -> MessageFact:
        """Let the owner write."""
        return self._write(on(day, hour), outbound=True, **more)

    def talk(self, days: Iterable[int]) -> Story:
        """On each of these days Ana begins something, and the owner answers within the hour."""
        for day in days:
            self.you_write(day, 11.0, answers=self.they_write(day))
        return self

    def meet(
        self,
        day: int,
        hour: float = 14.0,
        *,
        planned: int | None = None,
        by: By = By.OWNER,
        people: int = 2,
        series: bool = False,
        theirs: Answer = Answer.ACCEPTED,
        owners: Answer = Answer.ACCEPTED,
        length: timedelta = HOUR,
        uid: str = "",
        summary: str | None = "Catching up",
        free: bool = False,
    ) -> Appointment:
        """Plan a meeting, a week before unless told otherwise; it is held if nothing becomes of it."""
        ref = f"meeting-{len(self.appointments):03}"
        one = Appointment(ref, on(day, hour), length, people, series, theirs, owners, uid, summary, free)
        self.appointments.append(one)
        return one.created(on(day - 7 if planned is None else planned, 8.0), by)

    def away(
        self, by: By, first: int, days: float, *, known: int | None = None, ref: str | None = None, hour: float = 0.0
    ) -> Absence:
        """Let one side be away from a day on; known on that day unless told otherwise, the same ``ref`` is the same."""
        start, at = on(first, hour), on(first if known is None else known, 0.0)
        name = ref or f"away-{len(self.absences):03}"
        one = Absence(ref=name, at=at, start=start, end=start + days * DAY, by=by)
        self.absences.append(one)
        return one

    def log(self, day: int, kind: str = "call", hour: float = 12.0, text: str = "") -> TouchFact:
        """Log a touch by hand."""
        touch = TouchFact(ref=self._name("touch"), at=on(day, hour), kind=kind, text=text)
        self.others.append(touch)
        return touch

    def note(self, day: int, text: str = "Runs on Sundays", *, to_recall: int | None = None) -> NoteFact:
        """Note something, perhaps for a day."""
        for_day = None if to_recall is None else DAY_0 + timedelta(days=to_recall)
        note = NoteFact(ref=self._name("note"), at=on(day, 12.5), on=for_day, text=text)
        self.others.append(note)
        return note

    def promise(
        self, day: int, *, due: int, by: By = By.OWNER, kept: int | None = None, text: str = "The offer"
    ) -> PromiseFact:
        """Write down a promise, and when it was kept."""
        kept_at = None if kept is None else on(kept, 13.0)
        one = PromiseFact(
            ref=self._name("promise"),
            at=on(day, 12.5),
            by=by,
            due=DAY_0 + timedelta(days=due),
            text=text,
            kept_at=kept_at,
        )
        self.others.append(one)
        return one

    def reflect(
        self, day: int, *, meeting: str = "", needs: bool | None = None, helped: bool | None = None, mood: int | None
    ) -> ReflectionFact:
        """Reflect on a meeting."""
        one = ReflectionFact(
            ref=self._name("reflection"),
            at=on(day, 18.0),
            meeting=meeting,
            needs_answered=needs,
            help_answered=helped,
            mood=mood,
        )
        self.others.append(one)
        return one

    def _name(self, kind: str) -> str:
        return f"{kind}_{len(self.others):03}"

    def meet_often(
        self,
        days: Iterable[int],
        hour: float = 14.0,
        *,
        planned: int,
        by: By = By.OWNER,
        uid: str = "weekly",
        **more: Any,
    ) -> list[Appointment]:
        """Plan a series on these days; gives its own entry first, then its occurrences."""
        ordered = sorted(days)
        entry = self.meet(ordered[0], hour, planned=planned, by=by, series=True, uid=uid, **more)
        return [entry, *(self.meet(day, hour, planned=planned, by=by, uid=uid, **more) for day in ordered)]

    def _write(
        self,
        at: datetime,
        *,
        outbound: bool,
        answers: MessageFact | None = None,
        kind: MessageKind = MessageKind.HUMAN,
        direct: bool = True,
        recipients: int = 1,
        size: int = 2_000,
        parent: int | None = None,
        subject_key: int | None = None,
        says_reply: bool = False,
        apology: bool = False,
        subject: str | None = "Offer",
        promised: int | None = None,
    ) -> MessageFact:
        number = len(self.messages)
        message = MessageFact(
            ref=f"m_{number:05}",
            at=at,
            outbound=outbound,
            kind=kind,
            direct=direct,
            recipients=recipients,
            size=size,
            key=number,
            parent=answers.key if answers else parent,
            thread=answers.thread if answers else number,
            subject=subject,
            subject_key=subject_key,
            says_reply=says_reply,
            apology=apology,
            promised_due=None if promised is None else DAY_0 + timedelta(days=promised),
            stream=STREAM,
        )
        self.messages.append(message)
        return message

    def history(self) -> History:
        """Give it as storage does."""
        return History(
            contact_id="c_ana",
            name="Ana",
            addresses=("ana@acme.example",),
            labels=self.labels,
            added_at=on(0),
            owner_interval_days=self.interval,
            messages=tuple(sorted(self.messages, key=lambda message: (message.at, message.ref))),
            meetings=tuple(one.fact() for one in self.appointments),
            absences=tuple(sorted(self.absences, key=lambda absence: (absence.at, absence.ref))),
            others=tuple(sorted(self.others, key=lambda other: (other.at, other.ref))),
            live_since={STREAM: self.live_from, OWNERS_WORD: self.live_from},
        )


def engine(rules: Iterable[Rule] = CATALOGUE, working: WorkingTime = WORKING) -> Engine:
    """Give an engine, with the built-in rules unless others are given."""
    return Engine(tuple(rules), working, Bands())


def judged(story: Story, day: int, hour: float = 12.0) -> Outcome:
    """Judge a story by the built-in rules, as of a day."""
    return engine().judge(story.history(), on(day, hour))


def findings(outcome: Outcome, rule: str) -> list[Finding]:
    """Give what one rule has found, oldest first; what got worse is one thing, until the end of its last finding."""
    return whole(finding for finding in outcome.findings if finding.rule.id == rule)


def only(outcome: Outcome, rule: str) -> Finding:
    """Give the one thing that a rule has found."""
    (finding,) = findings(outcome, rule)
    return finding


def rules_of(folder: Path, text: str) -> tuple[Rule, ...]:
    """Load rules from text."""
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return check(file)


def without_state(outcome: Outcome) -> list[tuple[object, ...]]:
    """Give what is shown of findings."""
    return [
        (one.id, one.opened, one.cleared, one.strength, one.sentence, one.facts, one.evidence)
        for one in outcome.findings
    ]


# Random stories: spells of a few weeks, so that signals do open and clear.

_SPELLS = (
    "talking",
    "they write",
    "you write",
    "silence",
    "meeting",
    "moving",
    "cancelling",
    "you cancel",
    "away",
    "logging",
    "chaos",
)


@st.composite
def stories(draw: st.DrawFn, *, most_spells: int = 6) -> Story:
    """Draw a story of at least one event."""
    story = Story()
    story.talk([0])
    day = 1
    for _ in range(draw(st.integers(1, most_spells))):
        spell, length, step = draw(st.sampled_from(_SPELLS)), draw(st.integers(5, 80)), draw(st.integers(1, 12))
        for now in range(day, day + length, step):
            _tell(draw, story, spell, now)
        day += length
    return story


def last_day(story: Story) -> int:
    """Give the day of the last event of a story."""
    ends = [revision.end for one in story.appointments for revision in one.revisions]
    others = [one.at for one in (*story.messages, *story.others)]
    kept = [one.kept_at for one in story.others if isinstance(one, PromiseFact) and one.kept_at]
    return (max([*ends, *others, *kept]) - on(0)).days + 1


def _tell(draw: st.DrawFn, story: Story, spell: str, day: int) -> None:
    hour = draw(st.sampled_from([0.5, 5.0, 9.0, 12.0, 17.5, 23.5]))
    if spell == "talking":
        story.talk([day])
    elif spell == "they write":
        story.they_write(day, hour)
    elif spell == "you write":
        story.you_write(day, hour, kind=draw(st.sampled_from([MessageKind.HUMAN, MessageKind.INVOICE])))
    elif spell == "meeting":
        story.meet(day, planned=day - 2, summary=draw(st.sampled_from(["Lunch", "Catch-up: offer", "Catch-up", None])))
    elif spell == "moving":
        story.meet(day + 3, planned=day - 2).moved(day, by=draw(st.sampled_from(list(By))), to=day + 9, hour=hour)
    elif spell == "cancelling":
        story.meet(day + draw(st.integers(0, 3)), hour=23.9, planned=day - 2).cancelled(day, by=By.THEM, hour=hour)
    elif spell == "you cancel":
        story.meet(day + 1, planned=day - 2).cancelled(day, by=By.OWNER, hour=hour)
    elif spell == "away":
        by, first = draw(st.sampled_from([By.THEM, By.OWNER])), day + draw(st.integers(-40, 20))
        absence = story.away(by, first, draw(st.sampled_from([0.3, 1, 14, 50])), known=day)
        if draw(st.booleans()):
            story.away(by, first, draw(st.sampled_from([0, 3, 60])), known=day + 2, ref=absence.ref)
    elif spell == "logging":
        story.log(day, draw(st.sampled_from(MUTUAL_TOUCHES + TOUCHES_BY_OWNER)), hour)
        story.note(day, to_recall=draw(st.sampled_from([None, day + 3])))
        kept = draw(st.sampled_from([None, day, day + 4, day + 90]))
        story.promise(day, due=day + 7, by=draw(st.sampled_from([By.OWNER, By.THEM])), kept=kept)
        story.reflect(day, mood=draw(st.sampled_from([None, 1, 3, 5])))
    elif spell == "chaos":
        one = story.meet(day + 2, planned=day - 1, by=draw(st.sampled_from(list(By))))
        one.proposed(day, by=By.THEM, to=day + 4).declined(day + 1, by=draw(st.sampled_from([By.THEM, By.OWNER])))
