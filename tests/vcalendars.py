"""Calendars for tests that write their own, as text."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.letters import ME

HALF_AN_HOUR = timedelta(minutes=30)


def vevent(uid: str, start: datetime, title: str = "Review", *more: str, who: str = "ana@acme.test") -> str:
    """Give a meeting that ``who`` has with the owner; ``start`` is aware UTC."""
    lines = (
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + HALF_AN_HOUR:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        f"ORGANIZER;CN=Ana:mailto:{who}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        *more,
        "END:VEVENT",
    )
    return "".join(f"{line}\r\n" for line in lines)


def vcalendar(*events: str) -> bytes:
    """Give a whole calendar."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:tests\r\n{''.join(events)}END:VCALENDAR\r\n".encode()
