"""The times of a meeting: those that hold, those it had, and which moves could still be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.storage.sightings import Change, fits, rhythm_of, span_of

if TYPE_CHECKING:
    from keepwarm.storage.sightings import Sighting, Span


@dataclass(slots=True)
class Times:
    """When a meeting is, by the sighting that holds; ``sequence`` is the highest that was believed."""

    now: Sighting | None = None
    sequence: int = 0
    _pattern: str = ""
    _former: set[Span] = field(default_factory=set)
    _left: list[tuple[Span, str]] = field(default_factory=list)  # span and rhythm before each move that stands

    def are_those_of(self, sighting: Sighting) -> bool:
        """Tell whether a sighting shows the times that hold."""
        return self.now is not None and span_of(self.now) == span_of(sighting)

    def were_those_of(self, sighting: Sighting) -> bool:
        """Tell whether a sighting shows times that were given up."""
        return not self.are_those_of(sighting) and span_of(sighting) in self._former

    def are_answered_by(self, reply: Sighting) -> bool:
        """Tell whether a reply answers the times that hold."""
        return self.now is not None and fits(reply, self.now, self.sequence)

    def change_to(self, sighting: Sighting) -> Change | None:
        """Say what following ``sighting`` does to a meeting that is known and stands.

        A move back to exactly what was before the last one takes that one back.
        """
        if self.now is None:
            return Change.CREATED
        before, after = span_of(self.now), span_of(sighting)
        old, new = rhythm_of(self._pattern), rhythm_of(sighting.pattern)
        if before.start == after.start and not (old and new and old != new):
            return Change.RESIZED if before.end != after.end else None
        return Change.RESTORED if self._left and self._left[-1] == (after, new or old) else Change.RESCHEDULED

    def follow(self, sighting: Sighting) -> None:
        """Learn the sequence and pattern of a snapshot that is believed."""
        self.sequence = max(self.sequence, sighting.sequence)
        self._pattern = sighting.pattern or self._pattern

    def hold(self, sighting: Sighting, change: Change) -> None:
        """Let these times hold, after ``change_to`` said what that does."""
        if self.now is not None:
            self._former.add(span_of(self.now))
        if self.now is not None and change is Change.RESCHEDULED:
            self._left.append((span_of(self.now), rhythm_of(self._pattern)))
        elif change is Change.RESTORED:
            self._left.pop()
        self.now = sighting
        self.follow(sighting)

    def over(self) -> None:
        """Note that the meeting was cancelled: if it comes back, it begins anew."""
        self._left.clear()
