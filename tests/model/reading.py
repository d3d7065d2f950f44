"""What a database says of the meetings, in the words of the model."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from keepwarm.storage.tables import address, meeting, meeting_party, meeting_revision
from tests.model.model import OFF, Key, Standing

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from tests.model.model import Told

_UNTOLD = ("created", "superseded")  # of an occurrence: it came and went with its series
_FROM_TO = ("rescheduled", "restored", "proposed")


def told(database: Database) -> Told:
    """Give what is told of each meeting, oldest first; what befell a whole series, of the series alone."""
    lives = _revisions(database)
    found: Told = {}
    for key, life in lives.items():
        whole = {(one.change, one.at) for one in lives.get(Key(key.uid, ""), ())} if key.rid else set()
        lines = [
            _line(one) for one in life
            if not key.rid or (one.change not in _UNTOLD and (one.change, one.at) not in whole)
        ]  # fmt: skip
        if lines:
            found[key] = lines
    return found


def _line(one: Any) -> str:
    text = f"{one.change} by {one.actor or 'nobody'}"
    if one.change in _FROM_TO:
        text += f", {one.previous_start:%m-%d %H:%M} to {one.start:%m-%d %H:%M}" if one.previous_start else ", from ?"
    return text


def standings(database: Database) -> dict[Key, Standing]:
    """Give how each meeting stands; a proposal moves nothing."""
    answers: dict[int, dict[str, str]] = defaultdict(dict)
    parties = select(meeting_party.c.revision_id, address.c.address, meeting_party.c.answer)
    with database.reading() as connection:
        for row in connection.execute(parties.join(address, address.c.id == meeting_party.c.address_id)):
            answers[row.revision_id][row.address] = row.answer
    found = {}
    for key, life in _revisions(database).items():
        placed = [one for one in life if one.change != "proposed"]
        if placed:
            last = placed[-1]
            on = Standing(True, (last.start, last.end), answers[life[-1].id])
            found[key] = OFF if life[-1].status == "cancelled" else on
    return found


def _revisions(database: Database) -> dict[Key, list[Any]]:
    joined = select(meeting.c.ical_uid, meeting.c.recurrence_id, meeting_revision).join(
        meeting, meeting.c.id == meeting_revision.c.meeting_id
    )
    found: dict[Key, list[Any]] = defaultdict(list)
    with database.reading() as connection:
        for row in connection.execute(joined.order_by(meeting_revision.c.meeting_id, meeting_revision.c.seq)):
            found[Key(row.ical_uid, row.recurrence_id)].append(row)
    return dict(found)
