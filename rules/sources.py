"""Sources: the observations that facts rest on and that signals show as their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.storage.histories import By

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.histories import MeetingFact, MessageFact, RevisionFact


@dataclass(frozen=True, slots=True)
class Source:
    """One observation; ``what`` tells a person what it was."""

    kind: str  # "message", "meeting_revision", or "sighting": one snapshot of a meeting, in a calendar or a mail
    ref: str
    at: datetime
    what: str
    stream: int  # through which stream it was first seen


def of_message(message: MessageFact) -> Source:
    """Make a message a source."""
    who = "you wrote" if message.outbound else "they wrote"
    about = f": “{message.subject}”" if message.subject else ""
    return Source("message", message.ref, message.at, who + about, message.stream)


def of_revision(meeting: MeetingFact, revision: RevisionFact) -> Source:
    """Make a change of a meeting a source."""
    title = f"“{meeting.summary}”" if meeting.summary else "a meeting"
    who = {By.THEM: "them", By.OWNER: "you", By.OTHER: "somebody else", By.UNKNOWN: "unknown"}[revision.by]
    what = f"{title} {revision.change.value} (by {who}; {revision.why})"
    return Source("meeting_revision", revision.ref, revision.at, what, meeting.stream)


def of_passing(meeting: MeetingFact, revision: RevisionFact) -> Source:
    """Make it a source that a meeting passed as it was planned, without an answer."""
    title = f"“{meeting.summary}”" if meeting.summary else "a meeting"
    what = f"{title} passed, and the invitation had no answer"
    return Source("meeting_revision", revision.ref, revision.end, what, meeting.stream)


def of_prompt(meeting: MeetingFact, revision: RevisionFact) -> Source | None:
    """Make what shows who is behind a change a source of its own, where that is another observation.

    Where it is a message, ``of_message`` tells it better.
    """
    if not revision.prompt:
        return None
    return Source("sighting", revision.prompt, revision.at, f"what shows it: {revision.why}", meeting.stream)
