"""Findings: which rules have fired for a contact, since when, and whether they still hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.rules.moment import FAR, LONG_AGO
from keepwarm.rules.watch import Values, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

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
