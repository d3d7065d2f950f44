"""Findings: which rules have fired for a contact, since when, and whether they still hold."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from keepwarm.rules.moment import FAR, LONG_AGO
from keepwarm.rules.watch import Values, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keepwarm.rules.finding import Finding, Standing
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.watch import Asked

_WARMEST = "close"


class Findings:
    """All rules for one contact."""

    def __init__(self, rules: Iterable[Asked], moment: Moment) -> None:
        self._moment = moment
        self._watches = [Watch(asked, moment) for asked in rules]
        self.asleep_until = LONG_AGO  # unless something happens
        self.silence_is_signal = False  # a signal about their silence is open
        self.band_at_most = _WARMEST  # that may be shown now

    def judge(self, happened: int) -> list[Finding]:
        """Ask every rule that is awake at the moment's ``now``, or that such events wake; give what has opened."""
        now, opened, changed = self._moment.now, [], False
        values = Values(self._moment)
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
        """Give every finding, open or cleared, in the order of opening; what was over before it went on is not here."""
        found = [finding for watch in self._watches for finding in watch.past]
        return tuple(sorted(found, key=lambda finding: (finding.opened, finding.rule.id)))

    def kept(self) -> list[list[Any]]:
        """Give, for JSON, what is needed to go on beside the findings."""
        return [watch.kept() for watch in self._watches]

    def go_on(self, kept: Sequence[Sequence[Any]], found: Iterable[Finding]) -> None:
        """Go on from what was kept, and from what had been found up to then."""
        by_rule = defaultdict(list)
        for one in found:
            by_rule[one.rule.id].append(one)
        for watch, its in zip(self._watches, kept, strict=True):
            watch.go_on(its, by_rule[watch.rule.id])
        self.asleep_until = min((watch.asleep_until for watch in self._watches), default=FAR)
        self._sum_up()

    def standing(self, rule_id: str) -> Standing | None:
        """Show how a rule stands at the moment's ``now``, to explain it by; None if it is not asked of the contact."""
        return next((watch.standing() for watch in self._watches if watch.rule.id == rule_id), None)

    def _sum_up(self) -> None:
        rules = [watch.rule for watch in self._watches if watch.open]
        self.silence_is_signal = any(rule.silence for rule in rules)
        self.band_at_most = next((rule.band_at_most for rule in rules if rule.band_at_most), _WARMEST)
