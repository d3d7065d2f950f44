"""A play: one history played forward, event by event, with the looks in between.

Between two events nothing happens, so most looks need not be made: rules sleep while asking them again would change
nothing (rules/findings.py), and time is jumped over to the next look at which one is awake, the ledger is written, an
absence has become known, or the warmth crosses a band. What is said is what looking at each would say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keepwarm.rules import touches
from keepwarm.rules.findings import Findings
from keepwarm.rules.meetings import Step
from keepwarm.rules.moment import BrokenSilence, Moment
from keepwarm.rules.timeline import NOTHING
from keepwarm.rules.waiting import BEFORE_AN_EVENT, TICK, WEEKLY, Waiting, ledger_going_on
from keepwarm.rules.warmth import Ledger
from keepwarm.storage.histories import HandoverFact, IntroductionFact, MessageFact, TouchFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keepwarm.rules.finding import Finding
    from keepwarm.rules.timeline import Event, Looks
    from keepwarm.rules.warmth import Bands
    from keepwarm.rules.watch import Asked
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import History


@dataclass(frozen=True, slots=True)
class Stage:
    """What all histories are played with."""

    working: WorkingTime
    bands: Bands
    looks: Looks


class Play(Waiting):
    """One history being played."""

    def __init__(self, history: History, rules: Sequence[Asked], stage: Stage, start: datetime) -> None:
        self.moment = Moment.before(history, stage.working, start)
        self.findings = Findings(rules, self.moment)
        self._since = start
        super().__init__(stage.looks, Ledger(stage.bands), self.moment.pulse, start)

    def go_on(self, past: Sequence[Event], since: datetime, kept: Mapping[str, Any], found: Iterable[Finding]) -> None:
        """Go on, as of ``since``, from what was kept and found when the history was played up to then.

        The ledger begins with the last line that was written, and of the findings those are left that were open.
        """
        state = kept["play"]
        self.moment.catch_up(past, state["learned"], _broken(state["broken"], past))
        self.findings.go_on(state["rules"], found)
        self.ledger = ledger_going_on(kept, self.ledger.bands)
        self.last_event, self._since = past[-1].at, since
        self.moment.now = self._looks.last(self.last_event, since + TICK)

    def kept_to_go_on(self, past: Sequence[Event]) -> dict[str, Any]:
        """Give, for JSON, what ``go_on`` needs beside what waiting needs."""
        return {
            "learned": self.moment.learned,
            "broken": _kept_broken(self.moment.broken_silence, past),
            "rules": self.findings.kept(),
        }

    @property
    def awake_at(self) -> datetime:
        """When a rule may have something to say, or an absence becomes known."""
        return min(self.findings.asleep_until, self.moment.next_news)

    @property
    def band_at_most(self) -> str:
        """Name the warmest band that may be shown now."""
        return self.findings.band_at_most

    def play(self, events: Iterable[Event], as_of: datetime) -> None:
        """Let these events happen, and time pass in between and up to ``as_of``."""
        for event in events:
            self.wait_until(event.at)
            self.happen(event)
        self.wait_until(as_of + TICK)

    def wait_until(self, end: datetime) -> None:
        """Let time pass up to ``end``."""
        self.wait(max(self.last_event, self._since), end)
        self.moment.now = self._looks.last(self.last_event, end)

    def look(self, now: datetime, at_least: float) -> None:
        """Ask who is awake, and write down what time has done, if it is so many points or a crossed band."""
        self.moment.now = now
        self._learn(now)
        if self.findings.asleep_until <= now:
            self._judge(NOTHING)
        super().look(now, at_least)

    def happen(self, event: Event) -> None:
        """Take in an event."""
        self._learn(event.at)
        # What is only noted moves nothing: whatever time has done since the last line is not its doing.
        at_least = BEFORE_AN_EVENT if event.moves_warmth else WEEKLY
        self.ledger.time_passed(self.moment.pulse, event.at, self.findings.band_at_most, at_least=at_least)
        self.moment.take_in(event, silence_was_signal=self.findings.silence_is_signal)
        self.last_event = event.at
        cause, sentence = _cause(event)
        if not self.ledger.changes:
            cause = "first"
        warmth = self.ledger.warmth(self.moment.pulse, event.at)
        self.ledger.write(warmth, event.at, self.findings.band_at_most, cause=cause, sentence=sentence)
        self._judge(event.kind)

    def _learn(self, now: datetime) -> None:
        """Let absences become known: no looks of their own, what they change shows at the next one."""
        if not self.moment.has_news(now):
            return
        before = self.ledger.warmth(self.moment.pulse, now)
        self.moment.learn(now)
        self.findings.wake()
        self.ledger.time_left_out(self.moment.pulse, now, self.findings.band_at_most, before)

    def _judge(self, happened: int) -> None:
        """Ask the rules that are awake, and let what has just opened adjust the warmth."""
        now = self.moment.now
        band_before = self.findings.band_at_most
        for finding in self.findings.judge(happened):
            if finding.rule.warmth and not finding.worse_than:  # it is the same thing, and has cost its points
                self.ledger.adjust(now, finding.rule.warmth, finding.rule.id)
                self._write(finding.rule.id, f"{finding.sentence} (judgement, not measured)", finding.id)
        if self.findings.band_at_most != band_before:
            self._write("band", "A silence that is a signal keeps the band at most cool; it has begun or ended.", None)

    def _write(self, cause: str, sentence: str, signal: str | None) -> None:
        now = self.moment.now
        warmth = self.ledger.warmth(self.moment.pulse, now)
        self.ledger.write(warmth, now, self.findings.band_at_most, cause=cause, sentence=sentence, signal=signal)


def _kept_broken(broken: BrokenSilence | None, past: Sequence[Event]) -> list[Any] | None:
    """Give since when, for how many days, and by which event of the past a silence was broken."""
    if broken is None:
        return None
    numbers = range(len(past) - 1, -1, -1)
    by = next(number for number in numbers if past[number].what is broken.event and past[number].at == broken.at)
    return [broken.since.isoformat(), broken.days, by]


def _broken(kept: Sequence[Any] | None, past: Sequence[Event]) -> BrokenSilence | None:
    if kept is None:
        return None
    since, days, by = kept
    what = past[by].what
    assert isinstance(what, MessageFact | Step | TouchFact)  # noqa: S101 - for the type checker: nothing else breaks one
    return BrokenSilence(past[by].at, datetime.fromisoformat(since), days, what)


def _cause(event: Event) -> tuple[str, str]:
    if isinstance(event.what, Step):
        if event.held:
            return "met", "You met."
        return "meeting", "A meeting was planned or changed."
    if isinstance(event.what, TouchFact):
        return "touch", f"You {touches.told(event.what.kind)}."
    if isinstance(event.what, HandoverFact | IntroductionFact):
        return "time", "Time passed."  # nothing between the two
    if not isinstance(event.what, MessageFact):
        return "word", "Something was noted."
    return ("wrote", "You wrote to them.") if event.what.outbound else ("heard", "They wrote to you.")
