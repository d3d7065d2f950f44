"""A fact: a named, typed thing that can be said of a contact as of a moment, with the observations it rests on.

A fact without enough data is absent (None): a rule that needs it does not fire, and says "too little data".

Rules sleep by what facts say of themselves. A fact of which nothing is said may be another one at every look and after
every event: right, and slow. ``until``, ``by``, ``grows`` and ``raised_by`` say more, and must never say too much: they
hold for the value and for the observations that it cites.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keepwarm.rules.moment import FAR, Moment
from keepwarm.rules.sources import Source
from keepwarm.rules.timeline import ANYTHING, NOTHING

Value = int | float | bool | str
Compute = Callable[[Moment], Value | None]
Cite = Callable[[Moment], Sequence[Source]]
Until = Callable[[Moment], datetime]
"""Until when a fact stays what it is if nothing happens."""

Grows = Callable[[Moment, float], datetime]
"""Before when a number cannot have changed by so much if nothing happens."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a fact may become another one."""

    until: Until
    by: int = ANYTHING  # events of these kinds may change it (rules/timeline.py)
    grows: Grows | None = None  # it never falls by time alone; None: time may do anything to it from ``until`` on
    raised_by: int = ANYTHING  # only events of these kinds make it greater than it is, and than 0
    falls: bool = False  # by time alone it never becomes greater
    lowered_by: int = (
        ANYTHING  # only events of these kinds make it smaller than it is, or absent: of what grows or sinks
    )
    rises: Grows | None = None  # before when it cannot have become greater by so much, whatever else it does
    sinks: Grows | None = None  # ... or smaller


@dataclass(frozen=True, slots=True)
class Fact:
    """``unit`` and ``meaning`` are what ``keepwarm rules facts`` prints."""

    name: str
    type: type[Value]
    unit: str
    meaning: str
    compute: Compute
    cite: Cite
    course: Course


def at_once(moment: Moment) -> datetime:
    """Say of a fact that it may be another one at the next look."""
    return moment.now


def next_event(_moment: Moment) -> datetime:
    """Say of a fact that time alone never changes it."""
    return FAR


def as_days_pass(moment: Moment, days: float) -> datetime:
    """Say of a number that it grows by at most one a day."""
    return _later(moment, days)


def as_hours_are_worked(moment: Moment, hours: float) -> datetime:
    """Say of a number that it grows by at most the owner's working hours."""
    return moment.working.not_before(moment.now, hours)


def _later(moment: Moment, days: float) -> datetime:
    return moment.now + timedelta(days=days) if days < 100_000 else FAR


class Registry:
    """The facts that rules can name."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}

    def fact(
        self,
        kind: type[Value],
        unit: str,
        *,
        cites: Cite = lambda _moment: (),
        until: Until = at_once,
        by: int = ANYTHING,
        grows: Grows | None = None,
        raised_by: int | None = None,
        falls: bool = False,
        lowered_by: int | None = None,
        rises: Grows | None = None,
        sinks: Grows | None = None,
    ) -> Callable[[Compute], Compute]:
        """Register a function as the fact of its name; the first line of its docstring is the meaning.

        Without ``until`` a fact may be another one at every look, without ``by`` after every event. ``falls``: time
        alone never makes it greater, as with what is counted in a window. ``grows``: time alone makes it greater, so
        fast at most, and never changes what it cites; ``raised_by``: other events than these never make it greater,
        ``lowered_by``: nor smaller. ``rises`` and ``sinks`` bound what time does to a number that may do either.
        """

        def register(compute: Compute) -> Compute:
            name = compute.__name__
            meaning = (compute.__doc__ or "").strip().splitlines()[0]
            raised, lowered = (by if kinds is None else kinds for kinds in (raised_by, lowered_by))
            course = Course(until, by, grows, raised, falls, lowered, rises, sinks)
            self.facts[name] = Fact(name, kind, unit, meaning, compute, cites, course)
            return compute

        return register


__all__ = ["ANYTHING", "NOTHING", "REGISTRY", "Course", "Fact", "Value", "fact", "next_event"]

REGISTRY = Registry()
fact = REGISTRY.fact
