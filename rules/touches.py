"""Touches that the owner has logged by hand: calls and lunches, letters and gifts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.rules.trail import Trail

if TYPE_CHECKING:
    from keepwarm.storage.histories import TouchFact

_TOLD = {
    "call": "had a call",
    "meeting": "met",
    "lunch": "had lunch",
    "coffee": "had coffee",
    "drinks": "had drinks",
    "dinner": "had dinner",
    "walk": "went for a walk",
    "golf": "played golf",
    "visit": "saw each other on a visit",
    "event": "were at an event together",
    "chat": "had a chat",
    "letter": "sent a letter",
    "gift": "sent a gift",
}


@dataclass(slots=True)
class TouchLog:
    """Takes logged touches in the order of time."""

    mutual: Trail[TouchFact] = field(default_factory=Trail)  # both have spoken
    by_owner: Trail[TouchFact] = field(default_factory=Trail)  # letters, gifts
    last: TouchFact | None = None  # of either: the owner was in touch

    def add(self, touch: TouchFact) -> None:
        """Take in the next one."""
        (self.mutual if touch.mutual else self.by_owner).add(touch.at, touch)
        self.last = touch


def told(kind: str) -> str:
    """Tell a touch of a kind as what "you" did: "had lunch"."""
    return _TOLD.get(kind, "were in touch")
