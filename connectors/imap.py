"""Mail by IMAP (RFC 3501), read only.

What is new in a folder is what has a UID from ``next`` on, as long as its UIDVALIDITY stays the same
(RFC 3501, 2.3.1.1). A message that is moved, flagged or deleted changes nothing: it has happened. So a folder
with nothing new costs one STATUS.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost, Refused
from keepwarm.connectors.imap_connection import ImapSettings
from keepwarm.connectors.imap_folders import choose
from keepwarm.connectors.imap_listing import FOLDER_LIST, FolderState, Listing, unreadable_folders
from keepwarm.connectors.imap_messages import MessageReader
from keepwarm.connectors.imap_position import BATCH, Position, downwards, upwards
from keepwarm.connectors.imap_push import ImapPush, worth_watching
from keepwarm.connectors.imap_session import ImapSession
from keepwarm.connectors.isolation import Parser
from keepwarm.storage.observations import Batch, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keepwarm.connectors.imap_position import Step
    from keepwarm.storage.observations import Cursor

__all__ = ["BATCH", "ImapConnector", "ImapSettings"]


class ImapConnector:
    """One mailbox: a stream for each of its folders."""

    newest_first = True

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._session = ImapSession(settings)
        self._parser = Parser()
        self._push = ImapPush(settings)
        self._watched: tuple[str, ...] = ()
        self._listing = Listing([], {})
        self._listed: dict[str, FolderState] = {}  # what came with the list of folders, each to be used once

    def streams(self) -> Sequence[Stream]:
        """List the folders to read. Raises Later, SignInNeeded or Refused."""
        self._listing = listing = self._session.folders()
        self._listed = dict(listing.states)
        names = choose(listing.folders, self._settings.include, self._settings.exclude)
        self._watched = worth_watching(listing.folders, names)
        return [Stream(name) for name in (*names, *([FOLDER_LIST] if listing.unreadable else []))]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new in a folder, in batches of ``BATCH``.

        What is new since the cursor comes first, in the order in which the server got it; then what the first read
        has not come to yet, newest first. So two numbers say at any moment what was read.

        Raises Later, CursorLost, SignInNeeded or Refused.
        """
        if stream.name == FOLDER_LIST:
            yield unreadable_folders(self._listing)
            return
        known = None if cursor is None else Position.of(cursor).reaching(self._settings.since)
        told = self._listed.pop(stream.name, None)
        if known and known.is_whole and told == FolderState(known.uidvalidity, known.next):
            return  # whatever else the list told is asked for again: it may be old by now
        outside = self._session.status(stream.name)
        self._check(stream, outside, known)
        if known and known.is_whole and outside.uidnext == known.next:
            return
        if known and known.left and outside.uidnext == known.next:
            yield Batch(cursor=known.cursor(), history_follows=True)  # nothing is new
        state = self._session.examine(stream.name)
        uidvalidity = self._check(stream, state, known)
        new = self._session.search(state, known.next, self._settings.since) if known else []
        old = self._older(state, known)
        newest = (new or old or [0])[-1]
        following = state.uidnext or max(known.next if known else 1, newest + 1)
        end = Position(uidvalidity, following, since=known.since if known else self._settings.since)
        if not new and not old and end != known:
            yield Batch(cursor=end.cursor(), total=0)
        left = known.left if known and old else 0
        steps = chain(upwards(new, end, left), downwards(old, end))
        # What broke off the last time may have been either: the history that comes after what is new, or that itself.
        last_doubtful = (*old[-1:], *new[:1], 0)[0]
        reader = self._reader(stream.name, uidvalidity)
        yield from self._batches(reader, steps, len(new) + len(old), last_doubtful)

    def _older(self, state: FolderState, known: Position | None) -> Sequence[int]:
        """Give the UIDs of what the first read has not come to."""
        below = known.left if known else state.uidnext
        if below == 0:
            return []
        return self._session.search(replace(state, uidnext=below), 1, self._settings.since)

    def isolate_next_batch(self) -> None:
        """Read what comes next in a process of its own: a batch of what is new, and one of the history."""
        self._parser.isolate()

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Wait for a new message in a folder, by IDLE or NOOP, on a connection of its own.

        Raises Later, SignInNeeded or Refused.
        """
        return self._push.wait(stream.name, seconds)

    def watched(self) -> Sequence[Stream]:
        """Name the inbox and what was sent, or what stands for both; known once ``streams`` was called."""
        return [Stream(name) for name in self._watched]

    def interrupt(self) -> None:
        """End all waiting; may be called by another thread."""
        self._push.interrupt()

    def close(self) -> None:
        """Sign out."""
        self._parser.batch_is_read()
        self._push.close()
        self._session.close()

    def _reader(self, folder: str, uidvalidity: int) -> MessageReader:
        return MessageReader(self._session, folder, uidvalidity, self._parser.observe, self._settings.own_mail)

    def _batches(self, reader: MessageReader, steps: Iterable[Step], total: int, last_doubtful: int) -> Iterator[Batch]:
        """Read the batches; up to that with the UID ``last_doubtful``, a process of their own may be wanted."""
        for step, following in pairwise(chain(steps, (None,))):
            if step is None:
                return
            if step.is_history:
                self._listed.clear()  # by the time it is read, that is old
            reading = reader.read(step.uids)
            if last_doubtful in step.uids:
                self._parser.batch_is_read()
            turns_back = bool(following and following.is_history)
            if following and (step.is_history or not turns_back):  # whoever wants what is new may leave it at that
                reader.expect(following.uids)
            yield Batch(
                seen=tuple(reading.seen[uid] for uid in sorted(reading.seen)),
                rejected=tuple(reading.rejected[uid] for uid in sorted(reading.rejected)),
                cursor=step.then.cursor(),
                total=total,
                looked_at=len(step.uids),
                history_follows=turns_back,
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
