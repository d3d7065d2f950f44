"""Reads one ``[[rule]]`` table: a checked rule out, or every mistake in it with its place and its cure."""

from __future__ import annotations

import difflib
import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keepwarm.rules import sentences
from keepwarm.rules.conditions import ConditionError, Vocabulary
from keepwarm.rules.facts import FACTS, Value
from keepwarm.rules.findings import SINCE_OPENED
from keepwarm.rules.rule import Family, Rule, Strength
from keepwarm.rules.rule_problems import Problem
from keepwarm.rules.warmth import BANDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.rule_places import Place, Places

WHILE_TRUE = "while true"
WARMTH_AT_MOST = 10.0

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_SPAN = re.compile(r"(\d{1,6})\s*([hdwy])\Z")
_SPAN_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
_LONGEST_SPAN = timedelta(days=36500)
_LARGEST_NUMBER = 2**63 - 1  # CEL's int has 64 bits
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NEEDED = ("family", "when", "sentence")
_KINDS: dict[str, Any] = {
    "family": "",
    "labels": ["*"],
    "when": [],
    "clear": "",
    "param": {},
    "strength": "medium",
    "sentence": "",
    "advice": "",
    "warmth": 0.0,
    "cooldown": "14d",
    "open_for": "30d",
    "silence": False,
    "band_at_most": "",
    "enabled": True,
}
"""The keys of a rule, with the values that they have if they are left out."""

_CALLED = {str: "a text", list: "a list of texts", dict: "a table", float: "a number", bool: "true or false"}


class RuleReader:
    """Reads the rule that is the ``number``-th of its file, and gathers what is wrong with it."""

    def __init__(self, file: str, places: Places, number: int, written: Mapping[str, Any]) -> None:
        self.id = str(written.get("id", ""))
        self.problems: list[Problem] = []
        self._file = file
        self._places = places
        self._number = number
        self._written = written
        self._check_keys()
        self._values = {key: self._of_kind(key, default) for key, default in _KINDS.items()}

    @property
    def enabled(self) -> bool:
        """False for a rule that only switches off the one of its id."""
        return bool(self._values["enabled"])

    def rule(self) -> Rule | None:
        """Give the rule; None if anything is wrong with it."""
        values, params = self._values, self._params()
        when, clear, strength = self._conditions(params)
        sentence = self._sentence(values["sentence"], params)
        family = self._one_of("family", tuple(Family))
        band = self._one_of("band_at_most", ("", *BANDS))
        self._check_needed()
        self._check_warmth(values["warmth"], family)
        cooldown = self._span("cooldown")
        open_for = None if values["open_for"] == WHILE_TRUE else self._span("open_for")
        if self.problems or sentence is None or strength is None:
            return None
        return Rule(
            id=self.id,
            family=Family(family),
            labels=frozenset(values["labels"]),
            when=tuple(condition for condition in when if condition),
            clear=clear,
            strength=strength,
            sentence=sentence,
            advice=values["advice"],
            warmth=float(values["warmth"]),
            cooldown=cooldown,
            open_for=open_for,
            silence=values["silence"],
            band_at_most=band,
            params=params,
            version=sha256(repr(sorted(self._written.items())).encode()).hexdigest()[:8],
            source=self._file,
        )

    def problem(self, why: str, *, key: str = "", place: Place | None = None, hint: str = "") -> None:
        """Note a mistake: at ``place``, at ``key``, or at the rule as a whole."""
        found = self._places.key(self._number, key) if key else self._places.rule(self._number)
        line, column = place or found
        self.problems.append(Problem(file=self._file, line=line, column=column, rule=self.id, why=why, hint=hint))

    def _check_keys(self) -> None:
        if not _ID.match(self.id):
            self.problem("every rule needs an id of lower-case letters, digits and _", hint=f"found {self.id!r}")
        for key in sorted(self._written.keys() - _KINDS.keys() - {"id"}):
            near = difflib.get_close_matches(key, _KINDS, n=1)
            self.problem(f"unknown key {key!r}", key=key, hint=f"did you mean {near[0]}?" if near else "")

    def _check_needed(self) -> None:
        for key in _NEEDED:
            if key not in self._written or self._written[key] in ("", []):
                self.problem(f"{key} is missing")

    def _of_kind(self, key: str, default: Any) -> Any:
        value = self._written.get(key, default)
        wanted = (int, float) if isinstance(default, float) else type(default)
        fits = isinstance(value, wanted) and isinstance(value, bool) == isinstance(default, bool)
        if fits and (not isinstance(value, list) or all(isinstance(one, str) for one in value)):
            return value
        self.problem(f"{key} has to be {_CALLED[type(default)]}", key=key)
        return default

    def _params(self) -> dict[str, Value]:
        found = {}
        for name, value in self._values["param"].items():
            if not _ID.match(name):
                self.problem(f"param.{name}: a name is made of lower-case letters, digits and _", key=name)
            elif not isinstance(value, (bool, int, float, str)):
                self.problem(f"param.{name} has to be a number, a text, true or false", key=name)
            else:
                found[f"param.{name}"] = value
                if not isinstance(value, str) and not abs(value) <= _LARGEST_NUMBER:  # "not a number" neither
                    self.problem(f"param.{name} is too large a number", key=name)
        return found

    def _conditions(
        self, params: Mapping[str, Value]
    ) -> tuple[list[Condition | None], Condition | None, Condition | None]:
        types = {**{name: fact.type for name, fact in FACTS.items()}, **{one: type(params[one]) for one in params}}
        vocabulary, extended = Vocabulary(types), Vocabulary({**types, **SINCE_OPENED})
        # Without names of texts: a strength is one of the words that are written in it.
        for_strength = Vocabulary({name: kind for name, kind in types.items() if kind is not str})
        strength = self._values["strength"]
        expression = f"'{strength}'" if strength in tuple(Strength) else strength
        return (
            [self._condition("when", vocabulary, text, bool) for text in self._values["when"]],
            self._condition("clear", extended, self._values["clear"], bool) if self._values["clear"] else None,
            self._condition("strength", for_strength, expression, str),
        )

    def _condition(self, key: str, vocabulary: Vocabulary, text: str, result: type[Value]) -> Condition | None:
        try:
            condition = vocabulary.compile(text, result)
            if key == "strength":
                _check_strength(text)
        except ConditionError as error:
            line, column = self._places.text(self._number, key, text)
            place = (line, column + error.column - 1) if error.line == 1 else (line + error.line - 1, error.column)
            self.problem(f"{text!r}: {error}", place=place, hint=error.hint)
            return None
        return condition

    def _sentence(self, text: str, params: Mapping[str, Value]) -> sentences.Sentence | None:
        known: dict[str, sentences.Kind] = {"name": "text"}
        known |= {name: _kind(fact.type, fact.unit) for name, fact in FACTS.items()}
        known |= {name: _kind(type(value), "") for name, value in params.items()}
        try:
            return sentences.checked(text, known)
        except sentences.SentenceError as error:
            self.problem(str(error), key="sentence")
            return None

    def _one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self._values[key]
        if value in allowed:
            return str(value)
        if value:  # a missing one is told anyway
            named = ", ".join(repr(str(one)) for one in allowed if one)
            self.problem(f"{key} is {value!r}; it has to be one of {named}", key=key)
        return str(allowed[0])

    def _check_warmth(self, points: float, family: str) -> None:
        if not abs(points) <= WARMTH_AT_MOST:  # "not a number" neither
            self.problem(f"warmth is at most {WARMTH_AT_MOST:g} points either way", key="warmth")
        elif family == Family.MIRROR and points:
            self.problem("what the owner did never changes the contact's warmth", key="warmth", hint="leave warmth out")

    def _span(self, key: str) -> timedelta:
        text = self._values[key]
        if match := _SPAN.match(text):
            span = int(match[1]) * _SPAN_UNITS[match[2]]
            if span <= _LONGEST_SPAN:
                return span
        allowed = f' or "{WHILE_TRUE}"' if key == "open_for" else ""
        self.problem(f'{key} is {text!r}; it has to be a span like "36h", "14d", "8w", "1y"{allowed}', key=key)
        return timedelta(0)


def _check_strength(text: str) -> None:
    for quoted in _QUOTED.finditer(text):
        if (quoted[1] or quoted[2]) not in tuple(Strength):
            why = f"a strength is one of {', '.join(Strength)}"
            raise ConditionError(why, column=quoted.start() + 1, hint=f"found {quoted[1] or quoted[2]!r}")


def _kind(kind: type[Value], unit: str) -> sentences.Kind:
    if kind is not str:
        return "number"
    return "date" if unit == "date" else "text"
