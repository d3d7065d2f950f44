"""Facts: what can be said about one contact as of a moment."""

from __future__ import annotations

from keepwarm.rules.facts import (
    attendance,
    handovers,
    initiative,
    meetings,
    referrals,
    replies,
    shrinking,
    silence,
)
from keepwarm.rules.facts.fact import REGISTRY, Fact, Value

FACTS = REGISTRY.facts
"""All facts by name."""

__all__ = [
    "FACTS",
    "Fact",
    "Value",
    "attendance",
    "handovers",
    "initiative",
    "meetings",
    "referrals",
    "replies",
    "shrinking",
    "silence",
]
