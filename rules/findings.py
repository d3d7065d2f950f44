"""Findings: which rules have fired for a contact, since when, and whether they still hold."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import reduce
from typing import TYPE_CHECKING

from keepwarm.rules.facts import FACTS
from keepwarm.rules.facts.fact import Course, as_days_pass, at_once, next_event
from keepwarm.rules.moment import FAR, LONG_AGO
from keepwarm.rules.questions import AWAKE, FOREVER, Every, Rest, question
from keepwarm.rules.rule import Strength
from keepwarm.rules.strengths import worse
from keepwarm.rules.timeline import ANYTHING, MEETINGS, NOTHING, RECEIVED, SENT
from keepwarm.storage.identity import content_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from keepwarm.rules.facts import Fact, Value
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.questions import Part
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.sources import Source

MOST_EVIDENCE = 12

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
_WARMEST = "close"


@dataclass(slots=True, kw_only=True)
class Finding:
    """A signal: opened once, cleared once."""

    id: str
    rule: Rule
    key: str  # the newest observation it rests on, else the last event: the same one never opens it again
    newest: str  # ref of that observation; "" if there is none
    opened: datetime
    strength: str
    sentence: str
    facts: dict[str, Value]
    evidence: tuple[Source, ...]
    historical: bool
    renewed: datetime  # when the newest observation was made for which the conditions held
    worse_than: str = ""  # id of the weaker one in whose place it has come
    cleared: datetime | None = None


def whole(findings: Iterable[Finding]) -> list[Finding]:
    """Give findings, in the order of opening, with those that only got worse as one: until the end of the last."""
    found: dict[str, Finding] = {}
    first: dict[str, str] = {}
    for one in findings:
        begun = first[one.id] = first.get(one.worse_than, one.id)
        found[begun] = one if begun == one.id else replace(found[begun], cleared=one.cleared)
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a rule stands with a contact at a moment."""

    open: Finding | None
    past: tuple[Finding, ...]  # in the order of opening, the open one among them
    would_find: Finding  # what it would say if its conditions held now
    since_opened: dict[str, Value]  # what ``clear`` may use while it is open


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


class Findings:
    """All rules for one contact."""

    def __init__(self, rules: Iterable[Asked], moment: Moment) -> None:
        self._moment = moment
        self._watches = [_Watch(asked, moment) for asked in rules]
        self.asleep_until = LONG_AGO  # unless something happens
        self.silence_is_signal = False  # a signal about their silence is open
        self.band_at_most = _WARMEST  # that may be shown now

    def judge(self, happened: int) -> list[Finding]:
        """Ask every rule that is awake at the moment's ``now``, or that such events wake; give what has opened."""
        now, opened, changed = self._moment.now, [], False
        values = _Values(self._moment)
        earliest = FAR
        for watch in self._watches:
            if watch.asleep_until <= now or watch.woken_by & happened:
                was_open = watch.open
                watch.judge(values)
                if watch.open is not was_open:
                    changed = True
                    if watch.open is not None:
                        opened.append(watch.open)
            if watch.asleep_until < earliest:
                earliest = watch.asleep_until
        self.asleep_until = earliest
        if changed:
            self._sum_up()
        return opened

    def wake(self) -> None:
        """Let every rule be asked at the next look: time has come to be counted differently."""
        self.asleep_until = LONG_AGO
        for watch in self._watches:
            watch.asleep_until = LONG_AGO

    def all(self) -> tuple[Finding, ...]:
        """Give every finding, open or cleared, in the order of opening."""
        found = [finding for watch in self._watches for finding in watch.past]
        return tuple(sorted(found, key=lambda finding: (finding.opened, finding.rule.id)))

    def standing(self, rule_id: str) -> Standing | None:
        """Show how a rule stands at the moment's ``now``, to explain it by; None if it is not asked of the contact."""
        return next((watch.standing() for watch in self._watches if watch.rule.id == rule_id), None)

    def _sum_up(self) -> None:
        rules = [watch.rule for watch in self._watches if watch.open]
        self.silence_is_signal = any(rule.silence for rule in rules)
        self.band_at_most = next((rule.band_at_most for rule in rules if rule.band_at_most), _WARMEST)


class _Values(dict[str, "Value | None"]):
    """The facts at one moment, each computed at most once, and only if a rule asks for it."""

    __slots__ = ("_moment",)

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._moment = moment

    def __missing__(self, name: str) -> Value | None:
        value = self[name] = FACTS[name].compute(self._moment)
        return value


def as_if_in_force(rule: Rule, moment: Moment) -> Standing:
    """Show how a rule would stand that is not asked of the contact: nothing was found by it."""
    return _Watch(Asked.of(rule), moment).standing()


class _Since(dict[str, "Value | None"]):
    """The facts, and what has been since a finding opened."""

    def __init__(self, finding: Finding, watch: _Watch, values: _Values) -> None:
        super().__init__()
        self._finding = finding
        self._watch = watch
        self._values = values

    def __missing__(self, name: str) -> Value | None:
        value = self[name] = self._watch.since(self._finding, name) if name in SINCE_OPENED else self._values[name]
        return value


@dataclass(slots=True)
class _Watch:
    """One rule for one contact. It sleeps as long as asking it again would change nothing."""

    asked: Asked
    moment: Moment
    rule: Rule = field(init=False)
    open: Finding | None = None
    past: list[Finding] = field(default_factory=list)
    asleep_until: datetime = LONG_AGO
    woken_by: int = ANYTHING  # kinds of events
    _keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rule = self.asked.rule

    def judge(self, values: _Values) -> None:
        """Open, keep or clear; then sleep."""
        if self.open is not None:
            rest = self._keep(self.open, values)
        elif (last := self._cooling_down_until()) and self.moment.now < last:
            rest = Rest(last, NOTHING)
        else:
            rest = self.asked.when.fails_for(self.moment, values) or self._open(values)
        self.asleep_until, self.woken_by = rest.until, rest.by

    def _open(self, values: _Values) -> Rest:
        finding = self._found(values)
        if finding.key in self._keys or self._too_old(finding.renewed):
            # Nothing new: as long as the conditions hold, for the same reasons.
            rest = self.asked.when.holds_for(self.moment, values) & self._same_evidence()
            return rest if finding.evidence else Rest(rest.until, ANYTHING)
        self._keys.add(finding.key)
        self.past.append(finding)
        self.open = finding
        return AWAKE

    def standing(self) -> Standing:
        """Show how the rule stands, changing nothing."""
        values = _Values(self.moment)
        return Standing(
            open=self.open,
            past=tuple(self.past),
            would_find=self._found(values),
            since_opened=self._known_since(self.open, values) if self.open else {},
        )

    def _keep(self, finding: Finding, values: _Values) -> Rest:
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

    def _worsen(self, finding: Finding, values: _Values) -> Rest:
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
        return _newest(self._evidence()) != finding.newest

    def _known_since(self, finding: Finding, values: _Values) -> dict[str, Value]:
        since = _Since(finding, self, values)
        names = (*SINCE_OPENED, *(self.rule.clear.names if self.rule.clear else ()))
        known = {name: since[name] for name in names if name not in self.rule.params}
        return {**self.rule.params, **{name: value for name, value in known.items() if value is not None}}

    def _clear(self, finding: Finding) -> Rest:
        finding.cleared = self.moment.now
        self.open = None
        return AWAKE

    def _same_evidence(self) -> Rest:
        """Tell for how long the same observations are cited."""
        course = self.asked.evidence
        return Rest(course.until(self.moment), course.by)

    def _cooling_down_until(self) -> datetime | None:
        last = self.past[-1] if self.past else None
        return None if last is None or last.cleared is None else last.cleared + self.rule.cooldown

    def _too_old(self, newest_evidence: datetime) -> bool:
        limit = self.rule.open_for
        return limit is not None and self.moment.now > newest_evidence + limit

    def _found(self, values: _Values, worse_than: Finding | None = None) -> Finding:
        evidence = self._evidence()
        facts = self._facts(values)
        bound: dict[str, Value] = {**self.rule.params, **facts}
        contact, strength = self.moment.history, self._strength(bound)
        newest = _newest(evidence)
        key = newest or self.moment.happened.isoformat()
        if worse_than is not None:
            key = f"{key}+{strength}"
        return Finding(
            id=content_id("sig", self.rule.id, contact.contact_id, key),
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

    def _facts(self, values: _Values) -> dict[str, Value]:
        names = [name for condition in (*self.rule.when, self.rule.strength) for name in condition.names]
        found = {name: values[name] for name in (*names, *self.rule.sentence.names) if name in FACTS}
        return {name: _rounded(value) for name, value in found.items() if value is not None}

    def _evidence(self) -> tuple[Source, ...]:
        """Gather the evidence of the facts that the conditions name, youngest first."""
        found = {source.ref: source for fact in self.asked.rests_on for source in fact.cite(self.moment)}
        ordered = sorted(found.values(), key=lambda source: (source.at, source.ref), reverse=True)
        return tuple(ordered[:MOST_EVIDENCE])


def _newest(evidence: Sequence[Source]) -> str:
    """Give the ref of the newest observation; "" if there is none."""
    newest = max(evidence, key=lambda source: (source.at, source.ref), default=None)
    return newest.ref if newest else ""


def _rounded(value: Value) -> Value:
    """Round to four digits: more would only show how floats are made."""
    return round(value, 4) if isinstance(value, float) else value
