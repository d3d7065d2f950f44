"""An account at Google: its mail, calendars and calls; what is wrong with one of them does not keep another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.connectors import google_meet
from keepwarm.connectors.contract import Later, Refused
from keepwarm.connectors.gmail import GmailConnector
from keepwarm.connectors.google_calendar import GoogleCalendarConnector
from keepwarm.connectors.google_meet import MeetConnector
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.connectors.gmail import GmailSettings
    from keepwarm.connectors.google_calendar import GoogleCalendarSettings
    from keepwarm.connectors.google_meet import MeetSettings
    from keepwarm.storage.observations import Batch, Cursor

CALENDARS = "Google Calendar"
"""The stream that stands for all calendars while they cannot even be listed."""


class GoogleConnector:
    """Hands each stream to whoever reads it; without ``calls`` nobody asks who came to meetings."""

    newest_first = True

    def __init__(
        self, mail: GmailSettings, calendars: GoogleCalendarSettings, calls: MeetSettings | None = None
    ) -> None:
        self._mail = GmailConnector(mail)
        self._calendars = GoogleCalendarConnector(calendars)
        self._calls = MeetConnector(calls) if calls is not None else None

    def streams(self) -> Sequence[Stream]:
        """List the mailbox, the calendars, and the calls. Raises SignInNeeded."""
        calls = self._calls.streams() if self._calls is not None else ()
        return [*self._mail.streams(), *self._listed(), *calls]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in a stream. Raises Later, CursorLost, SignInNeeded or Refused."""
        if stream.holds == "mail":
            yield from self._mail.pull(stream, cursor)
        elif stream.name == google_meet.STREAM:
            if self._calls is not None:
                yield from self._calls.pull(stream, cursor)
        elif stream.name == CALENDARS:
            self._calendars.streams()  # says what is wrong; if nothing is any more, they are read next time
        else:
            yield from self._calendars.pull(stream, cursor)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of connections; what was learned is kept."""
        self._mail.close()
        self._calendars.close()
        if self._calls is not None:
            self._calls.close()

    def _listed(self) -> Sequence[Stream]:
        try:
            return self._calendars.streams()
        except (Later, Refused):
            return self._calendars.known() or [Stream(CALENDARS, holds="calendar")]
