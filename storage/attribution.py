"""Who moved or cancelled a meeting, and how we know.

An organiser's update may carry out what an attendee asked for. If one of them proposed another time,
declined or wavered shortly before, or else wrote in the meeting's thread, the change is theirs; with no such
prompting it is the organiser's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SHORTLY = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Cause:
    """Who did it ("" if nobody knows), and one sentence that says how we know."""

    actor: str
    why: str


@dataclass(frozen=True, slots=True)
class _Prompt:
    at: datetime
    actor: str
    did: str  # "proposed a new time"
    outright: bool  # said in an answer to the invitation; a mail in its thread may be about anything


@dataclass(slots=True)
class Prompts:
    """What attendees did since the last change that could have moved the organiser to the next one."""

    _open: list[_Prompt] = field(default_factory=list)

    def note(self, at: datetime, actor: str, did: str, *, outright: bool = True) -> None:
        """Remember that ``actor`` did something that asks for a change, ``outright`` or maybe."""
        self._open.append(_Prompt(at, actor, did, outright))

    def withdrawn(self, actor: str) -> None:
        """Forget what ``actor`` asked for: they have accepted since, or the organiser has turned it down."""
        self._open = [prompt for prompt in self._open if prompt.actor != actor]

    def answered(self) -> None:
        """Forget them all: a change was made, and they cannot have caused the one after it."""
        self._open = []

    def cause(self, at: datetime, organizer: str, did: str) -> Cause:
        """Say who is behind an update that the organiser made ``at``; ``did`` is what the update does."""
        recent = [prompt for prompt in self._open if timedelta(0) <= at - prompt.at <= SHORTLY]
        if recent:
            prompt = max(recent, key=lambda prompt: (prompt.outright, prompt.at, prompt.did, prompt.actor))
            return Cause(prompt.actor, f"{prompt.actor} {prompt.did} {_before(at - prompt.at)}")
        if organizer:
            return Cause(organizer, f"the organiser {did}")
        return Cause("", "the meeting names no organiser")


def _before(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min before"
    return f"{minutes // 60} h before"
