"""A fact: a named, typed thing that can be said of a contact as of a moment, with the observations it rests on.

A fact without enough data is absent (None): a rule that needs it does not fire, and says "too little data".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from keepwarm.rules.moment import FAR, Moment
from keepwarm.rules.sources import Source

Value = int | float | bool | str
Compute = Callable[[Moment], Value | None]
Cite = Callable[[Moment], Sequence[Source]]
Until = Callable[[Moment], datetime]
"""Until when a fact stays what it is if nothing happens."""


@dataclass(frozen=True, slots=True)
class Fact:
    """``unit`` and ``meaning`` are what ``keepwarm rules facts`` prints."""

    name: str
    type: type[Value]
    unit: str
    meaning: str
    compute: Compute
    cite: Cite
    until: Until


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
        until: Until = lambda moment: moment.now,
    ) -> Callable[[Compute], Compute]:
        """Register a function as the fact of its name; the first line of its docstring is the meaning.

        Without ``until`` a fact may be another one at every look.
        """

        def register(compute: Compute) -> Compute:
            name = compute.__name__
            meaning = (compute.__doc__ or "").strip().splitlines()[0]
            self.facts[name] = Fact(name, kind, unit, meaning, compute, cites, until)
            return compute

        return register


def next_event(_moment: Moment) -> datetime:
    """Say of a fact that time alone never changes it."""
    return FAR


REGISTRY = Registry()
fact = REGISTRY.fact
