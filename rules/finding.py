"""A finding: a signal about one contact, opened once and cleared once, with the evidence it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from keepwarm.rules.facts import Value
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.sources import Source

MOST_EVIDENCE = 12


@dataclass(slots=True, kw_only=True)
class Finding:
    """A signal: opened once, cleared once."""

    id: str
    rule: Rule
    key: str  # the newest observation it rests on, else the last event: the same one never opens it again
    newest: str  # ref of that observation; "" if there is none
    opened: datetime
    strength: str
    sentence: str
    facts: dict[str, Value]
    evidence: tuple[Source, ...]
    historical: bool
    renewed: datetime  # when the newest observation was made for which the conditions held
    worse_than: str = ""  # id of the weaker one in whose place it has come
    cleared: datetime | None = None


def whole(findings: Iterable[Finding]) -> list[Finding]:
    """Give findings, in the order of opening, with those that only got worse as one: until the end of the last."""
    found: dict[str, Finding] = {}
    first: dict[str, str] = {}
    for one in findings:
        begun = first[one.id] = first.get(one.worse_than, one.id)
        found[begun] = one if begun == one.id else replace(found[begun], cleared=one.cleared)
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a rule stands with a contact at a moment."""

    open: Finding | None
    past: tuple[Finding, ...]  # in the order of opening, the open one among them
    would_find: Finding  # what it would say if its conditions held now
    since_opened: dict[str, Value]  # what ``clear`` may use while it is open


def newest_ref(evidence: Sequence[Source]) -> str:
    """Give the ref of the newest observation; "" if there is none."""
    newest = max(evidence, key=lambda source: (source.at, source.ref), default=None)
    return newest.ref if newest else ""
