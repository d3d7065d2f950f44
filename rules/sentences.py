"""Sentences: what a signal says, with facts put in as a person would say them.

``{fact}`` puts a value in, ``{fact:days}``, ``{fact:hours}``, ``{fact:minutes}``, ``{fact:times}``,
``{fact:percent}`` with its unit, and ``{fact:date}`` a day. Nothing but names of facts can stand in the braces. A
sentence is read for as long as its signal is open: "since 3 July" stays true, "for 50 days" does not.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keepwarm.rules.facts import Value

Kind = Literal["number", "date", "text"]
"""What a value is, for a sentence: a date is a text like "2026-07-03"."""

_SLOT = re.compile(r"\{([^{}]*)\}")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)(?::([a-z]+))?\Z")
_WORDS = {0: "never", 1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times"}


class SentenceError(Exception):
    """A sentence that cannot be put together; ``slot`` is the part that cannot, as it is written, braces and all."""

    def __init__(self, why: str, *, slot: str = "", hint: str = "") -> None:
        super().__init__(why)
        self.slot = slot
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Sentence:
    """A checked sentence; ``names`` are the facts that it shows."""

    text: str
    names: tuple[str, ...]

    def put(self, values: Mapping[str, Value]) -> str:
        """Put the values in; a value that is absent reads "an unknown number"."""

        def fill(slot: re.Match[str]) -> str:
            inside = _INSIDE.match(slot[1])
            if inside is None or inside[1] not in values:
                return "an unknown number"
            return _said(values[inside[1]], inside[2] or "")

        return _SLOT.sub(fill, self.text)


def checked(text: str, known: Mapping[str, Kind]) -> Sentence:
    """Check a sentence against the names that are known, and what they are.

    Raises SentenceError.
    """
    names = []
    for slot in _SLOT.finditer(text):
        inside = _INSIDE.match(slot[1])
        if inside is None or inside[1] not in known:
            raise SentenceError(f"{slot[0]} names nothing that is known", slot=slot[0], hint=_nearest(slot[1], known))
        _check_form(slot[0], inside[2], known[inside[1]])
        names.append(inside[1])
    if {"{", "}"} & set(_SLOT.sub("", text)):
        raise SentenceError("there is a brace without its partner")
    return Sentence(text, tuple(dict.fromkeys(names)))


def _check_form(slot: str, form: str | None, kind: Kind) -> None:
    """Refuse a form that the value cannot take: it would fail only once the sentence is said."""
    if not form:
        return
    if form not in _FORMS:
        raise SentenceError(f"{slot}: the form is one of {', '.join(sorted(_FORMS))}", slot=slot)
    wanted = "date" if form == "date" else "number"
    if kind != wanted:
        raise SentenceError(f"{slot}: this is a {kind}, and not a {wanted}", slot=slot)


def _nearest(inside: str, known: Mapping[str, Kind]) -> str:
    near = difflib.get_close_matches(inside.partition(":")[0].strip(), known, n=1)
    return f"did you mean {near[0]}?" if near else "`keepwarm rules facts` lists the names"


def _said(value: Value, form: str) -> str:
    if form:
        return _date(str(value)) if form == "date" else _UNITS[form](float(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _counted(number: float, one: str, many: str) -> str:
    whole = round(number)
    return f"{whole} {one if whole == 1 else many}"


def _days(value: float) -> str:
    return _counted(value, "day", "days") if value < 700 else _counted(value / 365.25, "year", "years")


def _hours(value: float) -> str:
    """Say working hours: a working day has about eight of them."""
    if value < 1:
        return "less than an hour"
    if value < 16:
        return _counted(value, "working hour", "working hours")
    return _counted(value / 9, "working day", "working days")


def _minutes(value: float) -> str:
    return _counted(value, "minute", "minutes")


def _times(value: float) -> str:
    return _WORDS.get(round(value), f"{round(value)} times")


def _date(value: str) -> str:
    return day_said(date.fromisoformat(value))


def day_said(day: date) -> str:
    """Say a day: 3 July 2026."""
    return f"{day.day} {day:%B %Y}"


def _percent(value: float) -> str:
    return f"{round(100 * value)}%"


def _messages(value: float) -> str:
    return _counted(value, "message", "messages")


def _meetings(value: float) -> str:
    return _counted(value, "meeting", "meetings")


_UNITS: dict[str, Callable[[float], str]] = {
    "days": _days,
    "hours": _hours,
    "minutes": _minutes,
    "times": _times,
    "percent": _percent,
    "messages": _messages,
    "meetings": _meetings,
}
_FORMS = {*_UNITS, "date"}
