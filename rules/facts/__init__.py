"""Facts: what can be said about one contact, an organisation, or a contact among all, as of a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from keepwarm.rules.facts.group_fact import GroupFact
from keepwarm.rules.facts.organisation import ORGANISATION
from keepwarm.rules.facts.practice import PRACTICE
from keepwarm.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTS = REGISTRY.facts
"""All facts about one contact, by name."""

FACTS_OF: Mapping[Scope, Mapping[str, Fact | GroupFact[Any]]] = {
    Scope.CONTACT: FACTS,
    Scope.ORGANISATION: ORGANISATION.facts,
    Scope.PRACTICE: PRACTICE.facts,
}
"""All facts by the scope of the rules that may name them."""

__all__ = [
    "FACTS",
    "FACTS_OF",
    "Fact",
    "GroupFact",
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
