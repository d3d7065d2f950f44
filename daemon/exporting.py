"""Exporting: each file for other tools, made of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from keepwarm.storage import feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from keepwarm.daemon.settings import Configuration
    from keepwarm.storage.views import ContactView, SignalView

    Maker = Callable[["Snapshot"], Iterable[str]]

FEED = "feed.jsonl"

_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_LINES_AT_ONCE = 100


def feed_lines(connection: Connection, since: int = 0) -> Iterator[str]:
    """Give the feed after line ``since`` in pieces of whole lines; they are read as they are asked for."""
    from keepwarm.outputs import feed as text  # noqa: PLC0415

    held: list[str] = []
    for entry in feed.entries(connection, since):
        held.append(f"{text.line(entry)}\n")
        if len(held) == _LINES_AT_ONCE:
            yield "".join(held)
            held.clear()
    yield "".join(held)


@dataclass(frozen=True)
class Snapshot:
    """What is stored, as of a moment; what several files show is read once."""

    connection: Connection
    settings: Configuration
    as_of: datetime

    @cached_property
    def contacts(self) -> list[ContactView]:
        """The sonar."""
        from keepwarm.storage import contacts  # noqa: PLC0415

        return contacts.views(self.connection, self.as_of)

    @cached_property
    def signals(self) -> list[SignalView]:
        """All signals that ever opened, the cleared ones too."""
        from keepwarm.storage import signals  # noqa: PLC0415

        return signals.views(self.connection, self.as_of, cleared_since=_EVER)


def _feed(now: Snapshot) -> Iterable[str]:
    return feed_lines(now.connection)


def _contacts(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs import csv_tables  # noqa: PLC0415

    return csv_tables.contacts(now.contacts)


def _signals(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs import csv_tables  # noqa: PLC0415

    return csv_tables.signals(now.signals)


def _warmth(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs import csv_tables  # noqa: PLC0415
    from keepwarm.storage import warmth_weeks  # noqa: PLC0415

    return csv_tables.warmth(warmth_weeks.of(now.connection, now.as_of, now.settings.owner.timezone))


def _meetings(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs import csv_tables  # noqa: PLC0415
    from keepwarm.storage import meeting_parts  # noqa: PLC0415

    return csv_tables.meetings(meeting_parts.of(now.connection, now.as_of))


def _calendar(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs import dated_calendar  # noqa: PLC0415
    from keepwarm.outputs.wording import wording  # noqa: PLC0415
    from keepwarm.storage import next_pings  # noqa: PLC0415
    from keepwarm.storage.notes import NOTES  # noqa: PLC0415
    from keepwarm.storage.promises import PROMISES  # noqa: PLC0415

    as_of = now.as_of
    said = (one for one in PROMISES.listed(now.connection) if one.at <= as_of)
    remembered = dated_calendar.Remembered(
        signals=[one for one in now.signals if one.cleared is None and not one.hidden],
        pings=next_pings.of(now.connection, now.contacts, as_of),
        notes=[one for one in NOTES.listed(now.connection) if one.at <= as_of],
        promises=[one for one in said if one.kept_at is None or one.kept_at > as_of],
    )
    words = wording(now.settings.report.language)
    return (dated_calendar.calendar(remembered, as_of, now.settings.owner.timezone, words),)


def _cards(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs.vcard import vcards  # noqa: PLC0415

    return vcards(now.contacts)


def _atom(now: Snapshot) -> Iterable[str]:
    from keepwarm.outputs.atom import atom  # noqa: PLC0415

    return (atom([one for one in now.signals if not one.hidden], now.settings.owner_addresses),)


FORMATS: Mapping[str, Mapping[str, Maker]] = {
    "jsonl": {FEED: _feed},
    "csv": {"contacts.csv": _contacts, "signals.csv": _signals, "warmth.csv": _warmth, "meetings.csv": _meetings},
    "ics": {"keepwarm.ics": _calendar},
    "vcard": {"contacts.vcf": _cards},
    "atom": {"feed.atom": _atom},
}
"""The files of each format, in the order in which they are written, and what makes them."""

SNAPSHOTS: Mapping[str, Maker] = {
    name: make for files in FORMATS.values() for name, make in files.items() if name != FEED
}
"""The files that show what is so now, beside the feed, which only grows."""
