"""Rule phrases: what is told in English of one observation, or of a fact, said in the report's language.

A language has them as patterns: the English phrase, with ``{name:kind}`` where it differs, beside its own. A kind is
one of the language's tables of words, or one of these:

- nothing: a name, and ``address``: an address, which stay as they are;
- ``quote``: what a mail or the owner says, which gets the language's quotation marks and stays as it is;
- ``date``: a day; ``n``: a number; ``said``: another phrase; ``each``: several of them, with semicolons between;
- ``list``: words of the table ``topics``, or names, as a list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keepwarm.outputs.desk import Desk

LONGEST = 1000
"""Characters of a phrase that are looked at."""

_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_QUOTED = re.compile("“([^“”]*)”")
_KINDS = {
    "": ".+",
    "address": r"\S+",
    "quote": "“.*”",
    "date": r"\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]+ \d{4}",
    "n": r"\d+",
    "said": ".+",
    "each": ".+",
    "list": ".+",
}
_MORE = re.compile(r"(\d+) more\Z")


@dataclass(frozen=True, slots=True)
class _Pattern:
    english: re.Pattern[str]
    kinds: Mapping[str, str]  # by the name of the slot
    own: str


class Phrases:
    """The phrases of one language."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._quotes: str = texts.get("quotes", "“{}”")
        self._words: Mapping[str, Mapping[str, str]] = texts.get("words", {})
        said = texts.get("said", {})
        specific = sorted(said, key=lambda english: (-len(_SLOT.sub("", english)), english))
        self._patterns = [self._pattern(english, said[english]) for english in specific]

    def said(self, desk: Desk, english: str) -> str:
        """Say a phrase; one that is not known stays as it is."""
        english = english[:LONGEST]
        for one in self._patterns:
            if found := one.english.fullmatch(english):
                values = {name: self._value(desk, kind, found[name]) for name, kind in one.kinds.items()}
                return one.own.format(**values)
        return self.quoted(english)

    def listed(self, desk: Desk, english: str) -> str:
        """Say a list: "plans, likes and dislikes"."""
        most, _, last = english.rpartition(" and ")
        parts = [*most.split(", "), last] if most else [last]
        return desk.words.join([self._listed_one(part) for part in parts])

    def quoted(self, text: str) -> str:
        """Put the language's quotation marks for the English ones."""
        return _QUOTED.sub(lambda quote: self._quotes.format(quote[1]), text)

    def _listed_one(self, part: str) -> str:
        if more := _MORE.match(part):
            return self._words.get("lists", {}).get("more", "{n} more").format(n=more[1])
        return self._words.get("topics", {}).get(part, part)

    def _value(self, desk: Desk, kind: str, text: str) -> str:
        if kind in self._words:
            return self._words[kind][text]
        by_kind: dict[str, Callable[[str], str]] = {
            "quote": lambda text: self._quotes.format(text[1:-1]),
            "date": lambda text: _day_said(desk, text),
            "said": lambda text: self.said(desk, text),
            "each": lambda text: "; ".join(self.said(desk, part) for part in text.split("; ")),
            "list": lambda text: self.listed(desk, text),
        }
        return by_kind[kind](text) if kind in by_kind else text

    def _pattern(self, english: str, own: str) -> _Pattern:
        """Read a phrase as it is written in the language's file. Raises KeyError for a kind that there is none of."""
        kinds: dict[str, str] = {}
        pattern, end = "", 0
        for slot in _SLOT.finditer(english):
            name, kind = slot[1], slot[2] or ""
            kinds[name] = kind
            pattern += f"{re.escape(english[end : slot.start()])}(?P<{name}>{self._shape(kind)})"
            end = slot.end()
        return _Pattern(re.compile(pattern + re.escape(english[end:]), re.DOTALL), kinds, own)

    def _shape(self, kind: str) -> str:
        return "|".join(map(re.escape, self._words[kind])) if kind in self._words else _KINDS[kind]


def _day_said(desk: Desk, text: str) -> str:
    try:
        day = date.fromisoformat(text) if text[:4].isdigit() else _english_day(text)
    except ValueError:
        return text
    return desk.dates.day(day)


def _english_day(text: str) -> date:
    number, month, year = text.split()
    first = datetime.strptime(f"1 {month} 2000", "%d %B %Y").date()  # noqa: DTZ007 - a day has no zone
    return date(int(year), first.month, int(number))
