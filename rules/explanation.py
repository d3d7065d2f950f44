"""An explanation: each condition of a rule with its values, as of a moment, and why the rule speaks or does not.

Where the engine asks conditions up to the first that does not hold, here all are asked: one wants to see how far a rule
is from speaking.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from keepwarm.rules.facts import FACTS
from keepwarm.rules.reasons import Asking, Reason, reasons
from keepwarm.rules.timeline import Looks
from keepwarm.rules.watch import SINCE_OPENED, as_if_in_force

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.facts import Value
    from keepwarm.rules.finding import Finding, Standing
    from keepwarm.rules.findings import Findings
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.sources import Source


class Meant(Protocol):
    """A fact, as far as it is shown."""

    @property
    def unit(self) -> str:
        """In what it is counted."""

    @property
    def meaning(self) -> str:
        """What it is, in a sentence."""


class Answer(StrEnum):
    """What a condition comes to."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "too little data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fact or a parameter that a condition names, with its value; None is a fact without enough data."""

    name: str
    value: Value | None
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A condition; ``answer`` is None for a ``clear`` that is not asked because nothing is open."""

    text: str
    answer: Answer | None
    names: tuple[Known, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts for want of which it cannot be told."""
        return tuple(one.name for one in self.names if one.value is None) if self.answer is Answer.UNKNOWN else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule and a contact, as of a moment."""

    rule: Rule  # as it is tuned for the contact
    when: tuple[Line, ...]
    clear: Line | None
    strength: str
    sentence: str  # as it would read now
    evidence: tuple[Source, ...]  # that it would rest on now
    open: Finding | None
    past: tuple[Finding, ...]  # what it has found so far, the open one among them
    reasons: tuple[Reason, ...]  # why it speaks, or why it does not, the weightiest first

    @property
    def speaks(self) -> bool:
        """Tell whether it has an open finding."""
        return self.open is not None


def explain(rule: Rule, moment: Moment, findings: Findings) -> Explanation:
    """Explain a rule by the moment, and by the findings as of it; ``rule`` need not be in force for the contact."""
    working, labels = moment.working, moment.history.labels
    tuned = rule.tuned_for(labels)
    standing = findings.standing(rule.id) or as_if_in_force(tuned, moment)
    facts = {name: FACTS[name].compute(moment) for name in names_of(tuned, FACTS)}
    next_look = Looks(working.zone).next(moment.happened, moment.now)
    asking = Asking(now=moment.now, zone=working.zone, labels=labels, next_look=next_look)
    return explanation(tuned, asking, standing, facts)


def explanation(
    rule: Rule,
    asking: Asking,
    standing: Standing,
    facts: Mapping[str, Value | None],
    known: Mapping[str, Meant] = FACTS,
) -> Explanation:
    """Explain a rule by the values of the facts that it names, of those that are ``known``."""
    when = tuple(_line(condition, {**rule.params, **facts}, known) for condition in rule.when)
    found = standing.would_find
    return Explanation(
        rule=rule,
        when=when,
        clear=_clear(rule, facts, standing, known),
        strength=found.strength,
        sentence=found.sentence,
        evidence=found.evidence,
        open=standing.open,
        past=standing.past,
        reasons=reasons(
            rule,
            asking,
            standing,
            failing=sum(line.answer is Answer.FAILS for line in when),
            unknown=tuple(dict.fromkeys(name for line in when for name in line.missing)),
            undecided=sum(line.answer is Answer.UNKNOWN for line in when),
        ),
    )


def names_of(rule: Rule, known: Container[str]) -> Iterable[str]:
    """Name the facts, among those that are known, that the conditions of a rule name."""
    conditions = [*rule.when, *([rule.clear] if rule.clear else [])]
    return dict.fromkeys(name for condition in conditions for name in condition.names if name in known)


def _clear(
    rule: Rule, facts: Mapping[str, Value | None], standing: Standing, known: Mapping[str, Meant]
) -> Line | None:
    if rule.clear is None:
        return None
    line = _line(rule.clear, {**rule.params, **facts, **standing.since_opened}, known)
    return line if standing.open else Line(text=line.text, answer=None, names=line.names)


def _line(condition: Condition, values: Mapping[str, Value | None], known: Mapping[str, Meant]) -> Line:
    present = {name: value for name in condition.names if (value := values.get(name)) is not None}
    return Line(
        text=condition.text,
        answer=_answer(condition.value(present)),
        names=tuple(_known(name, values.get(name), known) for name in condition.names),
    )


def _answer(value: Value | None) -> Answer:
    if value is True:
        return Answer.HOLDS
    return Answer.FAILS if value is False else Answer.UNKNOWN


def _known(name: str, value: Value | None, known: Mapping[str, Meant]) -> Known:
    if fact := known.get(name):
        return Known(name=name, value=value, unit=fact.unit, meaning=fact.meaning)
    if name in SINCE_OPENED:
        return Known(name=name, value=value, unit="days" if name == "days_open" else "", meaning=_SINCE[name])
    return Known(name=name, value=value)


_SINCE = {
    "heard_since_opened": "How often they wrote or met you since it opened.",
    "wrote_since_opened": "How often you wrote since it opened.",
    "days_open": "For how long it has been open.",
    "rests_on_another": "Whether it would rest on a newer observation by now.",
}
