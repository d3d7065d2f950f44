"""A tuning: thresholds and points of a rule that are others for some contacts, without a copy of the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.rules.facts import Value

EVERYBODY = "*"
"""The label that everybody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What one ``[[tune]]`` table says; where several are meant for a contact, the later ones win."""

    rule: str  # its id
    labels: frozenset[str]  # the contact has one of them, or "*" is among them
    params: Mapping[str, Value]  # those that are others, named "param.NAME"
    changes: Mapping[str, Any]  # fields of the rule that are others
    version: str  # hash of all of the above, as written
    source: str  # the file it comes from
    line: int

    def applies_to(self, labels: tuple[str, ...]) -> bool:
        """Tell whether it is meant for a contact with these labels."""
        return meant_for(self.labels, labels)


def meant_for(wanted: frozenset[str], labels: tuple[str, ...]) -> bool:
    """Tell whether what is meant for the ``wanted`` labels is meant for a contact with these."""
    return EVERYBODY in wanted or not wanted.isdisjoint(labels)
