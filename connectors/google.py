"""An account at Google: its mail, and its calendars; what is wrong with the one does not keep the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.gmail import GmailConnector
from keepwarm.connectors.google_calendar import GoogleCalendarConnector
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.connectors.gmail import GmailSettings
    from keepwarm.connectors.google_calendar import GoogleCalendarSettings
    from keepwarm.storage.observations import Batch, Cursor

CALENDARS = "Google Calendar"
"""The stream that stands for all calendars while they cannot even be listed."""


class GoogleConnector:
    """Hands each stream to whoever reads it."""

    newest_first = True

    def __init__(self, mail: GmailSettings, calendars: GoogleCalendarSettings) -> None:
        self._mail = GmailConnector(mail)
        self._calendars = GoogleCalendarConnector(calendars)
        self._refusal: Refused | None = None

    def streams(self) -> Sequence[Stream]:
        """List the mailbox and the calendars. Raises Later or SignInNeeded."""
        try:
            calendars, self._refusal = self._calendars.streams(), None
        except Refused as refused:
            calendars, self._refusal = [Stream(CALENDARS, holds="calendar")], refused
        return [*self._mail.streams(), *calendars]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in a stream. Raises Later, CursorLost, SignInNeeded or Refused."""
        if stream.holds == "mail":
            yield from self._mail.pull(stream, cursor)
            return
        if self._refusal is not None:
            raise self._refusal
        yield from self._calendars.pull(stream, cursor)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of connections; what was learned is kept."""
        self._mail.close()
        self._calendars.close()
