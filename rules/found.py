"""What was found of a contact when they were last judged, to go on from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keepwarm.rules.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keepwarm.rules.facts import Value
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSignal:
    """A finding as it was stored; of one that is over, what is told of it is not needed."""

    id: str
    rule: str  # its id
    key: str
    opened: datetime
    cleared: datetime | None
    strength: str
    sentence: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    historical: bool = False
    evidence: tuple[Source, ...] = ()  # youngest first

    def finding(self, rule: Rule) -> Finding:
        """Give it as a finding of its rule; what was not stored with it is to come from what was kept."""
        return Finding(
            id=self.id,
            rule=rule,
            key=self.key,
            newest="",
            opened=self.opened,
            strength=self.strength,
            sentence=self.sentence,
            facts=dict(self.facts),
            evidence=self.evidence,
            historical=self.historical,
            renewed=self.opened,
            cleared=self.cleared,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that was found of a contact up to ``since``; ``waiting`` is the outcome's of then."""

    since: datetime
    waiting: Mapping[str, Any]
    signals: tuple[FoundSignal, ...]
