"""Editions: a calendar that can only be read whole, as one writing of it follows another.

An edition is cut into batches, and what vanished since the last one shows by its absence. If the meetings have got
other UIDs meanwhile, nothing can be told from it: such a calendar is disowned until its UIDs stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from keepwarm.connectors.uid_sketch import kinship, sketch_of
from keepwarm.storage.observations import Batch, MeetingSeen, Rejected, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from keepwarm.connectors.series import Window
    from keepwarm.connectors.shelf import Shelf
    from keepwarm.connectors.uid_sketch import Sketch
    from keepwarm.storage.observations import Cursor

BATCH = 500  # meetings
FEW = 3  # events; so many must have changed their UIDs before one look is enough to disown a calendar

SUSPECT = "suspect"  # a very small calendar has got new UIDs: somebody may have re-created the one or two meetings
DISOWNED = "disowned"

_NEW_UIDS = "Its meetings get new UIDs each time it is written, so that none of them can be followed."
_ANOTHER = "The account's address leads to another calendar now."
_UIDS_KEY = "calendar:uids"
_CURE = (
    "its meetings get new UIDs each time it is written, so that nothing can be told from it: "
    "read this calendar by CalDAV, or take a feed or an export that keeps the UIDs"
)


@dataclass(frozen=True, slots=True)
class Past:
    """What the cursor tells of the last edition that was read."""

    mark: str = ""  # by which an edition is told from others, without a clock
    day: str = ""  # end of the window if there were series, which must be expanded anew when it moves on
    state: str = ""  # SUSPECT, DISOWNED, or "" if it was followed
    strikes: int = 0  # how often all UIDs were new, up to 2, since they were last seen to outlive a change
    sketch: Sketch = ()

    @staticmethod
    def of(cursor: Cursor | None) -> Past:
        """Read a cursor; what an older version wrote tells nothing."""
        found = cursor or {}
        return Past(
            mark=found.get("mark", ""),
            day=found.get("day", ""),
            state=found.get("state", ""),
            strikes=found.get("strikes", 0),
            sketch=tuple(found.get("sketch", ())),
        )

    def is_of(self, window: Window) -> bool:
        """Tell whether the window has not moved on in a way that matters."""
        return self.day in ("", _day(window))

    @property
    def may_recover(self) -> bool:
        """May the same edition once more be enough to follow the calendar again?

        A feed that made new UIDs twice may only be cached in between: its UIDs must be seen to outlive a change.
        """
        return bool(self.state) and self.strikes < 2


def batches(
    shelf: Shelf, cursor: Cursor | None, mark: str, *, more: dict[str, Any] | None = None, moved: bool = False
) -> Iterator[Batch]:
    """Cut the shelf into batches; the cursor stays until the last, so that a broken pull starts over.

    ``more`` is put into the cursor, too. ``moved``: this may be another calendar than the cursor tells of.
    """
    past, sketch = Past.of(cursor), sketch_of(shelf.written())
    before, kin = dict(cursor or {"v": 1}), kinship(past.sketch, sketch)
    outlived = kin.stayed and mark not in ("", past.mark)  # a change, that is
    after = {"v": 1, "mark": mark, "sketch": list(sketch), **(more or {})}
    if moved and past.sketch and not kin.stayed:
        yield Batch(disowned=_ANOTHER, cursor=before)
        yield from _followed(shelf, before, {**after, "strikes": 0})
    elif kin.churned:
        yield _unfollowed(shelf, after, past, few=kin.alike - kin.same < FEW)
    elif past.state and not (outlived or (kin.stayed and past.may_recover)):
        yield _held(shelf, {**after, "state": past.state, "strikes": past.strikes})
    else:
        yield from _followed(shelf, before, {**after, "strikes": 0 if outlived else past.strikes})


def _followed(shelf: Shelf, before: Cursor, after: Cursor) -> Iterator[Batch]:
    total, looked_at, seen = shelf.count(), shelf.past, list[MeetingSeen]()
    for meetings, events in shelf.meetings():
        seen.extend(meetings)
        looked_at += events
        while len(seen) >= BATCH:
            yield Batch(seen=tuple(seen[:BATCH]), cursor=before, total=total, looked_at=looked_at)
            seen, looked_at = seen[BATCH:], 0
    yield Batch(
        seen=tuple(seen),
        complete=(Scope(since=shelf.window.since, until=shelf.window.until),) if shelf.whole else (),
        rejected=tuple(shelf.rejected),
        cursor={**after, "day": _day(shelf.window) if shelf.has_series else "", "state": ""},
        total=total,
        looked_at=looked_at,
    )


def _unfollowed(shelf: Shelf, after: Cursor, past: Past, *, few: bool) -> Batch:
    """Disown the calendar; but one or two events that are new may have been re-created: then wait for another look."""
    strikes = min(past.strikes + 1, 2)
    if few and strikes < 2 and past.state != DISOWNED:
        return _held(shelf, {**after, "state": SUSPECT, "strikes": strikes})
    return Batch(
        disowned=_NEW_UIDS,
        rejected=(Rejected(source_key=_UIDS_KEY, reason=_CURE, where="the whole calendar"),),
        cursor={**after, "state": DISOWNED, "strikes": strikes},
        total=shelf.count(),
        looked_at=shelf.count(),
    )


def _held(shelf: Shelf, after: Cursor) -> Batch:
    return Batch(cursor=after, total=shelf.count(), looked_at=shelf.count())


def _day(window: Window) -> str:
    return window.until.astimezone(UTC).date().isoformat()
