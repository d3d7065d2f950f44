"""Mail and calendars of one account at Microsoft, by Graph v1.0; one request at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.connectors.graph_calendars import GraphCalendars
    from keepwarm.connectors.graph_mail import GraphMail
    from keepwarm.storage.observations import Batch, Cursor, Stream


class GraphConnector:
    """The streams of a mailbox and of its calendars."""

    def __init__(self, mail: GraphMail, calendars: GraphCalendars) -> None:
        self._mail = mail
        self._calendars = calendars

    def streams(self) -> Sequence[Stream]:
        """List the folders, then the calendars. Raises Later, SignInNeeded or Refused."""
        return [*self._mail.streams(), *self._calendars.streams()]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in one of them. Raises Later, CursorLost, SignInNeeded or Refused."""
        return (self._calendars if stream.holds == "calendar" else self._mail).pull(stream, cursor)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of the connection; what was listed is kept."""
        self._mail.close()
        self._calendars.close()
