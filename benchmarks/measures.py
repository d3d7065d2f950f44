"""Measures: how well scores tell what came, with intervals by resampling egos.

A ``Case`` is one judgement: whose, the score, whether it came. Egos are resampled whole, as the pairs of one ego are
not independent of each other (percentile bootstrap, 95%).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

RESAMPLED = 200
BINS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One judgement of an ego's: the higher the score, the surer that it comes."""

    ego: int
    score: float
    came: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95% interval; all None where there is nothing to measure."""

    value: float | None
    low: float | None = None
    high: float | None = None


Weights = Callable[[int], int]
Measure = Callable[[Sequence[Case], Weights], float | None]


def measured(cases: Sequence[Case], measure: Measure, *, resampled: int = RESAMPLED) -> Figure:
    """Give a figure with its interval."""
    ordered = sorted(cases, key=lambda case: case.score)
    value = measure(ordered, lambda _ego: 1)
    egos = sorted({case.ego for case in ordered})
    if value is None or len(egos) < 2 or not resampled:
        return Figure(value)
    random, found = Random(20), []
    for _ in range(resampled):
        drawn = Counter(random.choices(egos, k=len(egos)))
        if (one := measure(ordered, lambda ego, drawn=drawn: drawn[ego])) is not None:  # type: ignore[misc]
            found.append(one)
    found.sort()
    return Figure(value, found[int(0.025 * len(found))], found[min(len(found) - 1, int(0.975 * len(found)))])


def auc(ordered: Sequence[Case], weight: Weights) -> float | None:
    """Give the area under the ROC curve: how often what came had the higher score (ties count half)."""
    below = pairs = came_all = 0.0
    index = 0
    while index < len(ordered):
        score, came, stayed = ordered[index].score, 0, 0
        while index < len(ordered) and ordered[index].score == score:
            case = ordered[index]
            if case.came:
                came += weight(case.ego)
            else:
                stayed += weight(case.ego)
            index += 1
        pairs += came * (below + stayed / 2)
        below += stayed
        came_all += came
    return pairs / (came_all * below) if came_all and below else None


def brier_skill(ordered: Sequence[Case], weight: Weights) -> float | None:
    """Give 1 - (Brier score / that of always naming the base rate)."""
    count = came = off = 0.0
    for case in ordered:
        many = weight(case.ego)
        count += many
        came += many * case.came
        off += many * (case.score - case.came) ** 2
    rate = came / count if count else 0.0
    return 1.0 - off / count / (rate * (1.0 - rate)) if 0.0 < rate < 1.0 else None


def calibration_error(ordered: Sequence[Case], weight: Weights) -> float | None:
    """Give the mean distance of what was said from what came, over ten bins of equal width."""
    bins = [[0.0, 0.0, 0.0] for _ in range(BINS)]
    for case in ordered:
        many, one = weight(case.ego), bins[min(BINS - 1, int(case.score * BINS))]
        one[0] += many
        one[1] += many * case.score
        one[2] += many * case.came
    count = sum(one[0] for one in bins)
    return sum(abs(one[1] - one[2]) for one in bins) / count if count else None


def share(ordered: Sequence[Case], weight: Weights) -> float | None:
    """Give the share of the cases that came."""
    count = sum(weight(case.ego) for case in ordered)
    return sum(weight(case.ego) for case in ordered if case.came) / count if count else None


def mean_score(ordered: Sequence[Case], weight: Weights) -> float | None:
    """Give the mean of the scores."""
    found = [case.score for case in ordered for _ in range(weight(case.ego))]
    return fmean(found) if found else None


def quantile(values: Sequence[float], at: float) -> float:
    """Give the value that a share ``at`` of all does not exceed; infinity if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(at * len(ordered)))] if ordered else float("inf")
