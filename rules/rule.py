"""A rule: conditions over facts, and what to say and do when they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from keepwarm.rules.tuning import meant_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.conditions import Condition
    from keepwarm.rules.facts import Value
    from keepwarm.rules.sentences import Sentence
    from keepwarm.rules.tuning import Tuning


class Family(StrEnum):
    """Which part of the report a finding belongs to."""

    NOT_INTO_YOU = "not_into_you"
    WARMING = "warming"
    MIRROR = "mirror"
    CARE = "care"


class Scope(StrEnum):
    """Whom the conditions of a rule look at, whoever the finding is about."""

    CONTACT = "contact"
    ORGANISATION = "organisation"  # the people of one, together
    PRACTICE = "practice"  # one contact among all of them


class Strength(StrEnum):
    """How much a finding says."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as it is in force."""

    id: str
    title: str = ""  # what it tells, in a few words
    family: Family
    scope: Scope = Scope.CONTACT
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
    version: str  # hash of all of the above, as written, and of what is tuned of it
    source: str  # the file it comes from
    enabled: bool = True
    off_in: str = ""  # the file that switches it off
    tunings: tuple[Tuning, ...] = ()  # that may be for some contacts only; the later ones win

    def applies_to(self, labels: tuple[str, ...]) -> bool:
        """Tell whether the rule is meant for a contact with these labels."""
        return meant_for(self.labels, labels)

    def for_labels(self, labels: tuple[str, ...]) -> Rule | None:
        """Give the rule as it is in force for a contact with these labels; None if it is not."""
        tuned = self.tuned_for(labels)
        return tuned if tuned.enabled and tuned.applies_to(labels) else None

    def tuned_for(self, labels: tuple[str, ...]) -> Rule:
        """Give the rule with what is tuned for a contact with these labels, whether it is in force for them or not."""
        tuned = self
        for tuning in self.tunings:
            if tuning.applies_to(labels):
                params = {**tuned.params, **tuning.params}
                tuned = replace(tuned, **tuning.changes, params=params, version=_hash(tuned.version, tuning.version))
        return tuned

    @property
    def fingerprint(self) -> str:
        """Another one whenever anything that the rule says of anybody may be another."""
        return _hash(self.version, *(tuning.version for tuning in self.tunings)) if self.tunings else self.version


def _hash(*versions: str) -> str:
    return sha256(" ".join(versions).encode()).hexdigest()[:8]
