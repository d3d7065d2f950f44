"""The sonar on the page: everybody on a dial and in a list, and who of them was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from keepwarm.outputs.page.frame import NOTHING, coordinate, html
from keepwarm.outputs.page.sonar_picture import CENTRE_X, CENTRE_Y, HEIGHT, WIDTH, picture
from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.sonar import DIRECTIONS, direction_of
from keepwarm.outputs.warmth import arrow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.page.frame import Frame
    from keepwarm.storage.everybody import Everybody
    from keepwarm.storage.views import ContactView

_LONGEST_ASKED = 100
_NEVER = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of the page asks for; all of it may be missing or nonsense."""

    words: str = ""
    label: str = ""
    organisation: str = ""
    sort: str = "warmth"

    @property
    def filters(self) -> bool:
        """Whether some are asked for, and not all."""
        return bool(self.words or self.label or self.organisation)

    def address(self, **changes: str) -> str:
        """Give the address that asks for this, with changes."""
        values = {"q": self.words, "label": self.label, "organisation": self.organisation, "sort": self.sort, **changes}
        said = {key: value for key, value in values.items() if value and (key, value) != ("sort", "warmth")}
        return f"/?{urlencode(said)}" if said else "/"


def asked(values: dict[str, str]) -> Asked:
    """Read what the address asks for."""
    sort = values.get("sort", "")
    return Asked(
        words=one_line(values.get("q", ""), _LONGEST_ASKED),
        label=values.get("label", "")[:_LONGEST_ASKED],
        organisation=values.get("organisation", "")[:300],
        sort=sort if sort in _ORDERS else "warmth",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One contact, ready to be shown."""

    id: str
    name: str
    about: str
    direction: str
    band: str
    level: int
    arrow: str
    heard: str  # when they were heard last
    heard_at: float  # the same, to sort by
    in_words: str  # all of it, for the mark on the dial
    signals: int
    shown: bool  # it is one of those who were asked for


_ORDERS: dict[str, Callable[[ContactView, Row], Any]] = {
    "warmth": lambda one, row: (-one.warmth, row.name.casefold(), one.id),
    "coldest": lambda one, row: (one.warmth, row.name.casefold(), one.id),
    "name": lambda one, row: (row.name.casefold(), one.id),
    "change": lambda one, row: (one.trend, row.name.casefold(), one.id),
    "warming": lambda one, row: (-one.trend, row.name.casefold(), one.id),
    "heard": lambda one, row: (-row.heard_at, one.id),
    "longest": lambda one, row: (row.heard_at, one.id),
}
_COLUMNS = (("name", "name", "name"), ("warmth", "warmth", "coldest"), ("change", "change", "warming"))
_LAST_COLUMN = ("heard", "heard", "longest")


def sonar_html(frame: Frame, everybody: Everybody, wanted: Asked) -> str:
    """Set the sonar."""
    people = everybody.people
    makers = _Rows(frame.desk, wanted, everybody.heard)
    rows = {one.id: makers.row(one) for one in people}
    drawn = picture(people, lambda one: rows[one.id].name)
    order = _ORDERS[wanted.sort]
    listed = [rows[one.id] for one in sorted(people, key=lambda one: order(one, rows[one.id])) if rows[one.id].shown]
    words = frame.words
    return html(
        "sonar.html.j2",
        frame,
        asked=wanted,
        picture=drawn,
        width=WIDTH,
        height=HEIGHT,
        centre_x=coordinate(CENTRE_X),
        centre_y=coordinate(CENTRE_Y),
        rows=rows,
        listed=listed,
        directions=DIRECTIONS,
        columns=[_column(frame, wanted, *column) for column in (*_COLUMNS, _LAST_COLUMN)],
        labels=[(one, words.name_of("labels", one)) for one in sorted({one for who in people for one in who.labels})],
        organisations=sorted({one.organisation for one in people if one.organisation}),
        total=words.count("sonar.total", len(people)),
        found=words.count("page.sonar.found", len(listed), of=words.number(len(people))) if wanted.filters else "",
    )


def _column(frame: Frame, wanted: Asked, name: str, first: str, second: str) -> dict[str, str]:
    """Give a column's head: by it the list is sorted, and sorted the other way round if it is already."""
    is_sorted = "descending" if wanted.sort == second != first else "ascending" if wanted.sort == first else ""
    return {
        "name": name,
        "title": frame.words.get(f"page.sonar.columns.{name}"),
        "sorted": is_sorted,
        "address": wanted.address(sort=second if wanted.sort == first else first),
    }


class _Rows:
    """Makes rows; what many contacts share is made once."""

    def __init__(self, desk: Desk, wanted: Asked, heard: dict[str, datetime]) -> None:
        self._desk = desk
        self._wanted = wanted
        self._heard = heard
        self._needles = wanted.words.casefold().split()
        self._abouts: dict[tuple[str | None, tuple[str, ...]], str] = {}
        self._days: dict[object, str] = {}

    def row(self, one: ContactView) -> Row:
        desk, words = self._desk, self._desk.words
        name, about, direction = desk.name(one), self._about(one), direction_of(one)
        level, change = round(one.warmth), round(one.trend)
        band = words.get(f"bands.{one.band}")
        return Row(
            id=one.id,
            name=name,
            about=about,
            direction=direction,
            band=one.band,
            level=level,
            arrow=arrow(words, change),
            heard=self._heard_on(one),
            heard_at=self._heard[one.id].timestamp() if one.id in self._heard else _NEVER,
            in_words=words.say("page.sonar.mark", name=name, level=level, band=band, change=f"{change:+d}"),
            signals=len(one.open_signals),
            shown=self._shown(one, name),
        )

    def _about(self, one: ContactView) -> str:
        key = (one.organisation, one.labels)
        if key not in self._abouts:
            self._abouts[key] = self._desk.about(one)
        return self._abouts[key]

    def _heard_on(self, one: ContactView) -> str:
        at = self._heard.get(one.id)
        if at is None:
            return NOTHING
        day = self._desk.dates.local(at).date()
        if day not in self._days:
            self._days[day] = self._desk.dates.brief(at)
        return self._days[day]

    def _shown(self, one: ContactView, name: str) -> bool:
        wanted = self._wanted
        if wanted.label and wanted.label not in one.labels:
            return False
        if wanted.organisation and wanted.organisation != one.organisation:
            return False
        if not self._needles:
            return True
        hay = " ".join((name, *one.addresses, one.organisation or "", *one.labels)).casefold()
        return all(needle in hay for needle in self._needles)
