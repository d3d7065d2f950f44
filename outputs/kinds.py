"""Kinds: which section of the report a signal belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keepwarm.storage.views import SignalView

KINDS = ("mirror", "not_into_you", "warming", "pings", "care", "move_on")
"""The sections that hold findings, in the order of the report; this week's meetings come before the last two."""

PING_RULES = frozenset({"you_went_quiet", "add_value"})
MOVE_ON = "move_on"


def kind_of(signal: SignalView) -> str:
    """Tell which section a signal belongs to."""
    if signal.rule in PING_RULES:
        return "pings"
    return MOVE_ON if signal.rule == MOVE_ON else signal.family
