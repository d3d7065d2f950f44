"""Reads one table of a rule file: values of the right kind out, and every mistake with its place and its cure."""

from __future__ import annotations

import difflib
import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keepwarm.rules.rule import Family
from keepwarm.rules.rule_problems import Problem
from keepwarm.rules.tuning import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from keepwarm.rules.rule_places import Place, Places

WHILE_TRUE = "while true"
WARMTH_AT_MOST = 10.0
LONGEST_TEXT = 2000  # characters: no condition or sentence that a person reads is longer
LARGEST_NUMBER = 2**63 - 1  # CEL's int has 64 bits

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
"""What ids and names of parameters are made of."""

_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
_SPAN = re.compile(r"(\d{1,6})\s*([hdwy])\Z")
_SPAN_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_LONGEST_SPAN = timedelta(days=36500)
_CALLED = {str: "a text", list: "a list of texts", dict: "a table", float: "a number", bool: "true or false"}


class TableReader:
    """Reads a table that may have the keys of ``kinds``, whose values are what is left out means."""

    def __init__(self, file: str, places: Places, number: int, written: Mapping[str, Any]) -> None:
        self.problems: list[Problem] = []
        self.file = file
        self._places = places
        self._number = number
        self._written = written
        self._values: dict[str, Any] = {}

    @property
    def called(self) -> str:
        """The id of the rule that the table is about, as written."""
        raise NotImplementedError

    def check_labels(self, labels: Sequence[str]) -> None:
        """Refuse what can be nobody's label: such a rule would be meant for nobody."""
        for label in labels:
            if label != EVERYBODY and not _LABEL.fullmatch(label):
                why = f"{label!r} is no label"
                self.problem(why, key="labels", hint="a word of up to 40 of a-z, 0-9, - and _, such as client; or *")

    def problem(self, why: str, *, key: str = "", place: Place | None = None, hint: str = "") -> None:
        """Note a mistake: at ``place``, at ``key``, or at the table as a whole."""
        found = self._places.key(self._number, key) if key else self._places.table(self._number)
        line, column = place or found
        self.problems.append(Problem(file=self.file, line=line, column=column, rule=self.called, why=why, hint=hint))

    @property
    def version(self) -> str:
        """A hash of the table as it is written."""
        return sha256(repr(sorted(self._written.items())).encode()).hexdigest()[:8]

    def _check_keys(self, known: Collection[str]) -> None:
        for key in sorted(self._written.keys() - set(known)):
            hint = "enabled = false switches it off" if key in ("off", "disabled") else did_you_mean(key, known)
            self.problem(f"unknown key {key!r}", key=key, hint=hint)

    def _of_kind(self, key: str, default: Any) -> Any:
        """Give the value of a key; ``default`` if there is none, or one of another kind."""
        value = self._written.get(key, default)
        wanted = (int, float) if isinstance(default, float) else type(default)
        fits = isinstance(value, wanted) and isinstance(value, bool) == isinstance(default, bool)
        if fits and (not isinstance(value, list) or all(isinstance(one, str) for one in value)):
            texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
            if all(len(text) <= LONGEST_TEXT for text in texts):
                return value
            self.problem(f"{key} is longer than {LONGEST_TEXT:,} characters", key=key)
            return default
        self.problem(f"{key} has to be {_CALLED[type(default)]}", key=key, hint=_hint(key, value, default))
        return default

    def _one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self._values[key]
        if value in allowed:
            return str(value)
        if value:  # a missing one is told anyway
            named = ", ".join(repr(str(one)) for one in allowed if one)
            why = f"{key} is {value!r}; it has to be one of {named}"
            self.problem(why, key=key, hint=did_you_mean(value, allowed))
        return str(allowed[0])

    def _check_warmth(self, points: float, family: str) -> None:
        if not abs(points) <= WARMTH_AT_MOST:  # "not a number" neither
            self.problem(f"warmth is at most {WARMTH_AT_MOST:g} points either way", key="warmth")
        elif family == Family.MIRROR and points:
            self.problem("what the owner did never changes the contact's warmth", key="warmth", hint="leave warmth out")

    def _span(self, key: str) -> timedelta | None:
        """Give the span that a key holds; None for ``while true``, which only ``open_for`` may be."""
        text = self._values[key]
        if key == "open_for" and text == WHILE_TRUE:
            return None
        if match := _SPAN.match(text):
            span = int(match[1]) * _SPAN_UNITS[match[2]]
            if key == "open_for" and not span:
                self.problem("open_for is 0: nothing would stay open", key=key, hint=f'"1d", or "{WHILE_TRUE}"')
            if span <= _LONGEST_SPAN:
                return span
        allowed = f' or "{WHILE_TRUE}"' if key == "open_for" else ""
        self.problem(f'{key} is {text!r}; it has to be a span like "36h", "14d", "8w", "1y"{allowed}', key=key)
        return timedelta(0)


def did_you_mean(word: str, known: Collection[str], otherwise: str = "") -> str:
    """Give a hint at the known word that is nearest to what was written."""
    near = difflib.get_close_matches(word, [one for one in known if one], n=1)
    return f"did you mean {near[0]}?" if near else otherwise


def _hint(key: str, value: Any, default: Any) -> str:
    if isinstance(default, list) and isinstance(value, str):
        return f"put it in brackets: {key} = [...]"
    if isinstance(default, bool) and isinstance(value, str):
        return "written small, and without quotes"
    if isinstance(default, float) and isinstance(value, str):
        return "without quotes"
    if key in ("cooldown", "open_for") and isinstance(value, int) and not isinstance(value, bool):
        return f'write "{value}d" for {value} days'
    return ""
