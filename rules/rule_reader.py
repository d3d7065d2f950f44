"""Reads one ``[[rule]]`` table: a checked rule out, or every mistake in it with its place and its cure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from keepwarm.rules import sentences
from keepwarm.rules.conditions import ConditionError, Vocabulary
from keepwarm.rules.facts import FACTS_OF, Value
from keepwarm.rules.rule import Family, Rule, Scope, Strength
from keepwarm.rules.table_reader import LARGEST_NUMBER, NAME, TableReader
from keepwarm.rules.warmth import BANDS
from keepwarm.rules.watch import SINCE_OPENED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.rule_places import Places

_QUOTED_AT_MOST = 200  # characters of a condition that a problem repeats
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NEEDED = ("family", "when", "sentence")
_KINDS: dict[str, Any] = {
    "title": "",
    "family": "",
    "scope": Scope.CONTACT.value,
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


class RuleReader(TableReader):
    """Reads the rule that is the ``number``-th of its file, and gathers what is wrong with it."""

    def __init__(self, file: str, places: Places, number: int, written: Mapping[str, Any]) -> None:
        super().__init__(file, places, number, written)
        if not NAME.match(self.called):
            self.problem("every rule needs an id of lower-case letters, digits and _", hint=f"found {self.called!r}")
        self._check_keys([*_KINDS, "id"])
        self._values = {key: self._of_kind(key, default) for key, default in _KINDS.items()}
        self._scope = Scope(self._one_of("scope", tuple(Scope)))
        self._facts = FACTS_OF[self._scope]

    @property
    def called(self) -> str:
        """The rule's id."""
        return str(self._written.get("id", ""))

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
        self._check_scope()
        self.check_labels(values["labels"])
        cooldown, open_for = self._span("cooldown"), self._span("open_for")
        if self.problems or sentence is None or strength is None or cooldown is None:
            return None
        return Rule(
            id=self.called,
            title=values["title"],
            family=Family(family),
            scope=self._scope,
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
            version=self.version,
            source=self.file,
        )

    def _check_needed(self) -> None:
        for key in _NEEDED:
            if key not in self._written or self._written[key] in ("", []):
                self.problem(f"{key} is missing")

    def _params(self) -> dict[str, Value]:
        found = {}
        for name, value in self._values["param"].items():
            if not NAME.match(name):
                self.problem(f"param.{name}: a name is made of lower-case letters, digits and _", key=name)
            elif not isinstance(value, (bool, int, float, str)):
                self.problem(f"param.{name} has to be a number, a text, true or false", key=name)
            else:
                found[f"param.{name}"] = value
                if not isinstance(value, str) and not abs(value) <= LARGEST_NUMBER:  # "not a number" neither
                    self.problem(f"param.{name} is too large a number", key=name)
        return found

    def _conditions(
        self, params: Mapping[str, Value]
    ) -> tuple[list[Condition | None], Condition | None, Condition | None]:
        of_facts = {name: fact.type for name, fact in self._facts.items()}
        types = {**of_facts, **{one: type(params[one]) for one in params}}
        since_opened = SINCE_OPENED if self._scope is Scope.CONTACT else {}
        vocabulary, extended = Vocabulary(types), Vocabulary({**types, **since_opened})
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
            for mistake in (error, *error.following):
                self._mistaken(key, text, mistake)
            return None
        return condition

    def _mistaken(self, key: str, text: str, mistake: ConditionError) -> None:
        line, column = self._places.text(self._number, key, text)
        place = (line, column + mistake.column - 1) if mistake.line == 1 else (line + mistake.line - 1, mistake.column)
        told = text if len(text) <= _QUOTED_AT_MOST else text[:_QUOTED_AT_MOST] + "…"
        self.problem(f"{told!r}: {mistake}", place=place, hint=self._of_another_scope(text) or mistake.hint)

    def _sentence(self, text: str, params: Mapping[str, Value]) -> sentences.Sentence | None:
        known: dict[str, sentences.Kind] = {"name": "text"}
        known |= {name: _kind(fact.type, fact.unit) for name, fact in self._facts.items()}
        known |= {name: _kind(type(value), "") for name, value in params.items()}
        try:
            return sentences.checked(text, known)
        except sentences.SentenceError as error:
            place = self._places.text(self._number, "sentence", error.slot) if error.slot else None
            self.problem(str(error), key="sentence", place=place, hint=self._of_another_scope(text) or error.hint)
            return None

    def _check_scope(self) -> None:
        if self._scope is Scope.CONTACT:
            return
        for key in ("warmth", "silence", "band_at_most"):
            if self._values[key]:
                why = f"{key} is for rules about one contact alone"
                self.problem(why, key=key, hint=f"leave {key} out, or scope")

    def _of_another_scope(self, text: str) -> str:
        """Say of the first name that is a fact of another scope what would have to be written."""
        for name in _WORD.findall(text):
            for scope, facts in FACTS_OF.items():
                if name in facts and name not in self._facts:
                    return f'{name} is a fact for rules with scope = "{scope}"'
        return ""


def _check_strength(text: str) -> None:
    for quoted in _QUOTED.finditer(text):
        if (quoted[1] or quoted[2]) not in tuple(Strength):
            why = f"a strength is one of {', '.join(Strength)}"
            raise ConditionError(why, column=quoted.start() + 1, hint=f"found {quoted[1] or quoted[2]!r}")


def _kind(kind: type[Value], unit: str) -> sentences.Kind:
    if kind is not str:
        return "number"
    return "date" if unit == "date" else "text"
