"""Sources: the observations that facts rest on and that signals show as their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.rules.touches import told
from keepwarm.storage.histories import OWNERS_WORD, By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.storage.histories import (
        MeetingFact,
        MessageFact,
        NoteFact,
        PromiseFact,
        ReflectionFact,
        RevisionFact,
        TouchFact,
    )

_LONGEST_QUOTE = 120


@dataclass(frozen=True, slots=True)
class Source:
    """One observation; ``what`` tells a person what it was."""

    # "message", "meeting_revision", or "sighting": one snapshot of a meeting, in a calendar or a mail; and by the
    # owner's word "note", "promise", "reflection" or "touch".
    kind: str
    ref: str
    at: datetime
    what: str
    stream: int  # through which stream it was first seen, or OWNERS_WORD


def of_message(message: MessageFact) -> Source:
    """Make a message a source."""
    who = "you wrote" if message.outbound else "they wrote"
    about = f": “{message.subject}”" if message.subject else ""
    return Source("message", message.ref, message.at, who + about, message.stream)


def of_revision(meeting: MeetingFact, revision: RevisionFact) -> Source:
    """Make a change of a meeting a source."""
    title = f"“{meeting.summary}”" if meeting.summary else "a meeting"
    who = {By.THEM: "them", By.OWNER: "you", By.OTHER: "somebody else", By.UNKNOWN: "unknown"}[revision.by]
    did = "missed" if revision.change is Change.NO_SHOW else revision.change.value
    what = f"{title} {did} (by {who}; {revision.why})"
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


def of_touch(touch: TouchFact) -> Source:
    """Make a logged touch a source."""
    about = f": {quoted(touch.text)}" if touch.text else ""
    return Source("touch", touch.ref, touch.at, f"you {told(touch.kind)}{about}", OWNERS_WORD)


def of_note(note: NoteFact) -> Source:
    """Make a note a source."""
    about = f" (for {note.on.isoformat()})" if note.on else ""
    return Source("note", note.ref, note.at, f"you noted{about}: {quoted(note.text)}", OWNERS_WORD)


def of_promise(promise: PromiseFact) -> Source:
    """Make a promise a source, of when it was kept if it is known to be."""
    who = "they" if promise.by is By.THEM else "you"
    if promise.kept_at is None:
        what = f"{who} promised by {promise.due.isoformat()}: {quoted(promise.text)}"
        return Source("promise", promise.ref, promise.at, what, OWNERS_WORD)
    what = f"{who} kept what was due on {promise.due.isoformat()}: {quoted(promise.text)}"
    return Source("promise", promise.ref, max(promise.at, promise.kept_at), what, OWNERS_WORD)


def of_reflection(reflection: ReflectionFact) -> Source:
    """Make a reflection a source."""
    answers = [
        f"{question}: {'yes' if answer else 'no'}"
        for question, answer in (
            ("what they needed was answered", reflection.needs_answered),
            ("you could help", reflection.help_answered),
        )
        if answer is not None
    ]
    mood = [f"their mood: {reflection.mood} of 5"] if reflection.mood is not None else []
    thought = "; ".join([*answers, *mood])
    what = f"you thought of your meeting{': ' if thought else ''}{thought}"
    return Source("reflection", reflection.ref, reflection.at, what, OWNERS_WORD)


def quoted(text: str) -> str:
    """Quote the owner's text on one line: evidence is shown as a line, and a note may be a page."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= _LONGEST_QUOTE else f"“{line[: _LONGEST_QUOTE - 1]}…”"
