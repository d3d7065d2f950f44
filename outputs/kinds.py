"""Kinds: which section of the report a signal belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keepwarm.storage.views import SignalView

KINDS = ("mirror", "not_into_you", "warming", "pings", "care")
"""The sections that hold findings, in the order of the report."""

PING_RULES = frozenset({"you_went_quiet", "add_value"})


def kind_of(signal: SignalView) -> str:
    """Tell which section a signal belongs to."""
    return "pings" if signal.rule in PING_RULES else signal.family
