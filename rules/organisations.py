"""Organisations: judged from what was found of their people, whenever that changes.

The result is a function of the people's results, the rules and ``as_of``; and the result as of an earlier time is the
beginning of the result as of a later one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepwarm.rules.cooling import Together, telling, turns
from keepwarm.rules.facts.organisation import ORGANISATION
from keepwarm.rules.group_watch import GroupWatch
from keepwarm.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from keepwarm.rules.group_watch import GroupFinding
    from keepwarm.rules.rule import Rule
    from keepwarm.storage.standings import OrganisationHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationOutcome:
    """What is to be said of an organisation."""

    domain: str
    findings: tuple[GroupFinding, ...]
    next_look: datetime | None  # when something else may be said though nothing happens


class Organisations:
    """Judges one organisation after the other by the same rules."""

    def __init__(self, rules: Iterable[Rule], zone: tzinfo) -> None:
        self._rules = tuple(rule for rule in rules if rule.scope is Scope.ORGANISATION)
        self._zone = zone

    def judge(self, history: OrganisationHistory, as_of: datetime) -> OrganisationOutcome:
        """Play what became of its people up to ``as_of``."""
        labels = tuple(sorted({label for member in history.members for label in member.labels}))
        watches = [
            GroupWatch(rule, ORGANISATION.facts, history.domain)
            for rule in (one.for_labels(labels) for one in self._rules)
            if rule is not None
        ]
        known, moments = telling(history), turns(history, as_of)
        looks = [Together(history, known, moment, self._zone) for moment in moments]
        wakes = [self._play(watch, looks, as_of) for watch in watches]
        found = [one for watch in watches for one in watch.past]
        found.sort(key=lambda one: (one.finding.opened, one.finding.rule.id))
        return OrganisationOutcome(
            domain=history.domain,
            findings=tuple(found),
            next_look=min((wake for wake in wakes if wake is not None), default=None),
        )

    def _play(self, watch: GroupWatch[Together], looks: Sequence[Together], as_of: datetime) -> datetime | None:
        """Look at each turn, and in between where the rule asks for it; give when it would look next."""
        wake: datetime | None = None
        for number, together in enumerate(looks):
            self._look(watch, together)
            following = looks[number + 1].now if number + 1 < len(looks) else None
            wake = _after(watch, together.now)
            while wake is not None and (wake < following if following is not None else wake <= as_of):
                self._look(watch, replace(together, now=wake))
                wake = _after(watch, wake)
        return wake

    def _look(self, watch: GroupWatch[Together], together: Together) -> None:
        watch.judge(together.now, together, together.lead.contact_id, together.lead.name)


def _after(watch: GroupWatch[Together], now: datetime) -> datetime | None:
    wake = watch.wakes
    return wake if wake is not None and wake > now else None
