"""The picture of the sonar: a dial on which everybody has a place of their own, so that no mark covers another.

The bands are rings, the warmest in the middle; within its ring a mark is the further in the warmer it is. Directions
are sectors: cooling on the left, steady at the top, warming on the right; within its sector a mark is the further out
to its side the more it has moved. Sectors and rings get the more room the more people are in them. Below the centre the
dial is open: there the rings have their names.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from keepwarm.outputs.sonar import BANDS, DIRECTIONS, STEADY, direction_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keepwarm.storage.views import ContactView

WIDTH, HEIGHT = 780, 736
CENTRE_X, CENTRE_Y, RADIUS = 390.0, 388.0, 356.0
_HALF = math.radians(135)  # the dial goes from -135 to 135 degrees, 0 being up
_LEAST_RING, _LEAST_SECTOR = 0.19, 0.2  # of the radius, and of the dial
_LARGEST, _SMALLEST = 7.5, 1.9  # half the width of a mark
_OF_SPACING = 0.36  # half a mark's width, of how far apart they are
_COVERED = 4.0  # a name may stand on marks that are smaller, in a crowd
_PADDING = 7.0  # between the marks and the edge of their cell
MOST_NAMED = 16
_LONGEST_LABEL = 24
_LETTER, _LINE = 7.2, 16.0  # the room of a letter of a label
_NAME_WIDTH, _NAME_HEIGHT = 150.0, 20.0  # the room of a ring's name


@dataclass(frozen=True, slots=True)
class Mark:
    """One contact on the dial."""

    contact: ContactView
    direction: str
    x: float
    y: float
    size: float  # half its width

    @property
    def place(self) -> Markup:
        """How a drawing puts a mark of half a width of 1 there."""
        return Markup(f"translate({self.x:.1f} {self.y:.1f}) scale({self.size:.1f})")  # noqa: S704 - digits


@dataclass(frozen=True, slots=True)
class Label:
    """A name beside a mark."""

    text: str
    x: float
    y: float
    anchor: str  # "start", "end"


@dataclass(frozen=True, slots=True)
class RingShape:
    """A band."""

    band: str
    path: str
    label_y: float  # of its name, on the vertical line below the centre
    count: int


@dataclass(frozen=True, slots=True)
class SectorShape:
    """A direction."""

    direction: str
    arc: str  # the path along which its name stands
    count: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, in units of a drawing WIDTH x HEIGHT."""

    rings: tuple[RingShape, ...]
    sectors: tuple[SectorShape, ...]
    spokes: tuple[tuple[float, float], ...]  # where the lines between sectors end
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]  # of who moved most


def picture(people: Sequence[ContactView], name: Callable[[ContactView], str]) -> Picture:
    """Draw everybody."""
    cells: defaultdict[tuple[str, str], list[ContactView]] = defaultdict(list)
    for one in people:
        cells[one.band, direction_of(one)].append(one)
    by_band = [sum(len(cells[band, way]) for way in DIRECTIONS) for band in BANDS]
    by_way = [sum(len(cells[band, way]) for band in BANDS) for way in DIRECTIONS]
    edges = [RADIUS * part for part in _parts(by_band, _LEAST_RING)]
    angles = [-_HALF + 2 * _HALF * part for part in _parts(by_way, _LEAST_SECTOR)]
    shapes = {
        (band, way): _Cell(edges[ring], edges[ring + 1], angles[sector], angles[sector + 1])
        for ring, band in enumerate(BANDS)
        for sector, way in enumerate(DIRECTIONS)
    }
    fits = {key: shapes[key].spacing(len(some)) * _OF_SPACING for key, some in cells.items() if some}
    # Where there is room marks are larger, but not so much that they seem to weigh more.
    largest = min(_LARGEST, max(_SMALLEST, min(fits.values(), default=_LARGEST)) * 1.8)
    marks = tuple(
        mark
        for key, some in cells.items()
        if some
        for mark in _placed(some, key[1], shapes[key], min(largest, max(_SMALLEST, fits[key])))
    )
    return Picture(
        rings=tuple(
            RingShape(band, _ring_path(edges[at], edges[at + 1]), _below(edges[at], edges[at + 1]), by_band[at])
            for at, band in enumerate(BANDS)
        ),
        sectors=tuple(
            SectorShape(way, _arc(RADIUS + 10, start, end), count)
            for way, (start, end), count in zip(DIRECTIONS, pairwise(angles), by_way, strict=True)
        ),
        spokes=tuple(_point(RADIUS, angle) for angle in angles[1:-1]),
        marks=marks,
        labels=tuple(_labels(marks, edges, name)),
    )


@dataclass(frozen=True, slots=True)
class _Cell:
    """The part of a ring that lies in a sector."""

    inner: float
    outer: float
    start: float
    end: float

    def spacing(self, count: int) -> float:
        """Give how far apart so many marks are."""
        rows = self.rows(count)
        longest = max(rows, default=1)
        middle = (self.inner + self.outer) / 2
        return min((self.outer - self.inner) / max(1, len(rows)), (self.end - self.start) * middle / max(1, longest))

    def rows(self, count: int) -> list[int]:
        """Share so many marks out to arcs, the inner ones first, as their lengths are."""
        thick = self.outer - self.inner - _PADDING
        wide = (self.end - self.start) * (self.inner + self.outer) / 2
        number = max(1, min(count, round(math.sqrt(count * thick / wide))))
        lengths = [self.radius(row, number) for row in range(number)]
        total, shared, given = sum(lengths), [], 0
        for row in range(number):
            upto = round(count * sum(lengths[: row + 1]) / total)
            shared.append(upto - given)
            given = upto
        return shared

    def radius(self, row: int, rows: int) -> float:
        """Give the radius of an arc."""
        return self.inner + _PADDING / 2 + (self.outer - self.inner - _PADDING) * (row + 0.5) / rows


def _parts(counts: Sequence[int], least: float) -> list[float]:
    """Cut 1 into parts, none smaller than ``least``, the rest of it shared out by ``counts``; give where they begin."""
    total, rest = sum(counts), 1 - least * len(counts)
    found = [0.0]
    for count in counts:
        found.append(found[-1] + least + rest * (count / total if total else 1 / len(counts)))
    return found


def _placed(some: Sequence[ContactView], way: str, cell: _Cell, size: float) -> Iterable[Mark]:
    ranked = sorted(some, key=lambda one: (-one.warmth, one.id))
    rows, begun = cell.rows(len(ranked)), 0
    for row, count in enumerate(rows):
        radius = max(cell.radius(row, len(rows)), size * 1.6)
        beside = sorted(ranked[begun : begun + count], key=lambda one: (one.trend, one.id))
        margin = min((size + _PADDING) / radius, (cell.end - cell.start) / 4)
        for at, one in enumerate(beside):
            angle = cell.start + margin + (cell.end - cell.start - 2 * margin) * (at + 0.5) / count
            yield Mark(one, way, *_point(radius, angle), size)
        begun += count


def _point(radius: float, angle: float) -> tuple[float, float]:
    return CENTRE_X + radius * math.sin(angle), CENTRE_Y - radius * math.cos(angle)


def _below(inner: float, outer: float) -> float:
    return CENTRE_Y + (inner + outer) / 2 + (14 if not inner else 5)  # the innermost has the narrowest opening


def _ring_path(inner: float, outer: float) -> str:
    (x1, y1), (x2, y2) = _point(outer, -_HALF), _point(outer, _HALF)
    (x3, y3), (x4, y4) = _point(inner, _HALF), _point(inner, -_HALF)
    outside = f"M{x1:.1f} {y1:.1f}A{outer:.1f} {outer:.1f} 0 1 1 {x2:.1f} {y2:.1f}"
    return f"{outside}L{x3:.1f} {y3:.1f}A{inner:.1f} {inner:.1f} 0 1 0 {x4:.1f} {y4:.1f}Z"


def _arc(radius: float, start: float, end: float) -> str:
    (x1, y1), (x2, y2) = _point(radius, start), _point(radius, end)
    large = int(end - start > math.pi)
    return f"M{x1:.1f} {y1:.1f}A{radius:.1f} {radius:.1f} 0 {large} 1 {x2:.1f} {y2:.1f}"


def _labels(marks: Sequence[Mark], edges: Sequence[float], name: Callable[[ContactView], str]) -> Iterable[Label]:
    """Name who moved most, as far as there is room beside their marks."""
    moved = [mark for mark in marks if abs(mark.contact.trend) >= STEADY]
    moved.sort(key=lambda mark: (-abs(mark.contact.trend), mark.contact.id))
    taken: list[tuple[float, float, float, float]] = [
        (mark.x - mark.size, mark.y - mark.size, mark.x + mark.size, mark.y + mark.size)
        for mark in marks
        if mark.size > _COVERED
    ]
    for inner, outer in pairwise(edges):
        y, half = _below(inner, outer) - 5, _NAME_WIDTH / 2
        taken.append((CENTRE_X - half, y - _NAME_HEIGHT / 2, CENTRE_X + half, y + _NAME_HEIGHT / 2))
    named = 0
    for mark in moved[: 4 * MOST_NAMED]:
        text = name(mark.contact)
        text = text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…"
        for anchor in ("start", "end") if mark.x >= CENTRE_X else ("end", "start"):
            x = mark.x + (mark.size + 5) * (1 if anchor == "start" else -1)
            box = _box(x, mark.y, text, anchor)
            if box[0] >= 4 and box[2] <= WIDTH - 4 and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                named += 1
                yield Label(text, x, mark.y + 4, anchor)
                break
        if named == MOST_NAMED:
            return


def _box(x: float, y: float, text: str, anchor: str) -> tuple[float, float, float, float]:
    width = _LETTER * len(text)
    left = x if anchor == "start" else x - width
    return left, y - _LINE / 2, left + width, y + _LINE / 2


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
