"""Sparkline: a series of numbers as one small line of block characters."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
POINTS = 26
"""Characters of a line: one for each fortnight of a year."""


def sparkline(values: Sequence[float], *, top: float = 100.0, points: int = POINTS) -> str:
    """Draw ``values`` (0 to ``top``, oldest first) as at most ``points`` blocks.

    The scale is fixed, so that two people's lines can be compared. More values than points are drawn as the
    means of neighbours; fewer give a shorter line.
    """
    return "".join(_block(value / top) for value in _thinned(values, points))


def _block(part: float) -> str:
    return BLOCKS[min(len(BLOCKS) - 1, max(0, int(part * len(BLOCKS))))]


def _thinned(values: Sequence[float], points: int) -> list[float]:
    count = len(values)
    if count <= points:
        return list(values)
    edges = [count * point // points for point in range(points + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
