"""The engine: plays a contact's history forward, and turns facts into signals and warmth. Nothing else does.

The result is a function of the history, the rules, the owner's working time and bands, and ``as_of``; and the result as
of an earlier time is the beginning of the result as of a later one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keepwarm.rules.facts import FACTS
from keepwarm.rules.facts.silence import ping_interval_days
from keepwarm.rules.happenings import happenings
from keepwarm.rules.moment import FAR
from keepwarm.rules.past import Digest
from keepwarm.rules.play import Play, Stage
from keepwarm.rules.rule import Scope
from keepwarm.rules.timeline import Looks, events
from keepwarm.rules.waiting import TICK, Waiting
from keepwarm.rules.warmth_told import told
from keepwarm.rules.watch import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.rules.finding import Finding
    from keepwarm.rules.findings import Findings
    from keepwarm.rules.found import Found
    from keepwarm.rules.happenings import Happening
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.timeline import Event
    from keepwarm.rules.warmth import Bands, Change, Term
    from keepwarm.rules.working_time import WorkingTime
    from keepwarm.storage.histories import History
    from keepwarm.storage.standings import AttentionMonth


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
    waiting: dict[str, Any] | None = None  # what is needed to go on, for JSON; see ``Engine.wait`` and ``go_on``


@dataclass(frozen=True, slots=True)
class Waited:
    """What is to be said of a contact to whom nothing has happened."""

    ledger: tuple[Change, ...]  # what comes after the lines that were known
    next_look: datetime
    waiting: dict[str, Any]


class Engine:
    """Judges one contact after the other by the same rules."""

    def __init__(self, rules: Sequence[Rule], working: WorkingTime, bands: Bands, plays: type[Play] = Play) -> None:
        self._rules = tuple(rule for rule in rules if rule.scope is Scope.CONTACT)
        self._stage = Stage(working, bands, Looks(working.zone))
        self._plays = plays
        self._by_labels: dict[tuple[str, ...], tuple[Asked, ...]] = {}

    def judge(self, history: History, as_of: datetime) -> Outcome:
        """Play the history up to ``as_of``."""
        known = events(history)
        past = [event for event in known if event.at <= as_of]
        summed = self._digest(history)
        summed.take_in(past)
        return _outcome(self._play(history, past, as_of), known, past, as_of, summed)

    def go_on(self, history: History, found: Found, as_of: datetime) -> Outcome | None:
        """Play the history from where it was left up to ``as_of``; None if what was known then is now another thing.

        The outcome is the end of what ``judge`` would give: of the findings those that were open and those that have
        opened since, of the ledger and the happenings what is new.
        """
        known = events(history)
        before = [event for event in known if event.at <= found.since]
        summed = self._digest(history)
        summed.take_in(before)
        if not before or summed.as_of(found.since) != found.waiting.get("past"):
            return None
        rules = self._rules_for(history.labels)
        by_id = {asked.rule.id: asked.rule for asked in rules}
        play = self._plays(history, rules, self._stage, before[0].at)
        play.go_on(before, found.since, found.waiting, [one.finding(by_id[one.rule]) for one in found.signals])
        past = [event for event in known if event.at <= as_of]
        new = past[len(before) :]
        play.play(new, as_of)
        summed.take_in(new)
        outcome = _outcome(play, known, past, as_of, summed)
        happened = tuple(one for one in outcome.happenings if one.at > found.since)
        return replace(outcome, ledger=outcome.ledger[1:], happenings=happened)

    def wait(self, waiting: dict[str, Any], since: datetime, as_of: datetime) -> Waited | None:
        """Go on from ``since``, if nothing has happened since then; None if more than the warmth has to be looked at.

        What it gives is what ``judge`` would, without the history.
        """
        if datetime.fromisoformat(waiting["until"]) <= as_of:
            return None
        going_on = Waiting.going_on(waiting, self._stage.looks, self._stage.working, self._stage.bands)
        going_on.wait(since, as_of + TICK)
        until, next_event = (datetime.fromisoformat(waiting[name]) for name in ("until", "next_event"))
        changes, next_look = tuple(going_on.ledger.changes[1:]), min(going_on.next_look(as_of), next_event)
        return Waited(changes, next_look, {**waiting, **going_on.kept(until, next_event)})

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
            until, shown = shown, play.ledger.changes[-1].at if play.ledger.changes else as_of
            if shown == until:
                break
        return shown, told(play.ledger, play.moment.pulse, shown)

    def _play(self, history: History, past: Sequence[Event], as_of: datetime) -> Play:
        play = self._plays(history, self._rules_for(history.labels), self._stage, past[0].at if past else as_of)
        if past:
            play.play(past, as_of)
        return play

    def _digest(self, history: History) -> Digest:
        return Digest(history, [asked.rule for asked in self._rules_for(history.labels)])

    def _rules_for(self, labels: tuple[str, ...]) -> tuple[Asked, ...]:
        """Give the rules as they are in force for these labels: the same ones for everybody who has them."""
        found = self._by_labels.get(labels)
        if found is None:
            tuned = (rule.for_labels(labels) for rule in self._rules)
            found = self._by_labels[labels] = tuple(Asked.of(rule) for rule in tuned if rule is not None)
        return found


def _outcome(play: Play, known: Sequence[Event], past: Sequence[Event], as_of: datetime, summed: Digest) -> Outcome:
    """Sum up, as of the last event or look: until the next one nothing changes."""
    ahead = [event.at for event in known[len(past) : len(past) + 1]]  # the end of a meeting that is planned
    waiting = None
    if past:
        interval_until = FACTS["ping_interval_days"].course.until(play.moment)
        waiting = {
            **play.kept(min([play.awake_at, interval_until, *ahead]), min(ahead, default=FAR)),
            "play": play.kept_to_go_on(past),
            "past": summed.as_of(as_of),
        }
        ahead.append(play.next_look(as_of))
    interval = ping_interval_days(play.moment)
    return Outcome(
        contact_id=play.moment.history.contact_id,
        findings=play.findings.all(),
        ledger=tuple(play.ledger.changes),
        happenings=happenings(past),
        ping_interval_days=None if interval is None else int(interval),
        attention=play.moment.attention.months(),
        judged_since=play.moment.attention.judged_since,
        next_look=min(ahead, default=None),
        waiting=waiting,
    )
