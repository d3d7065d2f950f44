"""Rule files: TOML in, checked rules out, or every mistake with its file, line and column."""

from __future__ import annotations

import difflib
import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

from keepwarm.rules.rule_places import Places
from keepwarm.rules.rule_problems import Problem, RuleFileError
from keepwarm.rules.rule_reader import RuleReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.rules.rule import Rule

__all__ = ["Problem", "RuleFileError", "check", "load"]


def load(paths: Iterable[Path] = ()) -> tuple[Rule, ...]:
    """Load the built-in rules and the owner's files, which add rules or replace them by id.

    A rule with ``enabled = false`` switches the one of its id off. Raises RuleFileError.
    """
    folder = resources.files("keepwarm.rules.catalogue")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    force = _Force()
    for file in files:
        force.take(file.name, file.read_text("utf-8"))
    for path in paths:
        force.read(path)
    if force.problems:
        raise RuleFileError(force.problems)
    return tuple(force.rules.values())


def check(path: Path) -> tuple[Rule, ...]:
    """Load one file beside the built-in rules, and give the rules that come from it.

    Raises RuleFileError.
    """
    return tuple(rule for rule in load([path]) if rule.source == str(path))


class _Force:
    """The rules that are in force after each file; a later one has the last word."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.problems: list[Problem] = []

    def read(self, path: Path) -> None:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else "is not UTF-8 text"
            self._problem(str(path), f"cannot be read: {why}")
        else:
            self.take(str(path), text)

    def take(self, file: str, text: str) -> None:
        places, seen = Places(text), set[str]()
        for number, written in enumerate(self._written(file, text)):
            reader = RuleReader(file, places, number, written)
            if reader.id in seen:
                reader.problem("there is another rule of this id in the file")
            seen.add(reader.id)
            self._follow(reader)
            self.problems += reader.problems

    def _follow(self, reader: RuleReader) -> None:
        if not reader.enabled:
            self._switch_off(reader)
        elif rule := reader.rule():
            self.rules[rule.id] = rule

    def _switch_off(self, reader: RuleReader) -> None:
        if self.rules.pop(reader.id, None) is None:
            near = difflib.get_close_matches(reader.id, self.rules, n=1)
            hint = f"did you mean {near[0]}?" if near else "`keepwarm rules list` names them"
            reader.problem("there is no rule of this id to switch off", hint=hint)

    def _written(self, file: str, text: str) -> list[dict[str, Any]]:
        """Give the tables of the rules, as they are written."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
            self._problem(file, re.sub(r" \(at .*", "", str(error)), line=line, column=column)
            return []
        for key in document.keys() - {"rule"}:
            self._problem(file, f"unknown table {key!r}", hint="rules stand in [[rule]] tables")
        found = document.get("rule", [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self._problem(file, "[[rule]] has to be a list of tables")
        return []

    def _problem(self, file: str, why: str, *, line: int = 1, column: int = 1, hint: str = "") -> None:
        self.problems.append(Problem(file=file, line=line, column=column, rule="", why=why, hint=hint))
