"""A watch of a wider scope: one rule about one organisation, or about one contact among all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from keepwarm.rules.finding import MOST_EVIDENCE, Finding
from keepwarm.rules.rule import Strength
from keepwarm.storage.identity import signal_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keepwarm.rules.facts import Value
    from keepwarm.rules.facts.group_fact import GroupFact
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.sources import Source

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFinding:
    """A finding, and the contact to whom it belongs."""

    contact_id: str
    finding: Finding


@dataclass(slots=True)
class GroupWatch(Generic[S]):
    """Opens, keeps and clears as a contact's rules do, whenever its subject is another one."""

    rule: Rule
    facts: Mapping[str, GroupFact[S]]
    about: str  # what tells its subject from others: a domain, a contact's id
    past: list[GroupFinding] = field(default_factory=list)
    open: Finding | None = None

    def judge(self, now: datetime, subject: S, contact_id: str, name: str) -> None:
        """Look at the subject; a finding that opens belongs to this contact."""
        values = Values(self.facts, subject)
        if self.open is not None:
            if self._is_over(self.open, now, values):
                self.open.cleared = now
                self.open = None
        elif not self._cooling_down(now) and self._holds(values):
            self._open(self._found(now, values, name), contact_id)

    def would_find(self, now: datetime, subject: S, name: str) -> Finding:
        """Give what would be found of the subject if the conditions held."""
        return self._found(now, Values(self.facts, subject), name)

    @property
    def wakes(self) -> datetime | None:
        """When to look again though nothing has happened; None if nothing can come of it."""
        if self.open is not None:
            limit = self.rule.open_for
            return None if limit is None else self.open.renewed + limit + timedelta(microseconds=1)
        cleared = self.past[-1].finding.cleared if self.past else None
        return None if cleared is None else cleared + self.rule.cooldown

    def _open(self, finding: Finding, contact_id: str) -> None:
        known = any(one.finding.key == finding.key for one in self.past)
        if not known and not self._too_old(finding, finding.opened):
            self.past.append(GroupFinding(contact_id=contact_id, finding=finding))
            self.open = finding

    def _holds(self, values: Values[S]) -> bool:
        return all(condition.value(self._bound(condition.names, values)) is True for condition in self.rule.when)

    def _is_over(self, finding: Finding, now: datetime, values: Values[S]) -> bool:
        clear = self.rule.clear
        if self.rule.open_for is not None or clear is None:
            holds = self._holds(values)
            if holds:
                finding.renewed = max((source.at for source in self._evidence(values)), default=finding.renewed)
            if self._too_old(finding, now) or (clear is None and not holds):
                return True
        return clear is not None and clear.value(self._bound(clear.names, values)) is True

    def _too_old(self, finding: Finding, now: datetime) -> bool:
        limit = self.rule.open_for
        return limit is not None and now > finding.renewed + limit

    def _cooling_down(self, now: datetime) -> bool:
        cleared = self.past[-1].finding.cleared if self.past else None
        return cleared is not None and now < cleared + self.rule.cooldown

    def _bound(self, names: tuple[str, ...], values: Values[S]) -> dict[str, Value]:
        facts = {name: value for name in names if name in self.facts and (value := values[name]) is not None}
        return {**self.rule.params, **facts}

    def _found(self, now: datetime, values: Values[S], name: str) -> Finding:
        evidence = self._evidence(values)
        key = f"{self.rule.scope}:{evidence[0].ref if evidence else now.isoformat()}"
        told = (*self.rule.when, self.rule.strength)
        names = (*(name for condition in told for name in condition.names), *self.rule.sentence.names)
        facts = self._bound(names, values)
        strength = self.rule.strength.value(facts)
        return Finding(
            id=signal_id(self.rule.id, self.about, key),
            rule=self.rule,
            key=key,
            newest=evidence[0].ref if evidence else "",
            opened=now,
            strength=str(strength) if strength in tuple(Strength) else Strength.MEDIUM.value,
            sentence=self.rule.sentence.put({**facts, "name": name}),
            facts={name: _rounded(facts[name]) for name in names if name in self.facts and name in facts},
            evidence=evidence,
            historical=False,  # storage knows: it rests on what was found through others
            renewed=evidence[0].at if evidence else now,
        )

    def _evidence(self, values: Values[S]) -> tuple[Source, ...]:
        """Gather the evidence of the facts that the conditions name, youngest first."""
        names = [name for condition in self.rule.when for name in condition.names if name in self.facts]
        found = {source.ref: source for name in names for source in self.facts[name].cite(values.subject)}
        return tuple(sorted(found.values(), key=lambda one: (one.at, one.ref), reverse=True)[:MOST_EVIDENCE])


class Values(dict[str, Any], Generic[S]):
    """The facts of a subject, each computed at most once, and only if it is asked for."""

    def __init__(self, facts: Mapping[str, GroupFact[S]], subject: S) -> None:
        super().__init__()
        self.subject = subject
        self._facts = facts

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._facts[name].compute(self.subject)
        return value


def _rounded(value: Value) -> Value:
    return round(value, 4) if isinstance(value, float) else value
