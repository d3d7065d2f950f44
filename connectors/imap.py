"""Mail by IMAP (RFC 3501), read only.

What is new in a folder is what has a UID from ``next`` on, as long as its UIDVALIDITY stays the same
(RFC 3501, 2.3.1.1). A message that is moved, flagged or deleted changes nothing: it has happened. So a folder
with nothing new costs one STATUS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost, Refused
from keepwarm.connectors.imap_connection import ImapSettings
from keepwarm.connectors.imap_folders import choose
from keepwarm.connectors.imap_messages import MessageReader
from keepwarm.connectors.imap_session import ImapSession
from keepwarm.storage.observations import Batch, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.connectors.imap_session import FolderState
    from keepwarm.storage.observations import Cursor

__all__ = ["ImapConnector", "ImapSettings"]

BATCH = 500


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read."""

    uidvalidity: int
    next: int  # the lowest UID that was not read yet

    @classmethod
    def of(cls, cursor: Cursor) -> Position:
        """Read a cursor. Raises CursorLost."""
        match cursor:
            case {"v": 1, "uidvalidity": int() as uidvalidity, "next": int() as following}:
                return cls(uidvalidity, following)
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        return {"v": 1, "uidvalidity": self.uidvalidity, "next": self.next}


class ImapConnector:
    """One mailbox: a stream for each of its folders."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._session = ImapSession(settings)

    def streams(self) -> Sequence[Stream]:
        """List the folders to read. Raises Later, SignInNeeded or Refused."""
        names = choose(self._session.folders(), self._settings.include, self._settings.exclude)
        return [Stream(name) for name in names]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in a folder, in the order in which the server got it, in batches of ``BATCH``.

        Raises Later, CursorLost, SignInNeeded or Refused.
        """
        known = None if cursor is None else Position.of(cursor)
        outside = self._session.status(stream.name)
        self._check(stream, outside, known)
        if known and outside.uidnext == known.next:
            return
        state = self._session.examine(stream.name)
        uidvalidity = self._check(stream, state, known)
        first = known.next if known else 1
        uids = self._session.search(state, first, self._settings.since)
        end = Position(uidvalidity, state.uidnext or (uids[-1] + 1 if uids else first))
        yield from self._batches(self._reader(stream.name, uidvalidity), uids, end)
        if not uids and end != known:
            yield Batch(cursor=end.cursor(), total=0)

    def wait(self, stream: Stream, seconds: float) -> bool:  # noqa: ARG002 - the contract's signature
        """Give no hint: the daemon polls."""
        return False

    def close(self) -> None:
        """Sign out."""
        self._session.close()

    def _reader(self, folder: str, uidvalidity: int) -> MessageReader:
        return MessageReader(self._session, folder, uidvalidity, self._settings.own_mail)

    def _batches(self, reader: MessageReader, uids: list[int], end: Position) -> Iterator[Batch]:
        for start in range(0, len(uids), BATCH):
            chunk = uids[start : start + BATCH]
            is_last = start + BATCH >= len(uids)
            reading = reader.read(chunk)
            yield Batch(
                seen=tuple(reading.seen[uid] for uid in sorted(reading.seen)),
                rejected=tuple(reading.rejected[uid] for uid in sorted(reading.rejected)),
                cursor=(end if is_last else Position(end.uidvalidity, chunk[-1] + 1)).cursor(),
                total=len(uids),
                looked_at=len(chunk),
            )

    def _check(self, stream: Stream, state: FolderState, known: Position | None) -> int:
        """Give the folder's UIDVALIDITY, if what is known of it still holds.

        Raises CursorLost, and Refused if there is no valid one: without it, mail would be skipped or doubled.
        """
        if not state.uidvalidity:
            raise Refused(
                f"The folder {stream.name} on {self._settings.server} has no valid UIDVALIDITY.",
                "Ask who runs the server to repair it, or name it under exclude in the account's folders.",
            )
        if known and state.uidvalidity != known.uidvalidity:
            raise CursorLost(f"The server has numbered the folder {stream.name} anew.")
        if known and state.uidnext is not None and state.uidnext < known.next:
            raise CursorLost(f"The folder {stream.name} was set back to an earlier state.")
        return state.uidvalidity
