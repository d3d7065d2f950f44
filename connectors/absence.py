"""What people say of their absences in titles and subjects, in English and German: the words are ``absence.toml``.

Nothing is guessed: a date that could be read in two ways is none, and so is one that lies months ahead.
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.written_days import written_day

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = timedelta(days=120)
"""An absence that ends later than this after the mail is not believed."""

_READ = 300  # characters of a text that are looked at
_REPLIES = r"(?:(?:re|aw|antw|fw|fwd|wg)(?:\[\d{1,3}\])?\s?:\s?)*"


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("keepwarm.connectors").joinpath("absence.toml").read_text("utf-8"))


@cache
def _any_of(table: str, *keys: str) -> re.Pattern[str]:
    """Match one of the words of a table as a whole word."""
    return _whole(word for key in keys for word in _words()[table][key])


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def is_absence_title(title: str) -> bool:
    """Say whether an event of this title is somebody's absence, and not a meeting about absences."""
    text = _plain(title)
    if "?" in text or _any_of("away", "statements", "titles").search(text) is None:
        return False
    return _any_of("away", "unless").search(text) is None


def says_away(text: str) -> bool:
    """Say whether somebody gives an absence as their reason."""
    return _any_of("away", "statements").search(_plain(text)) is not None


def is_apology(subject: str) -> bool:
    """Say whether a subject is sorry for a meeting that its author missed."""
    if _apology().match(subject) is None:  # asked of each mail: so it is asked first, and in one go
        return False
    text = _plain(subject)
    if _any_of("apology", "others").search(text):
        return False
    return all(_any_of("apology", key).search(text) for key in ("missed", "meetings"))


@cache
def _apology() -> re.Pattern[str]:
    beginnings = "|".join(
        re.escape(one).replace("'", "['\N{RIGHT SINGLE QUOTATION MARK}]") for one in _words()["apology"]["beginnings"]
    )
    return re.compile(rf"{_REPLIES}(?:{beginnings})(?!\w)", re.IGNORECASE)


def away_until(subject: str, at: datetime) -> datetime | None:
    """Say when the author of an out-of-office reply is back, in UTC, if its subject, sent ``at`` (aware), says so.

    The last day of an absence counts whole, the day of a return not at all. Of several dates the last counts.
    """
    text = _plain(subject)
    found: datetime | None = None
    for cue in _any_of("until", "last", "first").finditer(text):
        day = written_day(text, _after_filling(text, cue.end()), at.astimezone(UTC).date())
        if day is not None:
            after = timedelta(days=cue[0] in _words()["until"]["last"])
            found = datetime.combine(day + after, time(), UTC)
    return found if found is not None and at < found <= at + LONGEST else None


def _plain(text: str) -> str:
    return " ".join(text[:_READ].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower().split())


def _after_filling(text: str, position: int) -> int:
    """Give where the words end that may stand before a date."""
    return _filling().match(text, position).end()  # type: ignore[union-attr]  # it matches nothing, too


@cache
def _filling() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, _words()["until"]["between"]), key=len, reverse=True))
    return re.compile(rf"(?:[\s,:(\[]+(?:(?:{words})(?!\w)\.?)?)*")
