"""The engine: plays a contact's history forward, and turns facts into signals and warmth. Nothing else does.

The result is a function of the history, the rules, the owner's working time and bands, and ``as_of``; and the result as
of an earlier time is the beginning of the result as of a later one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules import touches
from keepwarm.rules.facts.silence import ping_interval_days
from keepwarm.rules.findings import Findings
from keepwarm.rules.happenings import happenings
from keepwarm.rules.meetings import Step
from keepwarm.rules.moment import Moment
from keepwarm.rules.rule import Scope
from keepwarm.rules.timeline import Event, events, looks, next_look
from keepwarm.rules.warmth import Bands, Change, Ledger, Term
from keepwarm.rules.warmth_told import told
from keepwarm.storage.histories import HandoverFact, IntroductionFact, MessageFact, TouchFact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.findings import Finding
    from keepwarm.rules.happenings import Happening
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import History
    from keepwarm.storage.standings import AttentionMonth


# So many points has time alone to make before it gets a line of the ledger: on Mondays any, on other days only a
# crossed band does, and before an event enough that the event is not given the blame.
_WEEKLY, _DAILY, _BEFORE_AN_EVENT = 0.0, math.inf, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is to be said of a contact."""

    contact_id: str
    findings: tuple[Finding, ...]
    ledger: tuple[Change, ...]
    happenings: tuple[Happening, ...]  # to the meetings with them
    ping_interval_days: int | None
    attention: tuple[AttentionMonth, ...]  # what the owner gave them, by month
    judged_since: datetime | None  # None: too few messages to judge them
    next_look: datetime | None  # when something else may be said: the next look or event; None without any


class Engine:
    """Judges one contact after the other by the same rules."""

    def __init__(self, rules: Sequence[Rule], working: WorkingTime, bands: Bands) -> None:
        self._rules = tuple(rule for rule in rules if rule.scope is Scope.CONTACT)
        self._working = working
        self._bands = bands
        self._by_labels: dict[tuple[str, ...], tuple[Rule, ...]] = {}

    def judge(self, history: History, as_of: datetime) -> Outcome:
        """Play the history up to ``as_of``."""
        known = events(history)
        past = [event for event in known if event.at <= as_of]
        ahead = [event.at for event in known[len(past) : len(past) + 1]]  # the end of a meeting that is planned
        play = self._play(history, past, as_of)
        if past:
            ahead.append(play.next_look(as_of))
        return play.outcome(happenings(past), min(ahead, default=None))

    def moment(self, history: History, as_of: datetime) -> tuple[Moment, Findings]:
        """Give the moment and the findings as of ``as_of``, to explain a rule by."""
        play = self._play(history, [event for event in events(history) if event.at <= as_of], as_of)
        play.moment.now = as_of
        play.moment.learn(as_of)
        return play.moment, play.findings

    def warmth_told(self, history: History, as_of: datetime) -> tuple[datetime, tuple[Term, ...]]:
        """Say where the warmth comes from that the ledger shows as of a moment, and since when it shows it."""
        shown = as_of
        for _ in range(2):  # as of its last line: until the next one the number stays
            play = self._play(history, [event for event in events(history) if event.at <= shown], shown)
            shown = play.ledger.changes[-1].at if play.ledger.changes else as_of
        return shown, told(play.ledger, play.moment.pulse, shown)

    def _play(self, history: History, past: Sequence[Event], as_of: datetime) -> _Play:
        rules = self._rules_for(history.labels)
        play = _Play(history, rules, self._working, self._bands, past[0].at if past else as_of)
        for event in past:
            play.wait_until(event.at)
            play.happen(event)
        if past:
            play.wait_until(as_of + timedelta(microseconds=1))
        return play

    def _rules_for(self, labels: tuple[str, ...]) -> tuple[Rule, ...]:
        """Give the rules as they are in force for these labels: the same ones for everybody who has them."""
        found = self._by_labels.get(labels)
        if found is None:
            tuned = (rule.for_labels(labels) for rule in self._rules)
            found = self._by_labels[labels] = tuple(rule for rule in tuned if rule is not None)
        return found


class _Play:
    """One history being played."""

    def __init__(
        self, history: History, rules: tuple[Rule, ...], working: WorkingTime, bands: Bands, start: datetime
    ) -> None:
        self.moment = Moment.before(history, working, start)
        self.findings = Findings(rules, self.moment)
        self.ledger = Ledger(bands)
        self._last_event = start

    def wait_until(self, end: datetime) -> None:
        """Let time pass up to ``end``, looking now and then."""
        zone = self.moment.working.zone
        for look in looks(self._last_event, end, zone):
            self.moment.now = look
            self._learn(look)
            self._judge()
            at_least = _WEEKLY if look.astimezone(zone).weekday() == 0 else _DAILY
            self.ledger.time_passed(self.moment.pulse, look, self.findings.band_at_most, at_least=at_least)

    def happen(self, event: Event) -> None:
        """Take in an event."""
        self._learn(event.at)
        # What is only noted moves nothing: whatever time has done since the last line is not its doing.
        at_least = _BEFORE_AN_EVENT if event.moves_warmth else _WEEKLY
        self.ledger.time_passed(self.moment.pulse, event.at, self.findings.band_at_most, at_least=at_least)
        self.moment.take_in(event, silence_was_signal=self.findings.silence_is_signal)
        self._last_event = event.at
        cause, sentence = _cause(event)
        if not self.ledger.changes:
            cause = "first"
        warmth = self.ledger.warmth(self.moment.pulse, event.at)
        self.ledger.write(warmth, event.at, self.findings.band_at_most, cause=cause, sentence=sentence)
        self._judge()

    def _learn(self, now: datetime) -> None:
        """Let absences become known: no looks of their own, what they change shows at the next one."""
        if not self.moment.has_news(now):
            return
        before = self.ledger.warmth(self.moment.pulse, now)
        self.moment.learn(now)
        self.ledger.time_left_out(self.moment.pulse, now, self.findings.band_at_most, before)

    def next_look(self, now: datetime) -> datetime:
        """Give the first look later than ``now``, if nothing happens until then."""
        return next_look(self._last_event, now, self.moment.working.zone)

    def outcome(self, found: tuple[Happening, ...], next_look: datetime | None) -> Outcome:
        """Sum up, as of the last event or look: until the next one nothing changes."""
        interval = ping_interval_days(self.moment)
        return Outcome(
            contact_id=self.moment.history.contact_id,
            findings=self.findings.all(),
            ledger=tuple(self.ledger.changes),
            happenings=found,
            ping_interval_days=None if interval is None else int(interval),
            attention=self.moment.attention.months(),
            judged_since=self.moment.attention.judged_since,
            next_look=next_look,
        )

    def _judge(self) -> None:
        """Ask every rule, and let what has just opened adjust the warmth."""
        now = self.moment.now
        band_before = self.findings.band_at_most
        for finding in self.findings.judge():
            if finding.rule.warmth:
                self.ledger.adjust(now, finding.rule.warmth, finding.rule.id)
                self._write(finding.rule.id, f"{finding.sentence} (judgement, not measured)", finding.id)
        if self.findings.band_at_most != band_before:
            self._write("band", "A silence that is a signal keeps the band at most cool; it has begun or ended.", None)

    def _write(self, cause: str, sentence: str, signal: str | None) -> None:
        now = self.moment.now
        warmth = self.ledger.warmth(self.moment.pulse, now)
        self.ledger.write(warmth, now, self.findings.band_at_most, cause=cause, sentence=sentence, signal=signal)


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
