"""Sonar: every contact at once, by band and by direction, and who moved most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.warmth import Warmth, warmth_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import ContactView

BANDS = ("close", "happy_medium", "cool", "cold")
DIRECTIONS = ("cooling", "steady", "warming")
MARKS = {"cooling": "▼", "steady": "●", "warming": "▲"}
STEADY = 3.0
"""Points of warmth within which 30 days count as steady."""

MOST_MARKS = 12
"""Marks of the fullest cell; with more people than that a mark stands for several."""

MOST_MOVED = 3
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Cell:
    """The contacts of one band that go one way."""

    direction: str
    count: int
    marks: str


@dataclass(frozen=True, slots=True)
class Ring:
    """One band of the sonar."""

    band: str
    name: str
    total: int
    cells: tuple[Cell, ...]  # cooling, steady, warming
    in_words: str


@dataclass(frozen=True, slots=True)
class Mover:
    """A contact whose warmth changed much within the week."""

    name: str
    warmth: Warmth
    link: str = ""  # to the contact on the local page


@dataclass(frozen=True, slots=True)
class Sonar:
    """The whole picture; warmest band first."""

    rings: tuple[Ring, ...]
    directions: tuple[str, ...]  # the headings
    total: str
    legend: str
    movers: tuple[Mover, ...]  # the ones that warmed most, then those that cooled most


def sonar(desk: Desk) -> Sonar:
    """Draw the sonar of the week's contacts."""
    words, contacts = desk.words, desk.week.contacts
    counts = Counter((contact.band, direction_of(contact)) for contact in contacts)
    per_mark = _people_per_mark(max(counts.values(), default=0))
    legend = words.say("sonar.legend", steady=round(STEADY))
    return Sonar(
        rings=tuple(_ring(desk, band, counts, per_mark) for band in BANDS),
        directions=tuple(words.get(f"directions.{direction}") for direction in DIRECTIONS),
        total=words.count("sonar.total", len(contacts)),
        legend=f"{words.count('sonar.scale', per_mark)} {legend}",
        movers=tuple(_movers(desk)),
    )


def direction_of(contact: ContactView) -> str:
    """Tell which way a contact goes: cooling, steady, warming."""
    if abs(contact.trend) < STEADY:
        return "steady"
    return "warming" if contact.trend > 0 else "cooling"


def _people_per_mark(fullest: int) -> int:
    """Give the smallest of 1, 2, 5, 10, 20 … with which the fullest cell has at most MOST_MARKS marks."""
    scale = 1
    while True:
        for step in _STEPS:
            if fullest <= MOST_MARKS * step * scale:
                return step * scale
        scale *= 10


def _ring(desk: Desk, band: str, counts: Counter[tuple[str, str]], per_mark: int) -> Ring:
    cells = tuple(_cell(direction, counts[band, direction], per_mark) for direction in DIRECTIONS)
    name, total = desk.words.get(f"bands.{band}"), sum(cell.count for cell in cells)
    numbers = {cell.direction: cell.count for cell in cells}
    return Ring(band, name, total, cells, desk.words.say("sonar.row", band=name, total=total, **numbers))


def _cell(direction: str, count: int, per_mark: int) -> Cell:
    return Cell(direction, count, MARKS[direction] * -(-count // per_mark))


def _movers(desk: Desk) -> Iterable[Mover]:
    change = desk.week.week_change
    moved = [contact for contact in desk.week.contacts if abs(change.get(contact.id, 0.0)) >= 1]
    moved.sort(key=lambda contact: (-abs(change[contact.id]), desk.name(contact), contact.id))
    up = [contact for contact in moved if change[contact.id] > 0][:MOST_MOVED]
    down = [contact for contact in moved if change[contact.id] < 0][:MOST_MOVED]
    return (Mover(desk.name(contact), warmth_of(desk, contact), desk.link(contact)) for contact in (*up, *down))
