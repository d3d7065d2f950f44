"""What calendars no longer show: named by a tombstone, or absent from a read that was complete.

Either way it is only missing so far. Servers split, move and re-create events, half-written files look like deletions,
and what one calendar deletes another one may show a moment later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal, or_, select, update

from keepwarm.storage.prefixes import end_of
from keepwarm.storage.tables import meeting, meeting_copy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.observations import Gone, Scope

SETTLING = timedelta(hours=1)
"""For so long at least what is missing may come back as if nothing had happened."""

_copy = meeting_copy.c
_KEYS = (_copy.source_key >= bindparam("low")) & (_copy.source_key < bindparam("high"))
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A copy that is missing, and not gone yet."""

    source_key: str
    meeting_id: int
    ical_uid: str
    recurrence_id: str
    start: datetime
    series: bool  # a series' own entry
    shown_since: datetime | None
    since: datetime
    in_pass: int  # that missed it first
    reads: int  # that agree on it: what missed it first, and each complete one from SETTLING on
    held: bool

    @property
    def was_to_come(self) -> bool:
        """Tell whether it had not begun when it was missed."""
        return self.start > self.since


def all_missing(connection: Connection, stream_id: int) -> list[Missing]:
    """Give what is missing from a stream, by source key."""
    rows = connection.execute(
        select(meeting_copy, meeting.c.ical_uid, meeting.c.recurrence_id)
        .join(meeting, meeting.c.id == _copy.meeting_id)
        .where((_copy.stream_id == stream_id) & _copy.missing_since.is_not(None) & ~_copy.gone)
    )
    # Sorted here: SQLite would go through all copies of the stream to find them in that order.
    found = [
        Missing(
            source_key=row.source_key,
            meeting_id=row.meeting_id,
            ical_uid=row.ical_uid,
            recurrence_id=row.recurrence_id,
            start=row.start,
            series=bool(row.shape),
            shown_since=row.shown_since,
            since=row.missing_since,
            in_pass=row.missing_in_pass,
            reads=row.missed_reads,
            held=row.held,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.source_key)


def bury(connection: Connection, lease: Lease, tombstones: Iterable[Gone], now: datetime) -> None:
    """Note what the source says was deleted; unknown keys are ignored.

    A tombstone counts until the copy is shown again, so what a batch shows is to be stored after its tombstones.
    """
    single, prefixes = list[dict[str, str]](), list[dict[str, str]]()
    for tombstone in tombstones:
        if tombstone.source_key.endswith("/"):
            prefixes.append({"low": tombstone.source_key, "high": end_of(tombstone.source_key)})
        else:
            single.append({"low": tombstone.source_key})
    for which, rows in ((_copy.source_key == bindparam("low"), single), (_KEYS, prefixes)):
        if rows:
            connection.execute(
                update(meeting_copy)
                .where((_copy.stream_id == lease.stream_id) & which & ~_copy.gone)
                .values(
                    buried=True,
                    missing_since=func.coalesce(_copy.missing_since, literal(now, _copy.missing_since.type)),
                    missing_in_pass=func.coalesce(_copy.missing_in_pass, lease.pass_number),
                    missed_reads=case((_copy.missed_reads == 0, 1), else_=_copy.missed_reads),
                ),
                rows,
            )


def note_absent(connection: Connection, lease: Lease, scopes: Iterable[Scope], now: datetime) -> None:
    """Note what a complete read of ``scopes`` did not show."""
    parts = []
    for scope in scopes:
        since, until = scope.since or _EARLIEST, scope.until or _LATEST
        if scope.within:
            parts.append({"low": scope.within, "high": end_of(scope.within), "first": since, "end": until})
        else:
            _agree(connection, lease, since, until, now)
            _miss(connection, lease, _covered(since, until), now)
    if parts:
        first, end = (bindparam(name, type_=_copy.start.type) for name in ("first", "end"))
        _miss(connection, lease, _KEYS & _covered(first, end), now, parts)


def _covered(since: Any, until: Any) -> ColumnElement[bool]:
    """Tell what a read of this span of time must show: a series' own entry also if it began long before."""
    covered: ColumnElement[bool] = ((_copy.start >= since) | (_copy.shape != "")) & (_copy.start < until)
    return covered


def _unseen(lease: Lease) -> ColumnElement[bool]:
    return (_copy.stream_id == lease.stream_id) & ~_copy.gone & (_copy.seen_in_pass < lease.pass_number)


def _miss(
    connection: Connection,
    lease: Lease,
    covered: ColumnElement[bool],
    now: datetime,
    parts: list[dict[str, Any]] | None = None,
) -> None:
    connection.execute(
        update(meeting_copy)
        .where(_unseen(lease) & _copy.missing_since.is_(None) & covered)
        .values(missing_since=now, missing_in_pass=lease.pass_number, missed_reads=1),
        parts,
    )


def _agree(connection: Connection, lease: Lease, since: datetime, until: datetime, now: datetime) -> None:
    """Count a complete read that still does not show what is missing.

    A tombstone is agreed on by any: what it names may lie outside of the span that is read.
    """
    earlier = (_copy.missing_since <= now - SETTLING) & (_copy.missing_in_pass < lease.pass_number)
    connection.execute(
        update(meeting_copy)
        .where(_unseen(lease) & earlier & or_(_covered(since, until), _copy.buried))
        .values(missed_reads=_copy.missed_reads + 1)
    )
