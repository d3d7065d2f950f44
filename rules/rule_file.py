"""Rule files: TOML in, checked rules out, or every mistake with its file, line and column."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from keepwarm.rules.rule_places import Places, header
from keepwarm.rules.rule_problems import Problem, RuleFileError
from keepwarm.rules.rule_reader import RuleReader
from keepwarm.rules.table_reader import did_you_mean
from keepwarm.rules.tune_reader import TuneReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.rules.rule import Rule
    from keepwarm.rules.tuning import Tuning

__all__ = ["Problem", "RuleFileError", "RuleSet", "check", "load", "read"]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All that the built-in files and the owner's say."""

    everything: tuple[Rule, ...]  # those that are switched off, too

    @property
    def in_force(self) -> tuple[Rule, ...]:
        """The rules by which contacts are judged."""
        return tuple(rule for rule in self.everything if rule.enabled)

    @property
    def switched_off(self) -> tuple[Rule, ...]:
        """The rules that a file switches off."""
        return tuple(rule for rule in self.everything if not rule.enabled)

    def tunings(self, source: str) -> tuple[Tuning, ...]:
        """Give the tunings that come from one file."""
        return tuple(one for rule in self.everything for one in rule.tunings if one.source == source)


def read(paths: Iterable[Path] = ()) -> RuleSet:
    """Read the built-in rules and the owner's files, which add rules, replace them by id, tune or switch them off.

    A later file has the last word; tunings hold for whatever rule of that id is in force after all files.

    Raises RuleFileError.
    """
    folder = resources.files("keepwarm.rules.catalogue")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    force = _Force()
    for file in files:
        force.take(file.name, file.read_text("utf-8"))
    for path in paths:
        force.read(path)
    force.tune()
    if force.problems:
        raise RuleFileError(force.problems)
    return RuleSet(tuple(force.rules.values()))


def load(paths: Iterable[Path] = ()) -> tuple[Rule, ...]:
    """Give the rules that are in force with these files. Raises RuleFileError."""
    return read(paths).in_force


def check(path: Path, beside: Iterable[Path] = ()) -> tuple[Rule, ...]:
    """Load one file after the built-in rules and other files, and give the rules that come from it.

    Raises RuleFileError.
    """
    return tuple(rule for rule in load([*beside, path]) if rule.source == str(path))


class _Force:
    """The rules that are in force after each file; a later one has the last word."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.problems: list[Problem] = []
        self._tunes: list[TuneReader] = []

    def read(self, path: Path) -> None:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else "is not UTF-8 text"
            self._problem(str(path), f"cannot be read: {why}")
        else:
            self.take(str(path), text)

    def take(self, file: str, text: str) -> None:
        document, seen = self._document(file, text), set[str]()
        places = Places(text, "rule")
        for number, written in enumerate(self._tables(file, text, document, "rule")):
            reader = RuleReader(file, places, number, written)
            if reader.called in seen:
                reader.problem("there is another rule of this id in the file")
            seen.add(reader.called)
            self._follow(reader)
            self.problems += reader.problems
        places = Places(text, "tune")
        for number, written in enumerate(self._tables(file, text, document, "tune")):
            self._tunes.append(TuneReader(file, places, number, written))

    def tune(self) -> None:
        """Lay the tunings of all files over the rules, in order: no rule replaces a tuned one any more."""
        for reader in self._tunes:
            if (tuning := reader.tuning(self.rules)) is not None:
                rule = self.rules[tuning.rule]
                self.rules[rule.id] = replace(rule, tunings=(*rule.tunings, tuning))
        self.problems += [problem for reader in self._tunes for problem in reader.problems]
        self.problems.sort(key=lambda problem: (problem.file, problem.line, problem.column))

    def _follow(self, reader: RuleReader) -> None:
        if not reader.enabled:
            self._switch_off(reader)
        elif rule := reader.rule():
            self.rules[rule.id] = rule

    def _switch_off(self, reader: RuleReader) -> None:
        if rule := self.rules.get(reader.called):
            self.rules[rule.id] = replace(rule, enabled=False, off_in=reader.file)
            return
        hint = did_you_mean(reader.called, self.rules, "`keepwarm rules list` names them")
        reader.problem("there is no rule of this id to switch off", hint=hint)

    def _document(self, file: str, text: str) -> dict[str, Any]:
        """Give the file as TOML reads it; nothing where it cannot."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
            why = re.sub(r" \(at .*", "", str(error))
            self._problem(file, why, line=line, column=column, hint=_hint_at_toml(why))
            return {}
        except RecursionError:
            self._problem(file, "lists or tables are nested too deeply")
            return {}
        for key in document.keys() - {"rule", "tune"}:
            hint = did_you_mean(key, ("[[rule]]", "[[tune]]"), "a file has [[rule]] and [[tune]] tables")
            line, column = header(text, key)
            self._problem(file, f"unknown table {key!r}", line=line, column=column, hint=hint)
        return document

    def _tables(self, file: str, text: str, document: dict[str, Any], name: str) -> list[dict[str, Any]]:
        found = document.get(name, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        hint = f"two brackets: [[{name}]]" if isinstance(found, dict) else ""
        line, column = header(text, name)
        self._problem(file, f"[[{name}]] has to be a list of tables", line=line, column=column, hint=hint)
        return []

    def _problem(self, file: str, why: str, *, line: int = 1, column: int = 1, hint: str = "") -> None:
        self.problems.append(Problem(file=file, line=line, column=column, rule="", why=why, hint=hint))


def _hint_at_toml(why: str) -> str:
    if why.startswith("Invalid value"):
        return "texts stand in quotes, lists in [ ], true and false are written small"
    if why.startswith("Illegal character"):
        return "a quote at the end of the text may be missing"
    return ""
