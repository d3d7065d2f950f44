"""Reads one ``[[tune]]`` table: a tuning of a rule that is in force, or every mistake in it with its place and cure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from keepwarm.rules.table_reader import LARGEST_NUMBER, TableReader, did_you_mean
from keepwarm.rules.tuning import EVERYBODY, Tuning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.facts import Value
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.rule_places import Places

_KINDS: dict[str, Any] = {
    "rule": "",
    "labels": [EVERYBODY],
    "param": {},
    "warmth": 0.0,
    "cooldown": "14d",
    "open_for": "30d",
    "advice": "",
    "enabled": True,
}
"""The keys of a tuning, with a value of their kind; what is left out stays as the rule has it."""

_CALLED = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


class TuneReader(TableReader):
    """Reads the tuning that is the ``number``-th of its file, and gathers what is wrong with it."""

    def __init__(self, file: str, places: Places, number: int, written: Mapping[str, Any]) -> None:
        super().__init__(file, places, number, written)
        self._check_keys(_KINDS)
        self._values = {key: self._of_kind(key, default) for key, default in _KINDS.items()}

    @property
    def called(self) -> str:
        """The id of the rule that is tuned."""
        return str(self._written.get("rule", ""))

    def tuning(self, rules: Mapping[str, Rule]) -> Tuning | None:
        """Give the tuning of one of these rules; None if anything is wrong with it."""
        rule = rules.get(self.called)
        if rule is None:
            self._miss_rule(rules)
        params = self._params(rule)
        changes = self._changes(rule)
        if self._values["labels"] == []:
            self.problem("labels is empty", key="labels", hint="left out, it is for everybody")
        self.check_labels(self._values["labels"])
        if not params and not changes and not self.problems:
            self.problem("there is nothing that it tunes", hint="param, warmth, cooldown, open_for, advice or enabled")
        if self.problems:
            return None
        return Tuning(
            rule=self.called,
            labels=frozenset(self._values["labels"]),
            params=params,
            changes=changes,
            version=self.version,
            source=self.file,
            line=self._places.table(self._number)[0],
        )

    def _miss_rule(self, rules: Mapping[str, Rule]) -> None:
        if not self.called:
            self.problem("rule is missing: the id of the rule to tune")
            return
        hint = did_you_mean(self.called, rules, "`keepwarm rules list` names them")
        self.problem("there is no rule of this id to tune", key="rule", hint=hint)

    def _params(self, rule: Rule | None) -> dict[str, Value]:
        """Give the parameters that are tuned, each of the type that the rule's own has."""
        found: dict[str, Value] = {}
        for name, value in self._values["param"].items():
            if rule is None:
                continue
            usual = rule.params.get(f"param.{name}")
            if usual is None:
                known = [one.removeprefix("param.") for one in rule.params]
                hint = did_you_mean(name, known, f"it has {', '.join(known)}" if known else "it has none")
                self.problem(f"the rule has no parameter {name!r}", key=name, hint=hint)
            elif (tuned := _as_kind(value, type(usual))) is None:
                self.problem(f"param.{name} has to be {_CALLED[type(usual)]}, as {usual!r} is", key=name)
            else:
                found[f"param.{name}"] = tuned
        return found

    def _changes(self, rule: Rule | None) -> dict[str, Any]:
        found = {key: self._values[key] for key in ("advice", "enabled") if key in self._written}
        found |= {key: self._span(key) for key in ("cooldown", "open_for") if key in self._written}
        if "warmth" in self._written:
            self._check_warmth(self._values["warmth"], rule.family if rule else "")
            found["warmth"] = float(self._values["warmth"])
        return found


def _as_kind(value: Any, kind: type[Value]) -> Value | None:
    """Give a value as one of that type; None if it is none. A whole number does for a fraction."""
    if isinstance(value, bool) or kind is bool:
        return value if isinstance(value, bool) and kind is bool else None
    if kind is float and isinstance(value, int) and abs(value) <= LARGEST_NUMBER:
        return float(value)
    if not isinstance(value, kind):
        return None
    if isinstance(value, (int, float)) and not (math.isfinite(value) and abs(value) <= LARGEST_NUMBER):
        return None
    return value
