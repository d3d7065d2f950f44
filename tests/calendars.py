"""Events as a calendar server keeps them, and a connector to read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.caldav import CaldavConnector, CaldavSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keepwarm.storage.observations import Batch, Cursor, Stream

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WINDOW = (START - timedelta(days=30), START + timedelta(days=90))
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4"


def event(uid: str, *more: str, start: datetime = START) -> str:
    """Write a VEVENT of an hour; ``more`` are further lines."""
    lines = (
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:Meeting {uid}",
        *more,
    )
    return "".join(f"{line}\r\n" for line in ("BEGIN:VEVENT", *lines, "END:VEVENT"))


def calendar(*events: str) -> str:
    """Write a VCALENDAR of some events."""
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"


def connector_to(
    url: str, user: str = "jo", password: str | Callable[[], str] = "secret-word", **others: Any
) -> CaldavConnector:
    """Make a connector to an address."""
    ask = password if callable(password) else lambda: password
    given: dict[str, Any] = {"window": lambda: WINDOW, "zone": UTC}
    return CaldavConnector(CaldavSettings(url=url, user=user, password=ask, **given | others))


def poll(connector: CaldavConnector, cursor: Cursor | None = None, name: str = "work") -> list[Batch]:
    """Read one calendar as the daemon does: the streams are listed first."""
    stream: Stream = next(one for one in connector.streams() if one.name == name)
    return list(connector.pull(stream, cursor))


def keys(batches: Iterable[Batch]) -> list[str]:
    """Give the keys of all that was seen."""
    return sorted(item.source_key for batch in batches for item in batch.seen)


def gone(batches: Iterable[Batch]) -> list[str]:
    """Give the keys of all tombstones."""
    return sorted(item.source_key for batch in batches for item in batch.gone)


def claims(batches: Iterable[Batch]) -> list[str]:
    """Give what was claimed to be whole; "" is the whole calendar."""
    return sorted(scope.within for batch in batches for scope in batch.complete)
