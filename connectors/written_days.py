"""Days as people write them, "3 December", "3.12.", "2026-12-03": the names of the months are ``written_days.toml``.

Nothing is guessed: a date that could be read in two ways is none.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_YEAR = r"(?P<year>\d{4}|\d{2}(?![.\d]))"
_ORDERS = (  # each begins where the words before the date end
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
    rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})(?:\.\s?{_YEAR}|\.|(?![.\d]))",
    rf"(?P<one>\d{{1,2}})[/-](?P<other>\d{{1,2}})(?:[/-]{_YEAR})?",
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?\s?(?:of\s)?(?P<name>[^\W\d_]{3,9})\b\.?(?:,?\s(?P<year>\d{4}))?",
    r"(?P<name>[^\W\d_]{3,9})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s(?P<year>\d{4}))?",
)


def written_day(text: str, position: int, today: date) -> date | None:
    """Read the date that stands at ``position`` of a text in lower case; None if there is none.

    Without a year it is the next such day, ``today`` included; a year is believed if it is this one or the next.
    """
    for order in _orders():
        found = order.match(text, position)
        parts = None if found is None else _parts(found)
        if parts is not None:
            return _placed(*parts, today)
    return None


@cache
def months() -> Mapping[str, int]:
    """Give the numbers of the months by their names, in lower case."""
    listed = tomllib.loads(files("keepwarm.connectors").joinpath("written_days.toml").read_text("utf-8"))["months"]
    return {name: number for number, names in enumerate(listed, 1) for name in names}


@cache
def _orders() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(order + r"(?![\d:/]|-\d)", re.ASCII if "name" not in order else 0) for order in _ORDERS)


def _parts(found: re.Match[str]) -> tuple[int, int, int | None] | None:
    """Give day, month and year (None if there is none) of a date that can be read in one way only."""
    said = found.groupdict()
    year = int(said["year"]) + (2000 if len(said["year"]) == 2 else 0) if said.get("year") else None
    if "one" in said:
        one, other = int(said["one"]), int(said["other"])
        if one == other or one > 12:
            return one, other, year
        return (other, one, year) if other > 12 else None
    month = months().get(said["name"]) if "name" in said else int(said["month"])
    return None if month is None else (int(said["day"]), month, year)


def _placed(day: int, month: int, year: int | None, today: date) -> date | None:
    try:
        if year is not None:
            return date(year, month, day) if today.year <= year <= today.year + 1 else None
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
