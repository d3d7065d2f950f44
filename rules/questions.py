"""Questions: the conditions of a rule, taken apart so that most answers cost nothing.

A condition is taken apart at its ``&&`` and ``||``, and at the comparison of a fact with something else. Such a part is
answered without CEL where it compares with a number; and it can tell how long it will not hold: somebody who has been
silent for three days has not been silent for fourteen before eleven more have passed. CEL's meaning stays: a part that
cannot be told, as a fact is absent, is not true.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from keepwarm.rules.conditions import ConditionError
from keepwarm.rules.facts import Value
from keepwarm.rules.moment import FAR, LONG_AGO
from keepwarm.rules.timeline import ANYTHING, NOTHING

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.facts.fact import Course, Grows
    from keepwarm.rules.moment import Moment

Known = Mapping[str, Value | None]

_MARGIN = 1e-6
"""Facts are floats: so near to a bound nothing is concluded."""

_REMEMBERED = 500
_UNREADABLE = re.compile(r"""[?\\]|//|\'\'\'|\"\"\"""")  # what is not taken apart
_COMPARED = re.compile(
    r"(?:double\(\s*(?P<inner>[\w.]+)\s*\)|(?P<name>[\w.]+))\s*(?P<how>>=|<=|==|!=|>|<)(?P<rest>.+)", re.DOTALL
)
_PRODUCT = re.compile(
    r"(?:(?:(?P<number>\d+\.\d+)|(?P<param>[a-z_]\w*(?:\.\w+)+))\s*\*\s*)?"
    r"(?:double\(\s*(?P<inner>\w+)\s*\)|(?P<name>\w+))"
)
_COMPARES = re.compile(r"[<>=!&|]")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


class Rest(NamedTuple):
    """How long something stays so: before ``until``, and while none of these kinds of events happens."""

    until: datetime
    by: int

    def __and__(self, other: Rest) -> Rest:
        return Rest(min(self.until, other.until), self.by | other.by)


FOREVER = Rest(FAR, NOTHING)
AWAKE = Rest(LONG_AGO, ANYTHING)


class Part(Protocol):
    """A part of a condition that is true or not; facts that are known are looked up by name, None where absent."""

    def fails_for(self, moment: Moment, known: Known) -> Rest | None:
        """Give None if it is true, else for how long it will not be true."""

    def holds_for(self, moment: Moment, known: Known) -> Rest:
        """Tell for how long it will be true, as it is now."""


@dataclass(frozen=True, slots=True)
class Every:
    """Parts that are all to be true: asked in order, up to the first that is not."""

    parts: tuple[Part, ...]

    def fails_for(self, moment: Moment, known: Known) -> Rest | None:
        """One that is not true will do."""
        for part in self.parts:
            rest = part.fails_for(moment, known)
            if rest is not None:
                return rest
        return None

    def holds_for(self, moment: Moment, known: Known) -> Rest:
        """All have to stay true."""
        return _together(part.holds_for(moment, known) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """Parts of which one is to be true."""

    parts: tuple[Part, ...]

    def fails_for(self, moment: Moment, known: Known) -> Rest | None:
        """None may become true."""
        together = FOREVER
        for part in self.parts:
            rest = part.fails_for(moment, known)
            if rest is None:
                return None
            together &= rest
        return together

    def holds_for(self, moment: Moment, known: Known) -> Rest:
        """The first that is true will do."""
        first = next(part for part in self.parts if part.fails_for(moment, known) is None)
        return first.holds_for(moment, known)


@dataclass(frozen=True, slots=True)
class Expression:
    """What CEL is asked, and only for values that it was not asked for of late."""

    condition: Condition
    params: Mapping[str, Value]
    courses: Mapping[str, Course]  # of the facts that it names
    _answers: dict[tuple[Value | None, ...], Value | None] = field(default_factory=dict)

    def value(self, known: Known) -> Value | None:
        """Give its value; None where it cannot be told."""
        key = tuple([known[name] for name in self.courses])
        if key in self._answers:
            return self._answers[key]
        present = {name: value for name, value in zip(self.courses, key, strict=True) if value is not None}
        if len(self._answers) >= _REMEMBERED:
            self._answers.clear()
        answer = self._answers[key] = self.condition.value({**self.params, **present})
        return answer

    def fails_for(self, moment: Moment, known: Known) -> Rest | None:
        """As long as no fact is another one."""
        return None if self.value(known) is True else self.holds_for(moment, known)

    def holds_for(self, moment: Moment, known: Known) -> Rest:  # noqa: ARG002  # as every part
        """As long as no fact is another one."""
        return _together(Rest(course.until(moment), course.by) for course in self.courses.values())


@dataclass(frozen=True, slots=True)
class Product:
    """A number times a fact, or the fact alone: what most facts are compared with. CEL's doubles are Python's."""

    name: str
    course: Course
    factor: float | None

    def value(self, known: Known) -> Value | None:
        """Give its value; None where the fact is absent."""
        value = known[self.name]
        return value if value is None or self.factor is None else self.factor * float(value)

    def holds_for(self, moment: Moment, known: Known) -> Rest:  # noqa: ARG002  # as every part
        """As long as the fact is the same."""
        return Rest(self.course.until(moment), self.course.by)


class Comparison:
    """A fact compared with something else: most conditions are one."""

    __slots__ = ("_compare", "_constant", "_course", "_grows_true", "_grows_untrue", "_name", "_other", "_unraised")

    def __init__(self, name: str, course: Course, how: str, other: Expression | Product | Value | None) -> None:
        self._name = name
        self._course = course
        self._compare = _OPERATORS[how]
        self._other = other if isinstance(other, (Expression, Product)) else None
        self._constant = None if isinstance(other, (Expression, Product)) else other
        self._grows_true, self._grows_untrue = how in (">=", ">"), how in ("<=", "<")
        self._unraised = Rest(FAR, course.raised_by)

    def fails_for(self, moment: Moment, known: Known) -> Rest | None:
        """As long as both are the same, or the fact cannot have grown up to the other."""
        value = known[self._name]
        other = self._constant if self._other is None else self._other.value(known)
        if value is not None and other is not None and self._compare(value, other):
            return None
        if self._other is None:
            return self._unequal(moment, value, other)
        others = self._other.holds_for(moment, known)
        return others if other is None else self._unequal(moment, value, other) & others

    def _unequal(self, moment: Moment, value: Value | None, other: Value | None) -> Rest:
        course = self._course
        if self._grows_true:
            if course.falls:
                return self._unraised
            if course.grows is not None and isinstance(other, float):
                return self._until_it_has_grown(moment, course.grows, other - max(float(value or 0.0), 0.0) - _MARGIN)
            if course.rises is not None and _exceeds(other, value):
                return Rest(course.rises(moment, _distance(other, value)), course.raised_by)
        elif self._grows_untrue and _exceeds(value, other):
            if course.grows:
                return Rest(FAR, course.lowered_by)
            if course.sinks is not None:
                return Rest(course.sinks(moment, _distance(value, other)), course.lowered_by)
        return Rest(course.until(moment), course.by)

    def _until_it_has_grown(self, moment: Moment, grows: Grows, missing: float) -> Rest:
        until = self._course.until(moment)
        if until == FAR:
            return Rest(FAR, self._course.by)
        return Rest(grows(moment, missing), self._course.raised_by) if missing > 0 else Rest(until, self._course.by)

    def holds_for(self, moment: Moment, known: Known) -> Rest:
        """As long as both are the same, or the fact grows away from the other."""
        value, course = known[self._name], self._course
        other, rest = self._constant, FOREVER
        if self._other is not None:
            other, rest = self._other.value(known), self._other.holds_for(moment, known)
        if self._grows_true and course.grows and _exceeds(value, other):
            return Rest(FAR, course.lowered_by) & rest
        return Rest(course.until(moment), course.by) & rest


def _exceeds(value: Value | None, other: Value | None) -> bool:
    return isinstance(value, float) and isinstance(other, float) and value - other > _MARGIN


def _distance(more: Value | None, less: Value | None) -> float:
    return float(more or 0.0) - float(less or 0.0) - _MARGIN


def _together(rests: Iterable[Rest]) -> Rest:
    return reduce(Rest.__and__, rests, FOREVER)


def question(condition: Condition, params: Mapping[str, Value], courses: Mapping[str, Course]) -> Part:
    """Take a condition apart; ``courses`` are those of all facts that it may name."""
    text = condition.text
    if _UNREADABLE.search(text):
        return _expression(condition, params, courses)
    return _part(condition, text, params, courses)


def _part(whole: Condition, text: str, params: Mapping[str, Value], courses: Mapping[str, Course]) -> Part:
    text = text.strip()
    for mark, kind in (("||", Either), ("&&", Every)):
        found = _split(text, mark)
        if len(found) > 1:
            return kind(tuple(_part(whole, one, params, courses) for one in found))
    if text.startswith("(") and _closes(text) == len(text) - 1:
        return _part(whole, text[1:-1], params, courses)
    compared = _COMPARED.fullmatch(text)
    if compared and (found_comparison := _comparison(whole, compared, params, courses)):
        return found_comparison
    return _expression(whole if text == whole.text.strip() else whole.part(text, bool), params, courses)


def _comparison(
    whole: Condition, match: re.Match[str], params: Mapping[str, Value], courses: Mapping[str, Course]
) -> Comparison | None:
    name, rest = match["inner"] or match["name"], match["rest"]
    if name not in courses or _COMPARES.search(rest):
        return None
    try:
        other = _expression(whole.part(rest, float if match["inner"] else whole.type_of(name)), params, courses)
    except ConditionError:
        return None
    compared = (_product(rest, params, courses) or other) if other.courses else other.value({})
    return Comparison(name, courses[name], match["how"], compared)


def _product(text: str, params: Mapping[str, Value], courses: Mapping[str, Course]) -> Product | None:
    """Read ``usual``, ``double(times)``, ``2.0 * usual`` or ``param.times * usual``."""
    match = _PRODUCT.fullmatch(text.strip())
    name = (match["inner"] or match["name"]) if match else ""
    if not match or name not in courses:
        return None
    if match["number"]:
        return Product(name, courses[name], float(match["number"]))
    factor = params.get(match["param"]) if match["param"] else 1.0 if match["inner"] else None
    return Product(name, courses[name], factor) if factor is None or isinstance(factor, float) else None


def _expression(condition: Condition, params: Mapping[str, Value], courses: Mapping[str, Course]) -> Expression:
    return Expression(
        condition,
        {name: params[name] for name in condition.names if name in params},
        {name: courses[name] for name in condition.names if name not in params},
    )


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that stands neither in brackets nor in quotes."""
    found, depth, quote, start = [], 0, "", 0
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(mark, place):
            found.append(text[start:place])
            start = place + len(mark)
    return [*found, text[start:]]


def _closes(text: str) -> int:
    """Give the place of the bracket that closes the first one; -1 if a quote makes that hard to tell."""
    depth = 0
    for place, sign in enumerate(text):
        if sign in "'\"":
            return -1
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place
    return -1
