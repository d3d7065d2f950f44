"""Rivals: two sets of rules over the same histories, and what only one of them says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.rules.finding import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from keepwarm.rules.finding import Finding

MOST_LISTED = 500
"""So many signals of a rule are named that only one side has; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyOne:
    """A signal that only one side has."""

    contact_id: str
    contact: str
    opened: datetime
    sentence: str


@dataclass(slots=True)
class Difference:
    """How two sides differ in one rule."""

    rule: str
    same: int = 0
    shifts: list[float] = field(
        default_factory=list
    )  # days by which the second opens what both have, later than the first
    first_only: list[OnlyOne] = field(default_factory=list)
    second_only: list[OnlyOne] = field(default_factory=list)
    first_only_count: int = 0
    second_only_count: int = 0

    @property
    def is_none(self) -> bool:
        """Tell whether the two say the same, on the same days."""
        return not (self.shifts or self.first_only_count or self.second_only_count)

    @property
    def shift(self) -> float | None:
        """Give the median of the shifts; None without any."""
        return median(self.shifts) if self.shifts else None


class Rivals:
    """Compares what two sides say of each contact."""

    def __init__(self, counts: Callable[[datetime], bool]) -> None:
        self._counts = counts
        self._found: dict[str, Difference] = {}

    def differences(self) -> tuple[Difference, ...]:
        """Give the rules in which the two differ, in the order of their ids."""
        return tuple(self._found[rule] for rule in sorted(self._found) if not self._found[rule].is_none)

    def add(self, contact_id: str, contact: str, first: Sequence[Finding], second: Sequence[Finding]) -> None:
        """Take in what both say of one contact."""
        ids = dict.fromkeys(finding.rule.id for finding in (*first, *second))
        for rule in ids:
            difference = self._found.setdefault(rule, Difference(rule))
            pairs, left, right = _paired(self._of(first, rule), self._of(second, rule))
            for one, other in pairs:
                if one.opened == other.opened:
                    difference.same += 1
                else:
                    difference.shifts.append((other.opened - one.opened) / timedelta(days=1))
            difference.first_only_count += len(left)
            difference.second_only_count += len(right)
            _list(difference.first_only, left, contact_id, contact)
            _list(difference.second_only, right, contact_id, contact)

    def _of(self, findings: Sequence[Finding], rule: str) -> list[Finding]:
        return [one for one in whole(findings) if one.rule.id == rule and self._counts(one.opened)]


def _list(listed: list[OnlyOne], found: Sequence[Finding], contact_id: str, contact: str) -> None:
    listed.extend(
        OnlyOne(contact_id=contact_id, contact=contact, opened=one.opened, sentence=one.sentence)
        for one in found[: MOST_LISTED - len(listed)]
    )


def _paired(
    first: Sequence[Finding], second: Sequence[Finding]
) -> tuple[list[tuple[Finding, Finding]], list[Finding], list[Finding]]:
    """Pair what is the same signal: it rests on the same newest observation, or is open at the same time."""
    pairs, left, right = [], [], list(second)
    for one in first:
        other = next((each for each in right if each.id == one.id), None)
        other = other or next((each for each in right if _overlap(one, each)), None)
        if other is None:
            left.append(one)
        else:
            right.remove(other)
            pairs.append((one, other))
    return pairs, left, right


def _overlap(one: Finding, other: Finding) -> bool:
    return (one.cleared is None or other.opened < one.cleared) and (other.cleared is None or one.opened < other.cleared)
