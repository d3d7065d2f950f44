"""Sightings as they are stored: JSON, with what is empty left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.storage.column_types import from_microseconds, to_microseconds
from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.sightings import Sighting

if TYPE_CHECKING:
    from datetime import datetime


def body(one: Sighting) -> dict[str, Any]:
    """Give what is stored of a sighting beside its ref and time."""
    whole = {
        "source": one.source,
        "method": one.method.value,
        "sent_by": one.sent_by,
        "sequence": one.sequence,
        "start": to_microseconds(one.start),
        "end": to_microseconds(one.end),
        "all_day": one.all_day,
        "free": not one.busy,
        "away": one.away,
        "online": one.online,
        "status": one.status.value,
        "summary": one.summary,
        "organizer": one.organizer,
        "agent": one.agent,
        "answers": [[address, answer.value] for address, answer in one.answers],
        "absent": list(one.absent),
        "came": list(one.came),
        "gone": one.gone,
        "superseded": one.superseded,
        "pattern": one.pattern,
        "zone": one.zone,
        "recurrence_id": one.recurrence_id,
    }
    return {key: value for key, value in whole.items() if value not in ("", False, [])}


def restored(ref: str, at: datetime, body: dict[str, Any]) -> Sighting:
    """Give the sighting that was stored."""
    return Sighting(
        ref=ref,
        at=at,
        source=body.get("source", ""),
        method=Method(body["method"]),
        sent_by=body.get("sent_by", ""),
        sequence=body.get("sequence", 0),
        start=from_microseconds(body["start"]),
        end=from_microseconds(body["end"]),
        all_day=body.get("all_day", False),
        busy=not body.get("free", False),
        away=body.get("away", False),
        online=body.get("online", False),
        status=MeetingStatus(body["status"]),
        summary=body.get("summary", ""),
        organizer=body.get("organizer", ""),
        agent=body.get("agent", ""),
        answers=tuple((address, Answer(answer)) for address, answer in body.get("answers", [])),
        absent=tuple(body.get("absent", [])),
        came=tuple(body.get("came", [])),
        gone=body.get("gone", False),
        superseded=body.get("superseded", False),
        pattern=body.get("pattern", ""),
        zone=body.get("zone", ""),
        recurrence_id=body.get("recurrence_id", ""),
    )
