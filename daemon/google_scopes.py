"""What Google is asked for: as little as the settings need."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keepwarm.daemon.settings import Configuration

_AUTH = "https://www.googleapis.com/auth/"
METADATA = f"{_AUTH}gmail.metadata"  # headers and labels, no bodies
READONLY = f"{_AUTH}gmail.readonly"  # whole mails
EVENTS = f"{_AUTH}calendar.events.readonly"
CALENDARS = f"{_AUTH}calendar.calendarlist.readonly"  # which calendars there are: events.readonly does not cover it
SEND = f"{_AUTH}gmail.send"


def scopes_for(settings: Configuration) -> tuple[str, ...]:
    """Give the scopes to ask for; bodies only if the owner has them read.

    Never both scopes of Gmail: a grant that holds gmail.metadata may read no bodies, whatever else it holds.
    """
    reading = READONLY if settings.privacy.read_own_sent_bodies else METADATA
    sending = (SEND,) if settings.report.via == "google" else ()
    return (reading, EVENTS, CALENDARS, *sending)
