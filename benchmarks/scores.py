"""Scores: signals held against what a script says is true, rule by rule.

    precision  of the signals that opened, the share that the script bears out; disputed ones are left out
    recall     of what the script says is due, the share of which a signal opened in its time

Rules that only suggest something to do have no truth in a script: they are counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.truths import Truth
    from tests.practice.stage import Stage


GRACE = timedelta(days=2)  # a weekend
PARTED = ("shrinking", "warming", "service_slipped", "one_sided", "remember")
SUGGESTIONS = frozenset({"add_value", "courtship", "reflect", "ask_promise"})


@dataclass(frozen=True, slots=True)
class Part:
    """What one person, or several of a firm together, are in for."""

    plays: str
    addresses: frozenset[str]
    truths: tuple[Truth, ...]
    domain: str = ""  # if all of that firm are meant


@dataclass(slots=True)
class Score:
    """How one rule did."""

    right: int = 0
    wrong: int = 0
    disputed: int = 0
    suggested: int = 0
    due: int = 0
    told: int = 0
    wrong_for: Counter[str] = field(default_factory=Counter)  # by what they play
    missed_for: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float | None:
        """Give the share of the signals that were right; None where none was either."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Give the share of what was due that was told; None where nothing was due."""
        return self.told / self.due if self.due else None


def score(stage: Stage, parts: Iterable[Part], signals: Iterable[dict[str, Any]]) -> dict[str, Score]:
    """Hold the signals against the script."""
    known = list(parts)
    opened: dict[tuple[Part, str], list[datetime]] = defaultdict(list)
    found: dict[str, Score] = defaultdict(Score)
    for signal in signals:
        part = part_of(known, signal)
        at = datetime.fromisoformat(signal["opened"])
        rule = finding_of(signal["rule"])
        if part is not None:
            opened[part, rule].append(at)
        _count(found[rule], verdict(stage, part, rule, at), part)
    for part in known:
        for truth in part.truths:
            if not truth.disputed:
                told = any(holds(stage, truth, at) for at in opened[part, truth.rule])
                one = found[truth.rule]
                one.due += 1
                one.told += told
                one.missed_for.update(() if told else (part.plays,))
    return dict(found)


def verdict(stage: Stage, part: Part | None, rule: str, at: datetime) -> str:
    """Judge one signal: "right", "wrong", "disputed", or "suggested"."""
    if rule in SUGGESTIONS:
        return "suggested"
    holding = [truth for truth in part.truths if truth.rule == rule and holds(stage, truth, at)] if part else []
    if any(not truth.disputed for truth in holding):
        return "right"
    return "disputed" if holding or part is None else "wrong"  # of those who come in by the way the script says nothing


def part_of(parts: Iterable[Part], signal: dict[str, Any]) -> Part | None:
    """Find the part of the contact that a signal is about."""
    addresses = set(signal["contact"]["addresses"])
    domains = {address.rpartition("@")[2] for address in addresses}
    return next((part for part in parts if part.addresses & addresses or part.domain in domains), None)


def finding_of(rule: str) -> str:
    """Give the finding of the field that a rule tells: some are told by several rules, each seeing a part of it."""
    return next((one for one in PARTED if rule.startswith(f"{one}_")), rule)


def holds(stage: Stage, truth: Truth, at: datetime) -> bool:
    """Tell whether a truth holds at a time, or held until a weekend before."""
    since = stage.now - timedelta(days=truth.since)
    until = stage.now - timedelta(days=truth.until)
    return since <= at <= until + GRACE


def together(found: Iterable[dict[str, Score]]) -> dict[str, Score]:
    """Add up the scores of several seeds."""
    total: dict[str, Score] = defaultdict(Score)
    for scores in found:
        for rule, one in scores.items():
            sum_ = total[rule]
            for name in ("right", "wrong", "disputed", "suggested", "due", "told"):
                setattr(sum_, name, getattr(sum_, name) + getattr(one, name))
            sum_.wrong_for += one.wrong_for
            sum_.missed_for += one.missed_for
    return dict(total)


def table(scores: dict[str, Score]) -> str:
    """Give the scores as a table in Markdown, and for whom a rule was wrong or missing below it."""
    lines = ["| signal | right | wrong | disputed | precision | due | told | recall |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    notes = []
    for rule, one in sorted(scores.items()):
        if one.suggested:
            notes.append(f"{rule}: suggested {one.suggested} times")
            continue
        numbers = [one.right, one.wrong, one.disputed, _share(one.precision), one.due, one.told, _share(one.recall)]
        lines.append(f"| `{rule}` | {' | '.join(map(str, numbers))} |")
        notes += [f"{rule}, wrong for: {_named(one.wrong_for)}"] if one.wrong_for else []
        notes += [f"{rule}, missed for: {_named(one.missed_for)}"] if one.missed_for else []
    return "\n".join([*lines, "", *notes])


def _count(one: Score, said: str, part: Part | None) -> None:
    setattr(one, said, getattr(one, said) + 1)
    if said == "wrong" and part is not None:
        one.wrong_for[part.plays] += 1


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _named(who: Counter[str]) -> str:
    return ", ".join(f"{one} {number}" for one, number in who.most_common(8))
