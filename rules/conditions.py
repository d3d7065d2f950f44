"""Conditions: CEL expressions over facts, checked when they are loaded. The only file that knows the CEL library."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cel_expr_python import cel

from keepwarm.rules import condition_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.facts import Value

_CEL_TYPES = {int: cel.Type.INT, float: cel.Type.DOUBLE, bool: cel.Type.BOOL, str: cel.Type.STRING}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_EXPECTED = re.compile(r" expecting \{.*| \[INVALID_ARGUMENT\]")
_UNKNOWN = re.compile(r"undeclared reference to '([^']+)'")


class ConditionError(Exception):
    """An expression that is not valid; ``line`` and ``column`` count from 1, within the expression.

    ``following`` are the further mistakes in it, in the order in which they stand.
    """

    def __init__(
        self, why: str, *, line: int = 1, column: int = 1, hint: str = "", following: tuple[ConditionError, ...] = ()
    ) -> None:
        super().__init__(why)
        self.line = line
        self.column = column
        self.hint = hint
        self.following = following


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression; ``names`` are the facts and parameters that it uses."""

    text: str
    names: tuple[str, ...]
    _program: Any
    _vocabulary: Vocabulary = field(repr=False, compare=False)

    def value(self, known: Mapping[str, Value]) -> Value | None:
        """Evaluate over what is known; None where a fact that is needed is absent.

        ``a || b`` holds if one side does, even where the other cannot be told (CEL's logic of errors).
        """
        result = self._program.eval(data=known)
        return None if result.type() in (cel.Type.ERROR, cel.Type.UNKNOWN) else _plain(result.value())

    def part(self, text: str, result: type[Value]) -> Condition:
        """Compile a part of the expression on its own.

        Raises ConditionError if it is none.
        """
        return self._vocabulary.compile(text, result)

    def type_of(self, name: str) -> type[Value]:
        """Give the type of a name that the expression may use."""
        return self._vocabulary.types[name]


def _plain(value: object) -> Value | None:
    return value if isinstance(value, (bool, int, float, str)) else None


class Vocabulary:
    """The names that a rule's expressions may use, with their types."""

    def __init__(self, types: Mapping[str, type[Value]]) -> None:
        self.types = dict(types)
        self._environment = cel.NewEnv(variables={name: _CEL_TYPES[kind] for name, kind in types.items()})

    def compile(self, text: str, result: type[Value]) -> Condition:
        """Check and compile an expression that gives ``result``.

        Raises ConditionError.
        """
        try:
            program = self._environment.compile(text)
        except RuntimeError as error:
            raise self._explained(text, str(error)) from None
        if program.return_type() != _CEL_TYPES[result]:
            found = str(program.return_type()).lower()
            raise ConditionError(f"gives {found}, but {_called(result)} is needed")
        return Condition(text, self._names_in(text), program, self)

    def _names_in(self, text: str) -> tuple[str, ...]:
        found = _NAME.findall(_TEXT.sub("", text))
        return tuple(dict.fromkeys(name for name in found if name in self.types))

    def _explained(self, text: str, message: str) -> ConditionError:
        found = []
        for place in _PLACE.finditer(message):
            why = place[3].split(" (in container")[0]
            found.append((_EXPECTED.sub("", why), int(place[1]), int(place[2]), self._hint(text, why)))
            if why.startswith("Syntax error"):
                break  # what is told after that, it has only brought about
        if not found:
            return ConditionError(message.splitlines()[0])
        (why, line, column, hint), *others = found
        following = tuple(ConditionError(one[0], line=one[1], column=one[2], hint=one[3]) for one in others)
        return ConditionError(why, line=line, column=column, hint=hint, following=following)

    def _hint(self, text: str, why: str) -> str:
        if unknown := _UNKNOWN.search(why):
            near = difflib.get_close_matches(unknown[1], self.types, n=1)
            if near:
                return f"did you mean {near[0]}?"
            return condition_hints.of_syntax(text) or "`keepwarm rules facts` lists the names"
        return condition_hints.of_syntax(text) if why.startswith("Syntax error") else condition_hints.of_types(why)


def _called(kind: type[Value]) -> str:
    return {bool: "true or false", str: "a text", int: "a whole number", float: "a number"}[kind]


class Question:
    """A condition that is asked day after day: asked again only when a fact that it names has changed."""

    __slots__ = ("_condition", "_last_key", "_last_value", "_params", "facts")

    def __init__(self, condition: Condition, params: Mapping[str, Value]) -> None:
        self._condition = condition
        self.facts = tuple(name for name in condition.names if name not in params)
        self._params = {name: params[name] for name in condition.names if name in params}
        self._last_key: list[Value | None] | None = None
        self._last_value: Value | None = None

    def answer(self, facts: Mapping[str, Value | None]) -> Value | None:
        """Give the condition's value; a fact that is absent stays unbound."""
        key = [facts[name] for name in self.facts]
        if key != self._last_key:
            present = {name: value for name, value in zip(self.facts, key, strict=True) if value is not None}
            self._last_key, self._last_value = key, self._condition.value({**self._params, **present})
        return self._last_value
