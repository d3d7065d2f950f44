"""The course that a fact declares is never more than it keeps: rules sleep by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from keepwarm.rules.engine import Engine
from keepwarm.rules.facts import FACTS
from keepwarm.rules.play import Play
from keepwarm.rules.timeline import NOTHING, Looks
from keepwarm.rules.waiting import DAILY
from keepwarm.rules.warmth import Bands
from keepwarm.storage.histories import By, HandoverFact, IntroductionFact
from keepwarm.storage.observations import Answer, MessageKind
from tests.unit.history_samples import CATALOGUE, STREAM, WORKING, Story, last_day, on, stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from keepwarm.rules.facts import Fact, Value
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.play import Stage
    from keepwarm.rules.timeline import Event
    from keepwarm.rules.watch import Asked
    from keepwarm.storage.histories import History

STEPS = (0.4, 1.0, 3.5, 14.0, 40.0)  # by which a number is not to have grown
SMALL_STEPS = (0.01, 0.05, 0.2, 0.5)  # by which a probability is not to have risen or sunk
NEARLY = 1e-6
SUBJECTS = ("Lunch on Friday?", "Catch-up", "Catch-up: invoice and contract", "Weekly call", None)
FATES = ("stands", "shorter", "moved", "off", "missed", "sorry", "back", "reflected", "declined")


@dataclass
class Kept:
    """What has been said of one fact so far, and still has to hold."""

    fact: Fact
    said: tuple[Value | None, tuple[str, ...]] | None = None
    until: datetime | None = None  # of what was said
    most: float | None = None  # nothing has happened since that may make it greater
    least: float | None = None  # ... or smaller
    cited: tuple[str, ...] | None = None
    bounds: dict[float, tuple[float, datetime]] = field(default_factory=dict)
    ceilings: dict[float, tuple[float, datetime]] = field(default_factory=dict)
    floors: dict[float, tuple[float, datetime]] = field(default_factory=dict)

    def forget(self) -> None:
        """Time has come to be counted differently."""
        self.said = self.until = self.most = self.least = self.cited = None
        self.bounds.clear()
        self.ceilings.clear()
        self.floors.clear()

    def check(self, moment: Moment, happened: int) -> None:
        """Hold what it is now against what was said; then note what is said now."""
        fact, course = self.fact, self.fact.course
        value, refs = fact.compute(moment), tuple(source.ref for source in fact.cite(moment))
        number = float(value) if isinstance(value, int | float) else None
        if happened & course.by:
            self.said = self.until = self.cited = None
        if happened & course.lowered_by:
            self.least = None
            self.floors.clear()
        if happened & course.raised_by:
            self.most = None
            self.bounds.clear()
            self.ceilings.clear()
        told = f"{fact.name} at {moment.now}"
        if self.said is not None and self.until is not None and moment.now < self.until:
            assert (value, refs) == self.said, told
        if course.falls and self.most is not None:
            assert (number or 0.0) <= self.most + NEARLY, told
        if course.grows is not None:
            assert self.cited is None or refs == self.cited, told
            assert self.least is None or (number is not None and number >= self.least - NEARLY), told
            for bound, until in self.bounds.values():
                assert moment.now >= until or (number or 0.0) <= bound + NEARLY, told
        if number is not None:
            assert all(moment.now >= until or number <= bound + NEARLY for bound, until in self.ceilings.values()), told
            assert all(moment.now >= until or number >= bound - NEARLY for bound, until in self.floors.values()), told
        self._note(moment, value, refs, number)

    def _note(self, moment: Moment, value: Value | None, refs: tuple[str, ...], number: float | None) -> None:
        course = self.fact.course
        until = course.until(moment)
        same = self.said == (value, refs) and self.until is not None
        self.until = max(until, self.until) if same and self.until is not None else until
        self.said, self.cited, self.least = (value, refs), refs, number
        above = max(number or 0.0, 0.0)
        self.most = above if self.most is None else min(self.most, above)
        if course.grows is not None:
            for step in STEPS:
                bound = self.bounds.get(step)
                if bound is None or moment.now >= bound[1]:
                    self.bounds[step] = (above + step, course.grows(moment, step))
        if number is not None:
            for step in SMALL_STEPS:
                if course.rises is not None and moment.now >= self.ceilings.get(step, (0.0, moment.now))[1]:
                    self.ceilings[step] = (number + step, course.rises(moment, step))
                if course.sinks is not None and moment.now >= self.floors.get(step, (0.0, moment.now))[1]:
                    self.floors[step] = (number - step, course.sinks(moment, step))


class Walking(Play):
    """Goes from look to look and from event to event, and holds every fact to its word."""

    def __init__(self, history: History, rules: Sequence[Asked], stage: Stage, start: datetime) -> None:
        self._kept = [Kept(fact) for fact in FACTS.values()]
        super().__init__(history, rules, stage, start)

    def wait_until(self, end: datetime) -> None:
        for look in Looks(WORKING.zone).between(self.last_event, self.last_event, end):
            self.look(look, DAILY)
            self._check(NOTHING)

    def happen(self, event: Event) -> None:
        super().happen(event)
        self._check(event.kind)

    def _learn(self, now: datetime) -> None:
        if self.moment.has_news(now):
            for kept in self._kept:
                kept.forget()
        super()._learn(now)

    def _check(self, happened: int) -> None:
        for kept in self._kept:
            kept.check(self.moment, happened)


def _handover(at: datetime, name: str, colleague: str = "ben@acme.example") -> HandoverFact:
    return HandoverFact(
        ref=f"m_ho-{name}", at=at, colleague=colleague, contact_copied=True, subject="Offer", stream=STREAM
    )


def _introduction(at: datetime, name: str) -> IntroductionFact:
    return IntroductionFact(
        ref=f"m_in-{name}",
        at=at,
        written_at=at - timedelta(days=2),
        met_by=f"m_met-{name}",
        other=f"c_{name}",
        other_name=name,
        subject=None,
        stream=STREAM,
    )


def _third_parties(draw: st.DrawFn, story: Story, day: int) -> None:
    """Let colleagues write in her place, and let her introduce somebody."""
    at, name = on(day, draw(st.sampled_from([3.0, 13.0]))), f"{day}_{len(story.others)}"
    if draw(st.booleans()):
        story.others.append(_handover(at, name, draw(st.sampled_from(["ben@acme.example", "cleo@acme.example"]))))
    else:
        story.others.append(_introduction(at, name))


def _mail(draw: st.DrawFn, story: Story, day: int) -> None:
    """Let them answer each other, about this and that, soon or late, to one or to several."""
    subject = draw(st.sampled_from(SUBJECTS))
    recipients, later = draw(st.sampled_from([1, 1, 3, 12])), draw(st.integers(0, 9))
    size = draw(st.sampled_from([500, 2_000, 9_000]))
    hers = draw(st.booleans())
    first, second = (story.they_write, story.you_write) if hers else (story.you_write, story.they_write)
    asked = first(day, 9.5, subject=subject, recipients=recipients, direct=draw(st.booleans()))
    answer = second(day + later, 10.5, subject=subject, recipients=recipients, answers=asked, size=size)
    if draw(st.booleans()):
        first(day + later + draw(st.integers(0, 5)), 12.5, subject=subject, answers=answer)


def _words(draw: st.DrawFn, story: Story, day: int) -> None:
    """Let the owner send invoices, promise things, log lunches, and note things for a day."""
    kind = draw(st.sampled_from([MessageKind.INVOICE, MessageKind.HUMAN, MessageKind.OUT_OF_OFFICE]))
    story.you_write(day, 9.0, kind=kind, promised=draw(st.sampled_from([None, day, day + 3, day + 8])))
    story.log(day + 1, draw(st.sampled_from(["lunch", "call", "letter"])), 20.0, text="Catch-up on the offer")
    story.note(
        day, draw(st.sampled_from(["Likes tea", "Her hobby is chess"])), to_recall=day + draw(st.integers(-2, 9))
    )


def _meetings(draw: st.DrawFn, story: Story, day: int) -> None:
    """Plan meetings far ahead, and let many things become of them."""
    by, summary = draw(st.sampled_from(list(By))), draw(st.sampled_from(SUBJECTS))
    theirs = draw(st.sampled_from([Answer.NONE, Answer.ACCEPTED, Answer.TENTATIVE]))
    ahead, people = draw(st.integers(0, 90)), draw(st.sampled_from([2, 2, 5, 20]))
    one = story.meet(day + ahead, planned=day - 1, by=by, theirs=theirs, people=people, summary=summary)
    fate = draw(
        st.sampled_from(["stands", "shorter", "moved", "off", "missed", "sorry", "back", "reflected", "declined"])
    )
    by = draw(st.sampled_from(list(By)))
    if fate == "shorter":
        one.resized(day, by=by, length=timedelta(minutes=draw(st.sampled_from([15, 30, 90]))), hour=8.5)
    elif fate == "moved":
        one.moved(day, by=by, to=day + ahead + 3, hour=8.5).moved(day + 1, by=by, to=day + ahead + 9, hour=8.5)
    elif fate == "off":
        one.cancelled(day, by=by, hour=8.5)
    elif fate == "missed":
        one.missed(by=by)
    elif fate == "sorry":
        story.they_write(day + ahead, 16.0, apology=True)
    elif fate == "back":
        one.cancelled(day, by=by, hour=8.5).put_on_again(day + 2, by=by, to=day + ahead + 5)
    elif fate == "reflected":
        story.reflect(day + ahead + 1, meeting=one.ref, needs=True, helped=draw(st.booleans()), mood=4)
    elif fate == "declined":
        one.declined(day, by=by, hour=8.5)


def _series(draw: st.DrawFn, story: Story, day: int) -> None:
    days = range(day, day + 50, 7)
    entry, *each = story.meet_often(days, planned=day - 3, by=draw(st.sampled_from(list(By))), uid=f"often-{day}")
    ended, by = day + draw(st.integers(5, 40)), draw(st.sampled_from(list(By)))
    if draw(st.booleans()):
        for one in (entry, *(one for one in each if one.start > on(ended))):
            one.cancelled(ended, by=by)


KINDS = (_third_parties, _mail, _words, _meetings, _series)


@st.composite
def full_stories(draw: st.DrawFn) -> Story:
    """Draw a story into which everything comes that facts are told of."""
    story = draw(stories(most_spells=3))
    last = last_day(story)
    for _ in range(draw(st.integers(1, 3))):
        kind, first, step = draw(st.sampled_from(KINDS)), draw(st.integers(0, last)), draw(st.sampled_from([1, 4, 11]))
        for number in range(draw(st.integers(1, 12))):
            kind(draw, story, first + number * step)
    return story


def walk(story: Story, later: int) -> None:
    """Judge a story as of some days after its end, walking."""
    Engine(CATALOGUE, WORKING, Bands(), Walking).judge(story.history(), on(last_day(story) + later))


# A shrunk example would tell more, and take minutes to be found: the fact and the time are told anyway.
@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(full_stories(), st.integers(0, 250))
def test_no_fact_becomes_another_one_before_or_by_what_it_says(story: Story, later: int) -> None:
    walk(story, later)


def _told_often(days: Iterable[int]) -> Story:
    """Tell a story that is long and regular enough for what compares with half a year before."""
    story = Story()
    for number, day in enumerate(days):
        asked = story.you_write(day, 9.0) if number % 3 else story.they_write(day, 9.0, recipients=1 + number % 2)
        answers = story.they_write if number % 3 else story.you_write
        answers(day + number % 4, 15.0, answers=asked, size=500 + 300 * (number % 7))
        story.meet(day + 2, planned=day, by=By.THEM if number % 2 else By.OWNER, summary=SUBJECTS[number % 5])
    return story


def test_what_needs_a_long_history_keeps_its_word() -> None:
    walk(_told_often(range(0, 400, 11)), 300)


def _let_down_often(days: Sequence[int]) -> Story:
    """Tell a story in which little comes of what is planned, and much is noted; then she is silent, and returns."""
    story = _told_often(days)
    for number, day in enumerate(days):
        by, silent = (By.THEM if number // 4 % 2 else By.OWNER), number % 4 == 1
        one = story.meet(day + 5, planned=day, by=By.OWNER, theirs=Answer.NONE if silent else Answer.ACCEPTED)
        if number % 4 == 0:
            one.cancelled(day + 4, by=by, hour=20.0)
        elif number % 4 == 2:
            one.moved(day + 1, by=by, to=day + 9).moved(day + 2, by=by, to=day + 14).moved(day + 3, by=by, to=day + 12)
        elif number % 4 == 3:
            one.missed(by=by if number % 3 else By.OTHER)
            story.they_write(day + 5, 14.5, apology=True)
        length = timedelta(minutes=90 if number % 3 else 20)
        story.meet(day + 30, planned=day + 1, summary="Lunch").resized(day + 2, by=by, length=length)
        asked = story.they_write(day + 1, 13.0, subject="Lunch on Friday?" if number % 2 else "Catch-up")
        story.you_write(day + 2, answers=asked, subject=asked.subject)
        story.promise(day, due=day + 6, by=by, kept=day + 8 if number % 3 == 0 else None)
        story.you_write(day + 6, kind=MessageKind.INVOICE, promised=day + 8)
        story.note(day + 1, to_recall=day + 6 if number % 2 else None)
        story.reflect(day + 3, meeting=one.ref, needs=True, helped=True, mood=4)
        story.others.append(
            _introduction(on(day + 7), f"i{number}") if number % 4 else _handover(on(day + 7), f"h{number}")
        )
    story.meet(days[-1] + 150, planned=days[-1] + 100, theirs=Answer.NONE)
    for later in (3, 20, 33, 50, 61):
        story.you_write(days[-1] + 60 + later)
    story.they_write(days[-1] + 240)
    return story


def test_what_comes_of_plans_and_promises_keeps_its_word() -> None:
    walk(_let_down_often(range(0, 300, 19)), 200)
