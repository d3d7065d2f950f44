"""A fact of a wider scope: what can be said of an organisation, or of a contact among all, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keepwarm.rules.facts.fact import Value
    from keepwarm.rules.sources import Source

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class GroupFact(Generic[S]):
    """Like a contact's fact, of another subject."""

    name: str
    type: type[Value]
    unit: str
    meaning: str
    compute: Callable[[S], Value | None]
    cite: Callable[[S], Sequence[Source]]


class GroupRegistry(Generic[S]):
    """The facts of one scope."""

    def __init__(self) -> None:
        self.facts: dict[str, GroupFact[S]] = {}

    def fact(
        self, kind: type[Value], unit: str, *, cites: Callable[[S], Sequence[Source]] = lambda _subject: ()
    ) -> Callable[[Callable[[S], Value | None]], Callable[[S], Value | None]]:
        """Register a function as the fact of its name; the first line of its docstring is the meaning."""

        def register(compute: Callable[[S], Value | None]) -> Callable[[S], Value | None]:
            name = compute.__name__
            meaning = (compute.__doc__ or "").strip().splitlines()[0]
            self.facts[name] = GroupFact(name, kind, unit, meaning, compute, cites)
            return compute

        return register
