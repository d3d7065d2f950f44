"""Ingest: a batch and its cursor go in together, in one transaction, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.storage import (
    accounts,
    copies,
    disowning,
    handovers,
    inheritance,
    kept_out,
    lives,
    meetings,
    missing,
    rejections,
    remarks,
    thoughts,
    vanishing,
)
from keepwarm.storage.addresses import AddressBook
from keepwarm.storage.identity import OWN_EVENTS
from keepwarm.storage.messages import Keeping, store_messages
from keepwarm.storage.observations import MeetingSeen, MessageSeen

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.accounts import Lease
    from keepwarm.storage.database import Database
    from keepwarm.storage.kept_out import KeptOut
    from keepwarm.storage.observations import Batch, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a batch brought that was new."""

    messages: int = 0
    meetings: int = 0  # created or changed
    rejected: tuple[Rejected, ...] = ()  # those that are not known yet


class Ingest:
    """Stores what the connectors of one process bring."""

    def __init__(self, database: Database, keeping: Keeping) -> None:
        self._database = database
        self._keeping = keeping
        self._book = AddressBook()
        self._broken: dict[int, set[str]] = {}  # by stream: what the pull that goes on could not read
        self._whole: set[int] = set()  # streams of which the pull that goes on shows everything
        self._times_kept_out_changed = 0  # as of what ``_book`` holds

    def begin(self, stream_id: int) -> Lease:
        """Begin a pull: from now on only this one can write to the stream."""
        self._broken[stream_id] = set()
        self._whole.discard(stream_id)
        with self._database.writing() as connection:
            return accounts.begin_pull(connection, stream_id)

    def store(self, lease: Lease, batch: Batch, now: datetime) -> Stored:
        """Store a batch with its cursor.

        Raises LeaseLost if another process has begun to read the stream; then nothing of the batch is stored.
        """
        try:
            with self._database.writing() as connection:
                accounts.move_cursor(connection, lease, batch.cursor)
                return self._store(connection, lease, batch, now)
        except BaseException:
            self._book.forget()  # the ids of addresses that were created in the lost transaction are void
            raise

    def pause(self, lease: Lease) -> None:
        """Leave a pull that is gone on with later. Raises LeaseLost."""
        with self._database.writing() as connection:
            accounts.paused(connection, lease)

    def finish(self, lease: Lease, now: datetime) -> Stored:
        """End a pull that came to its end; what has been missing for long enough is gone now.

        Raises LeaseLost.
        """
        try:
            with self._database.writing() as connection:
                gone = vanishing.settle(connection, lease, now)
                changed = meetings.vanish(connection, lease, gone, self._book, self._keeping)
                if lease.stream_id in self._whole:
                    rejections.keep_only(connection, lease.stream_id, self._broken[lease.stream_id])
                accounts.succeeded(connection, lease, now)
                return Stored(meetings=changed)
        except BaseException:
            self._book.forget()
            raise

    def _store(self, connection: Connection, lease: Lease, batch: Batch, now: datetime) -> Stored:
        out = self._kept_out(connection)
        mails = [one for one in batch.seen if isinstance(one, MessageSeen)]
        messages, untitled = out.messages(mails, self._keeping.owner)
        # The calendar of pings may be subscribed to, and so be read back from any source: none of it is a meeting.
        copied = [one for one in batch.seen if isinstance(one, MeetingSeen) and not one.ical_uid.endswith(OWN_EVENTS)]
        changed = 0
        if batch.disowned:
            changed += disowning.disown(connection, lease.stream_id, self._book, self._keeping.owner)
        missing.bury(connection, lease, batch.gone, now)  # first, as the batch may show some of it again
        new = store_messages(connection, lease.stream_id, messages, self._book, self._keeping, untitled)
        for one in messages:
            if one.answer is not None:
                thoughts.take(connection, one, self._keeping)
        changed += meetings.store_meetings(connection, lease, copied, mails, now, self._book, self._keeping, out)
        if new:
            handovers.mark(connection, messages, self._keeping.owner)
            talked_of = remarks.meetings_of(connection, messages)
            talked_of = inheritance.with_heirs(connection, talked_of)
            changed += lives.revise(connection, talked_of, self._book, self._keeping.owner)
        copies.note_rejected(connection, lease, batch.rejected)
        missing.note_absent(connection, lease, batch.complete, now)
        self._broken[lease.stream_id].update(item.source_key for item in batch.rejected)
        if any(not scope.within for scope in batch.complete):
            self._whole.add(lease.stream_id)
        broken = rejections.note(connection, lease.stream_id, batch, now)
        return Stored(messages=new, meetings=changed, rejected=broken)

    def _kept_out(self, connection: Connection) -> KeptOut:
        out = kept_out.kept_out(connection, self._keeping.key)
        if out.times != self._times_kept_out_changed:  # rows of addresses have gone that the book may hold
            self._book.forget()
            self._times_kept_out_changed = out.times
        return out
