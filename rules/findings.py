"""Findings: which rules have fired for a contact, since when, and whether they still hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.conditions import Question
from keepwarm.rules.facts import FACTS
from keepwarm.rules.moment import FAR
from keepwarm.rules.rule import Strength
from keepwarm.storage.identity import content_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.facts import Value
    from keepwarm.rules.moment import Moment
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


@dataclass(slots=True, kw_only=True)
class Finding:
    """A signal: opened once, cleared once."""

    id: str
    rule: Rule
    key: str  # the newest observation it rests on, else the last event: the same one never opens it again
    opened: datetime
    strength: str
    sentence: str
    facts: dict[str, Value]
    evidence: tuple[Source, ...]
    historical: bool
    renewed: datetime  # when the newest observation was made for which the conditions held
    cleared: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a rule stands with a contact at a moment."""

    open: Finding | None
    past: tuple[Finding, ...]  # in the order of opening, the open one among them
    would_find: Finding  # what it would say if its conditions held now
    since_opened: dict[str, Value]  # what ``clear`` may use while it is open


class Findings:
    """All rules for one contact."""

    def __init__(self, rules: Sequence[Rule], moment: Moment) -> None:
        self._moment = moment
        self._watches = [_Watch(rule, moment) for rule in rules]

    def judge(self) -> list[Finding]:
        """Ask every rule at the moment's ``now``; give what has just opened."""
        values = _Values(self._moment)
        return [opened for watch in self._watches if (opened := watch.judge(values))]

    def all(self) -> tuple[Finding, ...]:
        """Give every finding, open or cleared, in the order of opening."""
        found = [finding for watch in self._watches for finding in watch.past]
        return tuple(sorted(found, key=lambda finding: (finding.opened, finding.rule.id)))

    def standing(self, rule_id: str) -> Standing | None:
        """Show how a rule stands at the moment's ``now``, to explain it by; None if it is not asked of the contact."""
        return next((watch.standing() for watch in self._watches if watch.rule.id == rule_id), None)

    @property
    def silence_is_signal(self) -> bool:
        """Tell whether a signal about their silence is open."""
        return any(watch.open and watch.rule.silence for watch in self._watches)

    @property
    def band_at_most(self) -> str:
        """Name the warmest band that may be shown now."""
        capped = [watch.rule.band_at_most for watch in self._watches if watch.open and watch.rule.band_at_most]
        return capped[0] if capped else "close"


class _Values(dict[str, "Value | None"]):
    """The facts at one moment, each computed at most once, and only if a rule asks for it."""

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._moment = moment

    def __missing__(self, name: str) -> Value | None:
        value = self[name] = FACTS[name].compute(self._moment)
        return value


def as_if_in_force(rule: Rule, moment: Moment) -> Standing:
    """Show how a rule would stand that is not asked of the contact: nothing was found by it."""
    return _Watch(rule, moment).standing()


@dataclass(slots=True)
class _Watch:
    """One rule for one contact."""

    rule: Rule
    moment: Moment
    open: Finding | None = None
    past: list[Finding] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _when: list[Question] = field(init=False)
    _slept_after: int = -1
    _asleep_until: datetime = FAR

    def __post_init__(self) -> None:
        self._when = [Question(condition, self.rule.params) for condition in self.rule.when]

    def judge(self, values: _Values) -> Finding | None:
        """Open, keep or clear; give what has just opened."""
        if self.open is not None:
            if self._is_over(self.open, values):
                self.open.cleared = self.moment.now
                self.open = None
            return None
        if self._is_asleep() or self._cooling_down() or not self._holds(values):
            return None
        finding = self._found(values)
        if finding.key in self._keys or self._too_old(finding.renewed):
            return None
        self._keys.add(finding.key)
        self.past.append(finding)
        self.open = finding
        return finding

    def standing(self) -> Standing:
        """Show how the rule stands, changing nothing."""
        values = _Values(self.moment)
        return Standing(
            open=self.open,
            past=tuple(self.past),
            would_find=self._found(values),
            since_opened=self._since(self.open, values) if self.open else {},
        )

    def _holds(self, values: _Values) -> bool:
        # In order, up to the first that does not hold: a rule puts first what is cheap to tell.
        for question in self._when:
            if question.answer(values) is not True:
                self._sleep(question)
                return False
        return True

    def _sleep(self, question: Question) -> None:
        """Rest until something happens, or a fact for which the rule does not hold may be another one."""
        self._slept_after = self.moment.events
        self._asleep_until = min((FACTS[name].until(self.moment) for name in question.facts), default=self.moment.now)

    def _is_asleep(self) -> bool:
        return self.moment.now < self._asleep_until and self.moment.events == self._slept_after

    def _is_over(self, finding: Finding, values: _Values) -> bool:
        if self.rule.open_for is not None or self.rule.clear is None:
            holds = self._holds(values)
            if holds:
                finding.renewed = max((source.at for source in self._evidence()), default=finding.renewed)
            if self._too_old(finding.renewed) or (self.rule.clear is None and not holds):
                return True
        return self.rule.clear is not None and self.rule.clear.value(self._since(finding, values)) is True

    def _since(self, finding: Finding, values: _Values) -> dict[str, Value]:
        condition = self.rule.clear
        known: dict[str, Value] = {
            "heard_since_opened": self.moment.inbound.count_after(finding.opened)
            + self.moment.meetings.held.count_after(finding.opened)
            + self.moment.touches.mutual.count_after(finding.opened),
            "wrote_since_opened": self.moment.outbound.count_after(finding.opened)
            + self.moment.touches.by_owner.count_after(finding.opened),
            "days_open": (self.moment.now - finding.opened) / timedelta(days=1),
            **self.rule.params,
        }
        if condition and "rests_on_another" in condition.names:
            known["rests_on_another"] = _newest(self._evidence()) != finding.key
        for name in condition.names if condition else ():
            if name not in known and (value := values[name]) is not None:
                known[name] = value
        return known

    def _cooling_down(self) -> bool:
        last = self.past[-1] if self.past else None
        return last is not None and last.cleared is not None and self.moment.now < last.cleared + self.rule.cooldown

    def _too_old(self, newest_evidence: datetime) -> bool:
        limit = self.rule.open_for
        return limit is not None and self.moment.now > newest_evidence + limit

    def _found(self, values: _Values) -> Finding:
        evidence = self._evidence()
        key = _newest(evidence) or self.moment.happened.isoformat()
        facts = self._facts(values)
        bound: dict[str, Value] = {**self.rule.params, **facts}
        contact = self.moment.history
        return Finding(
            id=content_id("sig", self.rule.id, contact.contact_id, key),
            rule=self.rule,
            key=key,
            opened=self.moment.now,
            strength=self._strength(bound),
            sentence=self.rule.sentence.put({**bound, "name": contact.name}),
            facts=facts,
            evidence=evidence,
            historical=any(self._is_history(source) for source in evidence),
            renewed=max((source.at for source in evidence), default=self.moment.now),
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
        names = dict.fromkeys(name for condition in self.rule.when for name in condition.names if name in FACTS)
        found = {source.ref: source for name in names for source in FACTS[name].cite(self.moment)}
        ordered = sorted(found.values(), key=lambda source: (source.at, source.ref), reverse=True)
        return tuple(ordered[:MOST_EVIDENCE])


def _newest(evidence: Sequence[Source]) -> str:
    """Give the ref of the newest observation; "" if there is none."""
    newest = max(evidence, key=lambda source: (source.at, source.ref), default=None)
    return newest.ref if newest else ""


def _rounded(value: Value) -> Value:
    """Round to four digits: more would only show how floats are made."""
    return round(value, 4) if isinstance(value, float) else value
