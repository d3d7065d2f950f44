"""A rule: conditions over facts, and what to say and do when they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.facts import Value
    from keepwarm.rules.sentences import Sentence


class Family(StrEnum):
    """Which part of the report a finding belongs to."""

    NOT_INTO_YOU = "not_into_you"
    WARMING = "warming"
    MIRROR = "mirror"
    CARE = "care"


class Strength(StrEnum):
    """How much a finding says."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as it is in force."""

    id: str
    family: Family
    labels: frozenset[str]  # the contact has one of them, or "*" is among them
    when: tuple[Condition, ...]  # all must hold
    clear: Condition | None  # None: clears as soon as ``when`` no longer holds
    strength: Condition  # gives the name of a strength
    sentence: Sentence
    advice: str
    warmth: float = 0.0  # points, an adjustment: a judgement, not measured
    cooldown: timedelta = timedelta(days=14)  # after it cleared
    open_for: timedelta | None = timedelta(days=30)  # after its newest evidence; None: as long as it is true
    silence: bool = False  # it is about their silence: when they write again, that is a return
    band_at_most: str = ""  # while it is open, the band shown is no warmer
    params: Mapping[str, Value]
    version: str  # hash of all of the above, as written
    source: str  # the file it comes from

    def applies_to(self, labels: tuple[str, ...]) -> bool:
        """Tell whether the rule is meant for a contact with these labels."""
        return "*" in self.labels or not self.labels.isdisjoint(labels)
