"""Facts: what can be said about one contact as of a moment."""

from __future__ import annotations

from keepwarm.rules.facts import (
    attendance,
    attention,
    courtship,
    handovers,
    initiative,
    invoices,
    meetings,
    notes,
    promises,
    referrals,
    reflections,
    replies,
    service,
    shrinking,
    silence,
    small_talk,
)
from keepwarm.rules.facts.fact import REGISTRY, Fact, Value

FACTS = REGISTRY.facts
"""All facts by name."""

__all__ = [
    "FACTS",
    "Fact",
    "Value",
    "attendance",
    "attention",
    "courtship",
    "handovers",
    "initiative",
    "invoices",
    "meetings",
    "notes",
    "promises",
    "referrals",
    "reflections",
    "replies",
    "service",
    "shrinking",
    "silence",
    "small_talk",
]
