"""Mail and calendars of one account at Microsoft, by Graph v1.0; one request at a time.

What is wrong with the one does not keep the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.connectors.contract import ConnectorError, Later, Refused
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.connectors.contract import Connector
    from keepwarm.connectors.graph_attendance import GraphAttendance
    from keepwarm.connectors.graph_calendars import GraphCalendars
    from keepwarm.connectors.graph_mail import GraphMail
    from keepwarm.storage.observations import Batch, Cursor

_STAND_INS = (Stream("Outlook mail"), Stream("Outlook calendars", holds="calendar"))
"""The streams that stand for all folders, or all calendars, while they cannot even be listed."""


class GraphConnector:
    """The streams of a mailbox and of its calendars."""

    def __init__(self, mail: GraphMail, calendars: GraphCalendars, attendance: GraphAttendance | None = None) -> None:
        self._listed: tuple[Connector, ...] = (mail, calendars)
        self._attendance = attendance
        self._faults: dict[str, ConnectorError] = {}  # by the name of the stream that stands in
        self._reader_of: dict[str, Connector] = {}  # by the name of the stream

    def streams(self) -> Sequence[Stream]:
        """List the folders, then the calendars. Raises SignInNeeded, and Later or Refused if neither can be listed."""
        found = list[Stream]()
        self._faults = {}
        for part, stand_in in zip(self._listed, _STAND_INS, strict=True):
            try:
                listed = part.streams()
            except (Later, Refused) as fault:
                self._faults[stand_in.name] = fault
                listed = [stand_in]
            found += listed
            self._reader_of |= {stream.name: part for stream in listed}
        if len(self._faults) == len(self._listed):
            raise next(iter(self._faults.values()))
        if self._attendance is not None:
            found += self._attendance.streams()
            self._reader_of[found[-1].name] = self._attendance
        return found

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in one of them. Raises Later, CursorLost, SignInNeeded or Refused."""
        if stream.name in self._faults:
            raise self._faults[stream.name]
        yield from self._reader_of[stream.name].pull(stream, cursor)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of the connection; what was listed is kept."""
        for part in self._listed:
            part.close()
