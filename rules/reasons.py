"""Reasons: why a rule speaks about a contact at a moment, or why it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.rules.sentences import day_said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from keepwarm.rules.finding import Finding, Standing
    from keepwarm.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One of them; ``at`` is the time that it names, if it names one."""

    code: str
    sentence: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """When a rule is asked, of whom, and when it will be asked again."""

    now: datetime
    zone: tzinfo
    labels: tuple[str, ...]
    next_look: datetime


def reasons(
    rule: Rule, asking: Asking, standing: Standing, *, failing: int, undecided: int, unknown: tuple[str, ...]
) -> tuple[Reason, ...]:
    """Give the reasons, in the order in which the engine finds them.

    ``failing`` conditions do not hold, ``undecided`` ones cannot be told, for want of the ``unknown`` facts.
    """
    now, zone = asking.now, asking.zone
    if standing.open is not None:
        return (_open(rule, standing.open, zone),)
    held = [*_not_asked(rule, asking.labels), *_resting(rule, now, zone, standing.past)]
    held += _conditions(failing, undecided, unknown, of=len(rule.when))
    held += [] if failing or undecided else _no_news(rule, now, zone, standing)
    return (*(held or [_next_look(asking)]), *_last(zone, standing.past))


def _open(rule: Rule, finding: Finding, zone: tzinfo) -> Reason:
    sentence = f"It is open since {_day(zone, finding.opened)}"
    if rule.open_for is not None:
        until = _day(zone, finding.renewed + rule.open_for)
        sentence += f", and until {until} at the latest, unless its conditions hold for something newer"
    return Reason(code="open", sentence=f"{sentence}.", at=finding.opened)


def _not_asked(rule: Rule, labels: tuple[str, ...]) -> Iterator[Reason]:
    if not rule.enabled:
        off = [one for one in rule.tunings if one.applies_to(labels) and one.changes.get("enabled") is False]
        where = f"{off[-1].source}, line {off[-1].line}" if off else rule.off_in
        yield Reason(code="switched_off", sentence=f"It is switched off{' for them' if off else ''}, in {where}.")
    if not rule.applies_to(labels):
        theirs = ", ".join(labels) or "none"
        sentence = f"It is for those with the label {' or '.join(sorted(rule.labels))}; their labels: {theirs}."
        yield Reason(code="not_for_these_labels", sentence=sentence)


def _resting(rule: Rule, now: datetime, zone: tzinfo, past: Sequence[Finding]) -> Iterator[Reason]:
    last = past[-1] if past else None
    if last is not None and last.cleared is not None and now < (until := last.cleared + rule.cooldown):
        sentence = f"Having cleared, it rests until {_day(zone, until)}, whatever its conditions say."
        yield Reason(code="cooling_down", sentence=sentence, at=until)


def _last(zone: tzinfo, past: Sequence[Finding]) -> Iterator[Reason]:
    last = past[-1] if past else None
    if last is not None and last.cleared is not None:
        sentence = f"It was last open from {_day(zone, last.opened)} to {_day(zone, last.cleared)}."
        yield Reason(code="cleared", sentence=sentence, at=last.cleared)


def _conditions(failing: int, undecided: int, unknown: tuple[str, ...], *, of: int) -> Iterator[Reason]:
    if failing:
        which = "Its condition" if of == 1 else f"{failing} of its {of} conditions"
        verb = "does" if failing == 1 else "do"
        yield Reason(code="does_not_hold", sentence=f"{which} {verb} not hold.")
    if undecided:
        why = f": nothing is known yet of {', '.join(unknown)}" if unknown else ": the expression gives no value"
        yield Reason(code="too_little_data", sentence=f"There is too little data{why}.")


def _no_news(rule: Rule, now: datetime, zone: tzinfo, standing: Standing) -> Iterator[Reason]:
    found = standing.would_find
    told = next((one for one in standing.past if one.key == found.key), None)
    if told is not None:
        sentence = f"What it rests on was told on {_day(zone, told.opened)}: something new has to happen first."
        yield Reason(code="told_already", sentence=sentence, at=told.opened)
    if rule.open_for is not None and now > found.renewed + rule.open_for:
        sentence = (
            f"Its newest evidence is of {_day(zone, found.renewed)}: after {rule.open_for.days} days that is no news."
        )
        yield Reason(code="too_old", sentence=sentence, at=found.renewed)


def _next_look(asking: Asking) -> Reason:
    at = asking.next_look
    sentence = f"All its conditions hold: it is told when the rules look next, on {_day(asking.zone, at)}."
    return Reason(code="at_the_next_look", sentence=sentence, at=at)


def _day(zone: tzinfo, at: datetime) -> str:
    return day_said(at.astimezone(zone).date())
