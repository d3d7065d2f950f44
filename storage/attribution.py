"""Who moved or cancelled a meeting, and how we know.

An organiser's update may carry out what an attendee asked for. If one of them proposed another time,
declined or wavered shortly before, or else wrote in the meeting's thread, the change is theirs; with no such
prompting it is the organiser's own. A refusal for being out of the office explains a change less than any other
answer does, and more than a mail that may be about anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SHORTLY = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Cause:
    """Who did it ("" if nobody knows), and one sentence that says how we know."""

    actor: str
    why: str
    prompt: str = ""  # ref of the observation that shows it, if that is not the change itself
    away: bool = False  # only because the actor was out of the office


class Weight(IntEnum):
    """How well something that an attendee did explains a change."""

    WROTE = 0  # a mail in its thread
    AWAY = 1  # refused, being out of the office
    OUTRIGHT = 2  # an answer to the invitation that asks for a change


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something that an attendee did."""

    at: datetime
    actor: str
    did: str  # "proposed a new time"
    ref: str  # of the sighting or message that shows it
    weight: Weight = Weight.OUTRIGHT


@dataclass(slots=True)
class Prompts:
    """What attendees did since the last change that could have moved the organiser to the next one."""

    _open: list[Prompt] = field(default_factory=list)

    def note(self, prompt: Prompt) -> None:
        """Remember something that asks for a change, or may."""
        self._open.append(prompt)

    def withdrawn(self, actor: str) -> None:
        """Forget what ``actor`` asked for: they have accepted since, or the organiser has turned it down."""
        self._open = [prompt for prompt in self._open if prompt.actor != actor]

    def answered(self) -> None:
        """Forget them all: a change was made, and they cannot have caused the one after it."""
        self._open = []

    def cause(self, at: datetime, organizer: str, did: str) -> Cause:
        """Say who is behind an update that was made ``at``; ``did`` is who sent it, and what it does."""
        recent = [prompt for prompt in self._open if timedelta(0) <= at - prompt.at <= SHORTLY]
        if recent:
            best = max(recent, key=lambda one: (one.weight, one.at, one.did, one.actor, one.ref))
            away = best.weight is Weight.AWAY
            reason = ", being out of the office" if away else ""
            return Cause(best.actor, f"{best.actor} {best.did} {_before(at - best.at)}{reason}", best.ref, away)
        if organizer:
            return Cause(organizer, did)
        return Cause("", "the meeting names no organiser")


def _before(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min before"
    return f"{minutes // 60} h before"
