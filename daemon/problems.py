"""What is wrong in a configuration: each finding with its key, what stands there, and what is allowed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keepwarm.daemon.place import Place
from keepwarm.daemon.values import NotAllowedError
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 60

# What is allowed, by the name of pydantic's finding; the braces are filled from the finding's context.
_ALLOWED = {
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "tuple_type": "a list in [brackets]",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    ``key`` is as in the file, the tables of a list counted from 1 and named: ``account[2] "work".poll``; ""
    if the file as a whole is meant.
    """

    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        where = f"{self.key}: " if self.key else ""
        return f"{where}{self.found}; {self.allowed}"


def problems_of(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Tell all that was found when ``data`` was validated against ``model``."""
    return tuple(_problem(detail, Place.of(detail["loc"], model, data)) for detail in error.errors(include_url=False))


def shown(value: object) -> str:
    """Give a value as a message may have it: as in TOML, cut, harmless to a terminal; no table is shown."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(one_line(value, _LONGEST_SHOWN), ensure_ascii=False)
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return one_line(str(value), _LONGEST_SHOWN)


def _problem(detail: ErrorDetails, place: Place) -> Problem:
    kind, value = detail["type"], detail["input"]
    match kind:
        case "value_error" if isinstance(reason := detail["ctx"]["error"], NotAllowedError):
            return Problem(place.key, reason.found or f"found {shown(value)}", f"allowed is {reason.allowed}")
        case "extra_forbidden":
            # The value is not shown: it may be a password under a misspelt key.
            return Problem(place.key, "unknown key", _nearest(place.name, place.known))
        case "missing":
            return Problem(place.key, "missing", f"needed is {place.description}")
        case "union_tag_not_found":
            return Problem(f"{place.key}.kind", "missing", f"needed is one of {_list(place.choices)}")
        case "union_tag_invalid":
            return _choice(f"{place.key}.kind", value.get("kind"), place.choices)
        case "literal_error":
            return _choice(place.key, value, place.choices)
    return Problem(place.key, f"found {shown(value)}", f"allowed is {_allowed(detail, place)}")


def _allowed(detail: ErrorDetails, place: Place) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "tuple_type" and isinstance(detail["input"], Mapping):
        return f"a list of tables: write [[{place.name}]], with two brackets"
    if kind in _ALLOWED:
        return _ALLOWED[kind].format(**context)
    return place.description or detail["msg"]


def _choice(key: str, value: object, choices: Sequence[str]) -> Problem:
    return Problem(key, f"found {shown(value)}", _nearest(str(value), choices))


def _nearest(written: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(written, known, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"{guess}allowed is {'one of ' if len(known) > 1 else ''}{_list(known)}"


def _list(words: Sequence[str]) -> str:
    return ", ".join(words)
