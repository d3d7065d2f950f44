"""What is read of a mail, and what becomes of its meetings, as text that people can check."""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING

from keepwarm.connectors.mail import observe
from keepwarm.connectors.message_files import read_message
from keepwarm.storage.revisions import revisions
from keepwarm.storage.sighted import sighting_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.storage.observations import MeetingSeen, MessageSeen
    from keepwarm.storage.sightings import Revision

OWNER = "sam@carter.example"


def read(file: Path) -> MessageSeen:
    """Read a mail as it lies on disk."""
    raw = file.read_bytes()
    header, part = read_message(io.BytesIO(raw), 0, len(raw))
    message, rejected = observe(
        header, source_key=file.stem, where=file.name, stored_at=None, size=len(raw), calendar_part=part
    )
    assert message is not None
    assert rejected is None
    return message


def told(message: MessageSeen) -> str:
    """Write down all that was read of a mail."""
    author = message.author.address if message.author else "nobody"
    lines = [f"{message.kind} from {author} at {message.at:%Y-%m-%d %H:%M}: {message.subject}"]
    for seen in message.meetings:
        lines += ["", *_meeting(seen)]
    return "\n".join([*lines, ""])


def _meeting(seen: MeetingSeen) -> Iterable[str]:
    yield f"{seen.method} of {seen.ical_uid}"
    if seen.recurrence_id:
        yield f"  occurrence  {seen.recurrence_id}"
    yield f"  title       {seen.summary}"
    yield f"  times       {seen.start:%Y-%m-%d %H:%M} to {seen.end:%Y-%m-%d %H:%M}"
    for line in seen.pattern.splitlines():
        yield f"  pattern     {line}"
    yield f"  sequence    {seen.sequence}, {seen.status}, {'busy' if seen.busy else 'free'}{', away' * seen.away}"
    yield f"  sent by     {seen.sent_by}{f', for whom {seen.agent} may speak' if seen.agent else ''}"
    if seen.organizer:
        yield f"  organiser   {seen.organizer.address} ({seen.organizer.name})"
    for one in seen.attendees:
        kind = "attendee   " if one.person else "no person  "
        yield f"  {kind} {one.address} ({one.name}): {one.answer}{'' if one.required else ', optional'}"
    for flaw in seen.flaws:
        yield f"  flaw        {flaw}"


def lives(messages: Iterable[MessageSeen]) -> str:
    """Tell what became of the meetings of these mails: the series first, then its occurrences."""
    sightings = [
        sighting_of(seen, source=f"mail:{message.source_key}", at=message.at)
        for message in messages
        for seen in message.meetings
    ]
    lines: list[str] = []
    for occurrence, mine in groupby(sorted(sightings, key=_occurrence), key=_occurrence):
        lines += [f"{occurrence or 'series'}:"]
        lines += [f"  {_revision(one)}" for one in revisions(mine, owner=frozenset({OWNER}))]
    return "\n".join([*lines, ""])


def _occurrence(sighting: object) -> str:
    return str(getattr(sighting, "recurrence_id", ""))


def _revision(one: Revision) -> str:
    moved = "" if one.previous_start is None else f", {(one.start - one.previous_start).days:+d} d"
    return f"{one.at:%Y-%m-%d} {one.change} by {one.actor}{moved}{' (away)' * one.away}"
