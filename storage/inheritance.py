"""What an occurrence has of its series.

Mails name an occurrence only where it differs from its series. So what the organiser's and the attendees' mails about
the whole series say, they say of each occurrence that is known too, unless the same mail names it as well: the series'
invitation makes it, at its original time; another pattern makes it anew or takes it away; a cancellation ends it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage.observations import MeetingStatus, Method
from keepwarm.storage.recurrence import comes_at, moment_of
from keepwarm.storage.sighting_json import restored
from keepwarm.storage.sightings import rhythm_of, span_of
from keepwarm.storage.tables import meeting, meeting_sighting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.sightings import Sighting

_CHUNK = 400


@dataclass(slots=True)
class Inheritance:
    """What is known of the series of one occurrence, by the mails about it that were believed."""

    recurrence_id: str = ""  # "": a meeting of its own, or a series, which inherits nothing
    named_by: frozenset[str] = frozenset()  # the sources that name the occurrence itself
    sequence: int = 0
    _length: timedelta = timedelta(0)
    _held_at: tuple[object, str] | None = None  # first start, and rhythm

    def is_of_series(self, sighting: Sighting) -> bool:
        """Tell what was seen of the whole series."""
        return bool(self.recurrence_id) and not sighting.recurrence_id

    def is_too_late(self, whole: Sighting, now: Sighting | None) -> bool:
        """Tell a mail that came when the occurrence had begun: it is about those to come."""
        return (now.start if now is not None else self._place(whole)[0]) <= whole.at

    def placed(self, own: Sighting) -> Sighting:
        """Give what a mail says of the occurrence; one that names no time means the original one."""
        moment = moment_of(self.recurrence_id) if own.timeless else None
        return own if moment is None else replace(own, start=moment, end=moment + self._length)

    def of_answer(self, whole: Sighting, sequence: int) -> Sighting:
        """Give what an answer to the series says of the occurrence, whose own ``sequence`` is this one."""
        current = whole.sequence >= self.sequence
        start, end = self._place(whole)
        return replace(
            whole, start=start, end=end, pattern="", recurrence_id=self.recurrence_id,
            sequence=max(whole.sequence, sequence) if current else whole.sequence,
        )  # fmt: skip

    def of_organizer(self, whole: Sighting, now: Sighting | None, sequence: int, *, off: bool) -> Sighting | None:
        """Give what a believed mail says of the occurrence; None if nothing.

        ``now`` shows the times that it has, ``off``: it was called off by itself. One that the pattern no longer holds
        is gone, superseded.
        """
        if whole.sequence < self.sequence:
            return None
        self.sequence = whole.sequence
        is_update = whole.method is Method.REQUEST and whole.status is not MeetingStatus.CANCELLED
        reshaped = self._reshape(whole) if is_update else False
        if whole.source in self.named_by or self.is_too_late(whole, now) or (now is None and not is_update):
            return None
        made = replace(whole, pattern="", sequence=max(whole.sequence, sequence))
        if not is_update:
            return made if now is None else replace(made, start=now.start, end=now.end)
        belongs = comes_at(whole, self.recurrence_id)
        if belongs is None or (off and not reshaped and belongs) or (now is None and not belongs):
            return None
        if not belongs:
            return replace(made, gone=True, superseded=True)
        return self._following(made, now, reshaped=reshaped)

    def _following(self, made: Sighting, now: Sighting | None, *, reshaped: bool) -> Sighting:
        start, end = self._place(made)
        if now is None or reshaped or now.start == start:
            return replace(made, start=start, end=end)
        return replace(made, start=now.start, end=now.end)  # it was moved by itself, and stays there

    def _reshape(self, whole: Sighting) -> bool:
        """Learn when a series is held; true if that was at other times before."""
        before, self._length = self._held_at, whole.end - whole.start
        self._held_at = span_of(whole).start, rhythm_of(whole.pattern)
        return before is not None and before != self._held_at

    def _place(self, whole: Sighting) -> tuple[datetime, datetime]:
        """Give the original time of the occurrence, as long as the series."""
        moment = moment_of(self.recurrence_id) or whole.start
        if whole.all_day:  # midnight where the series has it
            moment = whole.start + (moment.replace(hour=0) - _midnight(whole))
        return moment, moment + (self._length or whole.end - whole.start)


def _midnight(whole: Sighting) -> datetime:
    return (whole.start + timedelta(hours=13)).replace(hour=0, minute=0, second=0, microsecond=0)


def mails_of_series(
    connection: Connection, occurrences: Mapping[int, tuple[str, str]]
) -> Mapping[int, list[tuple[Sighting, int]]]:
    """Give what mails told of the whole series of these, each with the key of its mail.

    ``occurrences`` are meetings by row id, with UID and RECURRENCE-ID, not too many for one statement.
    """
    heirs: dict[str, list[int]] = defaultdict(list)
    for one, (uid, occurrence) in occurrences.items():
        if occurrence:
            heirs[uid].append(one)
    found: dict[int, list[tuple[Sighting, int]]] = {}
    if not heirs:
        return found
    told = (
        select(meeting_sighting, meeting.c.ical_uid)
        .join(meeting, meeting.c.id == meeting_sighting.c.meeting_id)
        .where(meeting.c.ical_uid.in_(list(heirs)) & (meeting.c.recurrence_id == ""))
        .where(meeting_sighting.c.message_key.is_not(None))
    )
    mails: dict[str, list[tuple[Sighting, int]]] = defaultdict(list)
    for row in connection.execute(told):
        mails[row.ical_uid].append((restored(row.ref, row.at, row.body), row.message_key))
    return {one: mails[uid] for uid in mails for one in heirs[uid]}


def with_heirs(connection: Connection, meeting_ids: Iterable[int]) -> set[int]:
    """Add to meetings of which mails told the occurrences of those that are series."""
    ids = set(meeting_ids)
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        own = select(meeting.c.ical_uid).where(
            meeting.c.id.in_(ordered[start : start + _CHUNK]) & (meeting.c.recurrence_id == "")
        )
        heirs = select(meeting.c.id).where(meeting.c.ical_uid.in_(own) & (meeting.c.recurrence_id != ""))
        ids.update(connection.execute(heirs).scalars())
    return ids
