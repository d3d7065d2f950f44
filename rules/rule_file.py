"""Rule files: TOML in, checked rules out, or every mistake with its file, line and column."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any

from keepwarm.rules import sentences
from keepwarm.rules.conditions import ConditionError, Vocabulary
from keepwarm.rules.facts import FACTS, Value
from keepwarm.rules.findings import SINCE_OPENED
from keepwarm.rules.rule import Family, Rule, Strength
from keepwarm.rules.warmth import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from keepwarm.rules.conditions import Condition

_SPAN = re.compile(r"(\d+)\s*([hdwy])\Z")
_SPAN_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
WHILE_TRUE = "while true"
WARMTH_AT_MOST = 10.0
_NEEDED = ("family", "when", "sentence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A mistake in a rule file."""

    file: str
    line: int
    column: int
    rule: str
    why: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        which = f"rule {self.rule}: " if self.rule else ""
        return where + which + self.why + (f" ({self.hint})" if self.hint else "")


class RuleFileError(Exception):
    """One or more mistakes in rule files; the message has a line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def load(paths: Iterable[Path] = ()) -> tuple[Rule, ...]:
    """Load the built-in rules and the owner's files, which add rules or replace them by id.

    A rule with ``enabled = false`` switches the one of its id off. Raises RuleFileError.
    """
    folder = resources.files("keepwarm.rules.catalogue")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return _in_force([*((file.name, file.read_text("utf-8")) for file in files), *(_read(path) for path in paths)])


def check(path: Path) -> tuple[Rule, ...]:
    """Load one file by itself.

    Raises RuleFileError.
    """
    return _in_force([_read(path)])


def _read(path: Path) -> tuple[str, str]:
    try:
        return str(path), path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else "is not UTF-8 text"
        raise RuleFileError(
            [Problem(file=str(path), line=1, column=1, rule="", why=f"cannot be read: {why}")]
        ) from error


def _in_force(files: Sequence[tuple[str, str]]) -> tuple[Rule, ...]:
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    for name, text in files:
        reader = _Reader(name, text, problems)
        for written in reader.rules():
            rule_id = str(written.get("id", ""))
            if written.get("enabled") is False:
                rules.pop(rule_id, None)
            elif rule := reader.rule(written):
                rules[rule.id] = rule
    if problems:
        raise RuleFileError(problems)
    return tuple(rules.values())


class _Reader:
    """Reads one file, and gathers what is wrong with it."""

    def __init__(self, file: str, text: str, problems: list[Problem]) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._text = text
        self._problems = problems
        self._rule_id = ""
        self._rule_line = 1

    def rules(self) -> list[dict[str, Any]]:
        try:
            document = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (1, 1)
            self._problem(re.sub(r" \(at .*", "", str(error)), line=line, column=column)
            return []
        for key in document.keys() - {"rule"}:
            self._problem(f"unknown table {key!r}", hint="rules stand in [[rule]] tables")
        found = document.get("rule", [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self._problem("[[rule]] has to be a list of tables")
        return []

    def rule(self, written: dict[str, Any]) -> Rule | None:
        """Give the rule, or None after noting what is wrong with it."""
        before = len(self._problems)
        self._rule_id = str(written.get("id", ""))
        self._rule_line = self._line_of(self._rule_id) if self._rule_id else 1
        self._check_keys(written)
        values = {key: self._of_kind(written, key, default) for key, default in _KINDS.items()}
        params = self._params(values["param"])
        vocabulary = Vocabulary({**_fact_types(), **{name: type(value) for name, value in params.items()}})
        extended = Vocabulary(
            {**_fact_types(), **SINCE_OPENED, **{name: type(value) for name, value in params.items()}}
        )
        when = tuple(self._condition(vocabulary, str(text), bool) for text in values["when"])
        clear = self._condition(extended, values["clear"], bool) if values["clear"] else None
        strength = self._condition(vocabulary, _as_expression(values["strength"]), str)
        sentence = self._sentence(values["sentence"], {*FACTS, *params, "name"})
        family = self._one_of(values["family"], tuple(Family), "family")
        band = self._one_of(values["band_at_most"], ("", *BANDS), "band_at_most")
        self._check_warmth(values["warmth"], family)
        cooldown = self._span(values["cooldown"], "cooldown")
        open_for = None if values["open_for"] == WHILE_TRUE else self._span(values["open_for"], "open_for")
        if len(self._problems) > before or sentence is None or strength is None:
            return None
        return Rule(
            id=self._rule_id,
            family=Family(family),
            labels=frozenset(map(str, values["labels"])),
            when=tuple(condition for condition in when if condition),
            clear=clear,
            strength=strength,
            sentence=sentence,
            advice=values["advice"],
            warmth=float(values["warmth"]),
            cooldown=cooldown or timedelta(0),
            open_for=open_for,
            silence=values["silence"],
            band_at_most=band,
            params=params,
            version=sha256(repr(sorted(written.items())).encode()).hexdigest()[:8],
            source=self._file,
        )

    def _check_keys(self, written: dict[str, Any]) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self._rule_id):
            self._problem("every rule needs an id of lower-case letters, digits and _", hint=f"found {self._rule_id!r}")
        for key in written.keys() - _KINDS.keys() - {"id", "enabled"}:
            near = difflib.get_close_matches(key, _KINDS, n=1)
            self._problem(f"unknown key {key!r}", at=key, hint=f"did you mean {near[0]}?" if near else "")
        for key in _NEEDED:
            if not written.get(key):
                self._problem(f"{key} is missing")

    def _of_kind(self, written: dict[str, Any], key: str, default: Any) -> Any:
        value = written.get(key, default)
        wanted = (int, float) if isinstance(default, float) else type(default)
        if isinstance(value, wanted) and not (isinstance(value, bool) and not isinstance(default, bool)):
            return value
        self._problem(f"{key} has to be {_CALLED[type(default)]}", at=key)
        return default

    def _params(self, written: dict[str, Any]) -> dict[str, Value]:
        for name, value in written.items():
            if not isinstance(value, (bool, int, float, str)):
                self._problem(f"param.{name} has to be a number, a text, true or false", at=name)
        return {f"param.{name}": value for name, value in written.items() if isinstance(value, (bool, int, float, str))}

    def _condition(self, vocabulary: Vocabulary, text: str, result: type[Value]) -> Condition | None:
        try:
            return vocabulary.compile(text, result)
        except ConditionError as error:
            line, column = self._place_of(text)
            self._problem(f"{text!r}: {error}", line=line, column=column + error.column - 1, hint=error.hint)
            return None

    def _sentence(self, text: str, known: set[str]) -> sentences.Sentence | None:
        try:
            return sentences.checked(text, known)
        except sentences.SentenceError as error:
            self._problem(str(error), at="sentence")
            return None

    def _one_of(self, value: str, allowed: Sequence[str], key: str) -> str:
        if value in allowed:
            return value
        named = ", ".join(repr(str(one)) for one in allowed if one)
        if value:  # a missing one has been told already
            self._problem(f"{key} is {value!r}; it has to be one of {named}", at=key)
        return next(str(one) for one in allowed)

    def _check_warmth(self, points: float, family: str) -> None:
        if abs(points) > WARMTH_AT_MOST:
            self._problem(f"warmth is at most {WARMTH_AT_MOST:g} points either way", at="warmth")
        if family == Family.MIRROR and points:
            self._problem("what the owner did never changes the contact's warmth", at="warmth", hint="leave warmth out")

    def _span(self, text: str, key: str) -> timedelta | None:
        if match := _SPAN.fullmatch(text):
            return int(match[1]) * _SPAN_UNITS[match[2]]
        allowed = f' or "{WHILE_TRUE}"' if key == "open_for" else ""
        self._problem(f'{key} is {text!r}; it has to be a span like "36h", "14d", "8w"{allowed}', at=key)
        return None

    def _line_of(self, rule_id: str) -> int:
        pattern = re.compile(rf"""\s*id\s*=\s*["']{re.escape(rule_id)}["']""")
        return next((number for number, line in enumerate(self._lines, 1) if pattern.match(line)), 1)

    def _place_of(self, text: str) -> tuple[int, int]:
        """Find where a text stands, from the rule's own line on."""
        for number, line in enumerate(self._lines[self._rule_line - 1 :], self._rule_line):
            if (column := line.find(text.splitlines()[0] if text else text)) >= 0:
                return number, column + 1
        return self._rule_line, 1

    def _problem(self, why: str, *, line: int = 0, column: int = 1, at: str = "", hint: str = "") -> None:
        if at:
            line, column = self._place_of(at)
        self._problems.append(
            Problem(
                file=self._file,
                line=line or self._rule_line,
                column=column,
                rule=self._rule_id,
                why=why,
                hint=hint,
            )
        )


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
}
"""The keys of a rule, with the values that they have if they are left out."""

_CALLED = {str: "a text", list: "a list", dict: "a table", float: "a number", bool: "true or false"}


def _fact_types() -> dict[str, type[Value]]:
    return {name: fact.type for name, fact in FACTS.items()}


def _as_expression(strength: str) -> str:
    return f"'{strength}'" if strength in tuple(Strength) else strength
