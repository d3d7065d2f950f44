"""The four tables for spreadsheets: contacts, signals, warmth by week, meetings. Their columns are a contract."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from keepwarm.outputs.csv_text import joined, table
from keepwarm.outputs.json_views import utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from keepwarm.outputs.csv_text import Cell
    from keepwarm.storage.meeting_parts import MeetingPart
    from keepwarm.storage.views import ContactView, SignalView
    from keepwarm.storage.warmth_weeks import WarmthWeek

CONTACTS = (
    "id", "name", "addresses", "organisation", "labels", "warmth", "band", "trend", "last_in", "last_out",
    "next_meeting", "ping_interval_days", "open_signals",
)  # fmt: skip
SIGNALS = (
    "id", "rule", "family", "contact_id", "contact_name", "strength", "opened", "cleared", "historical", "verdict",
    "verdict_at", "sentence", "evidence",
)  # fmt: skip
WARMTH = ("contact_id", "contact_name", "week", "week_ends", "warmth", "band")
MEETINGS = (
    "meeting_id", "title", "start", "end", "all_day", "cancelled", "organised_by", "moved", "contact_id",
    "contact_name", "declined",
)  # fmt: skip


def contacts(views: Iterable[ContactView]) -> Iterator[str]:
    """Give the sonar, by id: a line of one contact stays where it is while warmth goes up and down."""
    return table(CONTACTS, (_contact(one) for one in sorted(views, key=attrgetter("id"))))


def signals(views: Iterable[SignalView]) -> Iterator[str]:
    """Give signals, open and cleared, the oldest first."""
    return table(SIGNALS, (_signal(one) for one in sorted(views, key=lambda one: (one.opened, one.id))))


def warmth(weeks: Iterable[WarmthWeek]) -> Iterator[str]:
    """Give warmth by week, in the order in which it comes."""
    return table(
        WARMTH,
        ((one.contact_id, one.name, one.week, one.ends.isoformat(), one.warmth, one.band) for one in weeks),
    )


def meetings(parts: Iterable[MeetingPart]) -> Iterator[str]:
    """Give one line for each contact in a meeting, in the order in which they come."""
    return table(MEETINGS, (_part(one) for one in parts))


def _contact(one: ContactView) -> tuple[Cell, ...]:
    return (
        one.id,
        one.name,
        joined(one.addresses),
        one.organisation,
        joined(one.labels),
        one.warmth,
        one.band,
        one.trend,
        _time(one.last_in),
        _time(one.last_out),
        _time(one.next_meeting),
        one.ping_interval_days,
        joined(one.open_signals),
    )


def _signal(one: SignalView) -> tuple[Cell, ...]:
    said = one.verdict
    return (
        one.id,
        one.rule,
        one.family,
        one.contact.id,
        one.contact.name,
        one.strength,
        _time(one.opened),
        _time(one.cleared),
        one.historical,
        said.judgement.value if said else None,
        _time(said.at) if said else None,
        one.sentence,
        len(one.evidence),
    )


def _part(one: MeetingPart) -> tuple[Cell, ...]:
    return (
        one.meeting_id,
        one.title,
        _time(one.start),
        _time(one.end),
        one.all_day,
        one.cancelled,
        one.organised_by,
        one.moved,
        one.contact_id,
        one.contact_name,
        one.declined,
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
