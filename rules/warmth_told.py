"""Warmth told: at most five plain sentences, in tenths of a point, that add up to the warmth shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.rules.warmth import ADJUSTMENTS_AT_MOST, Term, terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.model import Pulse
    from keepwarm.rules.warmth import Adjustment, Ledger

MOST_SENTENCES = 5
_NAMED = 3  # signals that are named in the sentence on adjustments


def told(ledger: Ledger, pulse: Pulse, now: datetime) -> tuple[Term, ...]:
    """Give the parts of the warmth as of ``now``: the sum of their points is the ledger's number, to the tenth."""
    found = _bounded(_base(pulse, now))
    if adjusted := _adjusted(ledger.adjustments, now):
        found = _bounded([*found, adjusted])
    return tuple(_in_tenths(found, ledger.warmth(pulse, now)))


def _base(pulse: Pulse, now: datetime) -> list[Term]:
    """Give the terms of the base, what everybody starts with being told together with what was heard."""
    first, *rest = terms(pulse, now)
    if not rest:
        return [first]
    heard, *others = rest
    sentence = f"Everybody starts at {first.points:.1f}. {heard.sentence}"
    return [Term(first.points + heard.points, sentence), *others]


def _adjusted(adjustments: Sequence[Adjustment], now: datetime) -> Term | None:
    by_rule: dict[str, float] = {}
    for one in adjustments:
        by_rule[one.rule] = by_rule.get(one.rule, 0.0) + one.left(now)
    worth = {rule: points for rule, points in by_rule.items() if abs(points) >= 0.05}
    points = min(max(sum(by_rule.values()), -ADJUSTMENTS_AT_MOST), ADJUSTMENTS_AT_MOST)
    if not worth:
        return None
    most = sorted(worth, key=lambda rule: (-abs(worth[rule]), rule))
    named = ", ".join(f"{rule.replace('_', ' ')} {worth[rule]:+.1f}" for rule in most[:_NAMED])
    more = ", and others" if len(most) > _NAMED else ""
    return Term(points, f"Signals of late, half of which fades in 60 days: {named}{more} (judgement, not measured)")


def _bounded(found: list[Term]) -> list[Term]:
    """Keep the sum within 0 and 100, by what the term that leads beyond it is worth."""
    total = sum(term.points for term in found)
    end = min(max(total, 0.0), 100.0)
    if end == total:
        return found
    most = (min if total < 0 else max)(found, key=lambda term: term.points)
    cut = Term(most.points + end - total, f"{most.sentence}; warmth ends at {end:.0f}")
    return [cut if term is most else term for term in found]


def _in_tenths(found: list[Term], shown: float) -> list[Term]:
    """Round each; what is lost goes to the largest, where it is least noticed."""
    rounded = [Term(round(term.points, 1), term.sentence) for term in found]
    lost = shown - sum(term.points for term in rounded)
    largest = max(range(len(rounded)), key=lambda index: abs(rounded[index].points))
    rounded[largest] = Term(round(rounded[largest].points + lost, 1), rounded[largest].sentence)
    return rounded
