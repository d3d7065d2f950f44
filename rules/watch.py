"""A watch: one rule for one contact, asked again and again as the contact's history is played."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, Any

from keepwarm.rules.facts import FACTS
from keepwarm.rules.facts.fact import Course, as_days_pass, at_once, next_event
from keepwarm.rules.finding import MOST_EVIDENCE, Finding, Standing, newest_ref
from keepwarm.rules.moment import FAR, LONG_AGO
from keepwarm.rules.questions import AWAKE, FOREVER, Every, Rest, question
from keepwarm.rules.rule import Strength
from keepwarm.rules.strengths import worse
from keepwarm.rules.timeline import ANYTHING, MEETINGS, NOTHING, RECEIVED, SENT
from keepwarm.storage.identity import signal_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keepwarm.rules.facts import Fact, Value
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.questions import Part
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.sources import Source

SINCE_OPENED: dict[str, type[Value]] = {
    "heard_since_opened": int,
    "wrote_since_opened": int,
    "days_open": float,
    "rests_on_another": bool,
}
"""What a rule's ``clear`` may use beside the facts: events since the finding opened, its age in days, and whether the
newest observation on which the conditions rest now is another one than that for which it was opened."""

_SINCE_OPENED_COURSES = {
    "heard_since_opened": Course(next_event, RECEIVED | MEETINGS),
    "wrote_since_opened": Course(next_event, SENT),
    "days_open": Course(at_once, NOTHING, as_days_pass, NOTHING),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule with its conditions taken apart; one for all contacts."""

    rule: Rule
    when: Every
    clear: Part | None
    stronger: Mapping[str, Part]  # by the strength of a finding: whether it would be told more strongly by now
    rests_on: tuple[Fact, ...]  # the facts that the conditions name: what they cite is the evidence
    evidence: Course

    @classmethod
    def of(cls, rule: Rule) -> Asked:
        """Take a rule's conditions apart."""
        names = dict.fromkeys(name for condition in rule.when for name in condition.names if name in FACTS)
        rests_on = tuple(FACTS[name] for name in names)
        evidence = _course_of_evidence(rests_on)
        courses = {name: fact.course for name, fact in FACTS.items()}
        since_opened = {**_SINCE_OPENED_COURSES, "rests_on_another": evidence}
        when = Every(tuple(question(condition, rule.params, courses) for condition in rule.when))
        clear = question(rule.clear, rule.params, {**courses, **since_opened}) if rule.clear else None
        stronger = {
            weaker: question(condition, rule.params, courses) for weaker, condition in worse(rule.strength).items()
        }
        return cls(rule, when, clear, stronger, rests_on, evidence)


def _course_of_evidence(facts: Sequence[Fact]) -> Course:
    """Tell how what a rule rests on may become something else; what grows by time alone cites the same."""

    def until(moment: Moment) -> datetime:
        return min((FAR if fact.course.grows else fact.course.until(moment) for fact in facts), default=FAR)

    return Course(until, reduce(operator.or_, (fact.course.by for fact in facts), NOTHING))


class Values(dict[str, "Value | None"]):
    """The facts at one moment, each computed at most once, and only if a rule asks for it."""

    __slots__ = ("_moment",)

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._moment = moment

    def __missing__(self, name: str) -> Value | None:
        value = self[name] = FACTS[name].compute(self._moment)
        return value


class _Since(dict[str, "Value | None"]):
    """The facts, and what has been since a finding opened."""

    def __init__(self, finding: Finding, watch: Watch, values: Values) -> None:
        super().__init__()
        self._finding = finding
        self._watch = watch
        self._values = values

    def __missing__(self, name: str) -> Value | None:
        value = self[name] = self._watch.since(self._finding, name) if name in SINCE_OPENED else self._values[name]
        return value


@dataclass(slots=True)
class Watch:
    """One rule for one contact. It sleeps as long as asking it again would change nothing."""

    asked: Asked
    moment: Moment
    rule: Rule = field(init=False)
    open: Finding | None = None
    past: list[Finding] = field(default_factory=list)
    asleep_until: datetime = LONG_AGO
    woken_by: int = ANYTHING  # kinds of events
    _keys: set[str] = field(default_factory=set)
    _last_cleared: datetime | None = None

    def __post_init__(self) -> None:
        self.rule = self.asked.rule

    def judge(self, values: Values) -> None:
        """Open, keep or clear; then sleep."""
        if self.open is not None:
            rest = self._keep(self.open, values)
        elif (last := self._cooling_down_until()) and self.moment.now < last:
            rest = Rest(last, NOTHING)
        else:
            rest = self.asked.when.fails_for(self.moment, values) or self._open(values)
        self.asleep_until, self.woken_by = rest.until, rest.by

    def _open(self, values: Values) -> Rest:
        finding = self._found(values)
        if finding.key in self._keys or self._too_old(finding.renewed):
            # Nothing new: as long as the conditions hold, for the same reasons.
            rest = self.asked.when.holds_for(self.moment, values) & self._same_evidence()
            return rest if finding.evidence else Rest(rest.until, ANYTHING)
        self._keys.add(finding.key)
        self.past.append(finding)
        self.open = finding
        return AWAKE

    def kept(self) -> list[Any]:
        """Give, for JSON, what is needed to go on and cannot be told from the findings."""
        rest: list[Any] = [self.asleep_until.isoformat(), self.woken_by]
        return [*rest, self.open.newest, self.open.renewed.isoformat(), self.open.worse_than] if self.open else rest

    def go_on(self, kept: Sequence[Any], found: Sequence[Finding]) -> None:
        """Go on from what was kept and found; of what was found, what is over is only not found again."""
        until, self.woken_by, *of_the_open = kept
        self.asleep_until = datetime.fromisoformat(until)
        self._keys.update(one.key for one in found)
        self._last_cleared = max((one.cleared for one in found if one.cleared is not None), default=None)
        self.past = [one for one in found if one.cleared is None]
        for one in self.past:
            one.newest, renewed, one.worse_than = of_the_open
            one.renewed = datetime.fromisoformat(renewed)
            self.open = one

    def standing(self) -> Standing:
        """Show how the rule stands, changing nothing."""
        values = Values(self.moment)
        return Standing(
            open=self.open,
            past=tuple(self.past),
            would_find=self._found(values),
            since_opened=self._known_since(self.open, values) if self.open else {},
        )

    def _keep(self, finding: Finding, values: Values) -> Rest:
        """Clear it if it is over; tell for how long it stays as it is."""
        rest = FOREVER
        if self.rule.open_for is not None or self.rule.clear is None:
            fails = self.asked.when.fails_for(self.moment, values)
            if fails is None:
                finding.renewed = max((source.at for source in self._evidence()), default=finding.renewed)
                rest = self.asked.when.holds_for(self.moment, values) & self._same_evidence()
            else:
                rest = fails
            if self._too_old(finding.renewed) or (self.rule.clear is None and fails is not None):
                return self._clear(finding)
            if self.rule.open_for is not None:
                rest &= Rest(finding.renewed + self.rule.open_for, NOTHING)
        if self.asked.clear is not None:
            since = _Since(finding, self, values)
            fails = self.asked.clear.fails_for(self.moment, since)
            if fails is None:
                return self._clear(finding)
            rest &= fails
        return rest & self._worsen(finding, values)

    def _worsen(self, finding: Finding, values: Values) -> Rest:
        """Let a stronger one come in the place of a finding that has got worse; tell for how long it has not."""
        stronger = self.asked.stronger.get(finding.strength)
        if stronger is None:
            return FOREVER
        fails = stronger.fails_for(self.moment, values) or self.asked.when.fails_for(self.moment, values)
        if fails is not None:
            return fails
        self._clear(finding)
        self.open = self._found(values, worse_than=finding)
        self._keys.add(self.open.key)
        self.past.append(self.open)
        return AWAKE

    def since(self, finding: Finding, name: str) -> Value:
        """Tell what has been since a finding opened."""
        moment, opened = self.moment, finding.opened
        if name == "heard_since_opened":
            heard = (moment.inbound, moment.meetings.held, moment.touches.mutual)
            return sum(trail.count_after(opened) for trail in heard)
        if name == "wrote_since_opened":
            return moment.outbound.count_after(opened) + moment.touches.by_owner.count_after(opened)
        if name == "days_open":
            return (moment.now - opened) / timedelta(days=1)
        return newest_ref(self._evidence()) != finding.newest

    def _known_since(self, finding: Finding, values: Values) -> dict[str, Value]:
        since = _Since(finding, self, values)
        names = (*SINCE_OPENED, *(self.rule.clear.names if self.rule.clear else ()))
        known = {name: since[name] for name in names if name not in self.rule.params}
        return {**self.rule.params, **{name: value for name, value in known.items() if value is not None}}

    def _clear(self, finding: Finding) -> Rest:
        finding.cleared = self._last_cleared = self.moment.now
        self.open = None
        return AWAKE

    def _same_evidence(self) -> Rest:
        """Tell for how long the same observations are cited."""
        course = self.asked.evidence
        return Rest(course.until(self.moment), course.by)

    def _cooling_down_until(self) -> datetime | None:
        return None if self._last_cleared is None else self._last_cleared + self.rule.cooldown

    def _too_old(self, newest_evidence: datetime) -> bool:
        limit = self.rule.open_for
        return limit is not None and self.moment.now > newest_evidence + limit

    def _found(self, values: Values, worse_than: Finding | None = None) -> Finding:
        evidence = self._evidence()
        facts = self._facts(values)
        bound: dict[str, Value] = {**self.rule.params, **facts}
        contact, strength = self.moment.history, self._strength(bound)
        newest = newest_ref(evidence)
        key = newest or self.moment.happened.isoformat()
        if worse_than is not None:
            key = f"{key}+{strength}"
        return Finding(
            id=signal_id(self.rule.id, contact.contact_id, key),
            rule=self.rule,
            key=key,
            newest=newest,
            opened=self.moment.now,
            strength=strength,
            sentence=self.rule.sentence.put({**bound, "name": contact.name}),
            facts=facts,
            evidence=evidence,
            historical=any(self._is_history(source) for source in evidence),
            renewed=max((source.at for source in evidence), default=self.moment.now),
            worse_than=worse_than.id if worse_than else "",
        )

    def _strength(self, known: dict[str, Value]) -> str:
        """Give the strength: medium where it cannot be told, or where a rule has put together what is none."""
        value = self.rule.strength.value(known)
        return value if isinstance(value, str) and value in tuple(Strength) else Strength.MEDIUM.value

    def _is_history(self, source: Source) -> bool:
        """Tell whether it was found by going through what had been there before Keepwarm."""
        live_since = self.moment.history.live_since.get(source.stream)
        return live_since is None or self.moment.now < live_since

    def _facts(self, values: Values) -> dict[str, Value]:
        names = [name for condition in (*self.rule.when, self.rule.strength) for name in condition.names]
        found = {name: values[name] for name in (*names, *self.rule.sentence.names) if name in FACTS}
        return {name: _rounded(value) for name, value in found.items() if value is not None}

    def _evidence(self) -> tuple[Source, ...]:
        """Gather the evidence of the facts that the conditions name, youngest first."""
        found = {source.ref: source for fact in self.asked.rests_on for source in fact.cite(self.moment)}
        ordered = sorted(found.values(), key=lambda source: (source.at, source.ref), reverse=True)
        return tuple(ordered[:MOST_EVIDENCE])


def _rounded(value: Value) -> Value:
    """Round to four digits: more would only show how floats are made."""
    return round(value, 4) if isinstance(value, float) else value


def as_if_in_force(rule: Rule, moment: Moment) -> Standing:
    """Show how a rule would stand that is not asked of the contact: nothing was found by it."""
    return Watch(Asked.of(rule), moment).standing()
