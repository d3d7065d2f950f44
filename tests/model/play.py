"""Playing a story: the world goes on, its calendars and mails are written, and Keepwarm reads them as it always does.

A pass is the daemon's own (``AccountPass``) into a real database, at times that the story gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

from keepwarm.connectors.contract import CursorLost
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.stream_pull import Stopped
from keepwarm.storage import owner
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping
from tests.model import views
from tests.model.operations import ME, Again, BreakOff, Expire, Poll, Share, Wait
from tests.model.world import BEGINNING, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keepwarm.connectors.contract import Connector
    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import Batch, Cursor, Stream
    from tests.model.operations import Operation
    from tests.model.world import Mail, Meeting

STEP = timedelta(hours=2, minutes=30)
READS = (timedelta(minutes=10), timedelta(minutes=80))
"""When a poll reads after the operation before it: the settling time lies between the two."""
KEY = b"k" * 32


def window() -> tuple[datetime, datetime]:
    """Give the span of time that calendars are read for."""
    return BEGINNING - timedelta(days=30), BEGINNING + timedelta(days=400)


class Calendar(Protocol):
    """A calendar that can be written to, on whatever kind of source."""

    def put(self, uid: str, text: str) -> None:
        """Write an iCalendar object with all events of this UID, in the place of the one that was there."""

    def delete(self, uid: str) -> None:
        """Take the object with this UID away."""

    def expire(self) -> bool:
        """Make the source forget the cursors that it gave; False if it gives none, and its connector has to be told."""

    def connector(self) -> Connector:
        """Give a new connector to the source."""


class Mailbox(Protocol):
    """A mailbox into which mails can be put."""

    def deliver(self, raw: bytes, at: datetime) -> None:
        """Deliver a mail."""

    def connector(self) -> Connector:
        """Give a new connector to the source."""


@dataclass(slots=True)
class _Forgetful:
    """A connector whose cursors no longer mean anything to its source, once."""

    real: Connector

    def streams(self) -> Sequence[Stream]:
        return self.real.streams()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        if cursor is not None:
            raise CursorLost("the source knows the cursor no more")
        return self.real.pull(stream, cursor)

    def wait(self, stream: Stream, seconds: float) -> bool:
        return self.real.wait(stream, seconds)

    def close(self) -> None:
        self.real.close()


@dataclass(slots=True)
class _Watcher:
    """Stops a pass after so many batches of each account."""

    left: int = 1_000_000

    def reading(self, account: str, stream: str) -> None:
        if not self.left:
            raise Stopped

    def stored(self, batch: Batch) -> None:
        self.left -= 1
        if not self.left:
            raise Stopped


@dataclass(slots=True)
class Player:
    """A world, the sources that show it, and the database that they are read into."""

    database: Database
    calendars: Sequence[Calendar] = ()  # what is shared is in all of them, everything else in the first
    mailbox: Mailbox | None = None
    each: bool = True  # poll after each operation
    world: World = field(default_factory=World)
    ingest: Ingest = field(init=False)
    connectors: dict[str, Connector] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    written: dict[tuple[int, str], str] = field(default_factory=dict)
    delivered: int = 0

    def __post_init__(self) -> None:
        with self.database.writing() as connection:
            owner.adopt(connection, frozenset({ME}))
        self._start()

    def _start(self) -> None:
        self.ingest = Ingest(self.database, Keeping(owner=frozenset({ME}), key=KEY, subjects=True))
        self.connectors.clear()

    def play(self, story: Iterable[Operation]) -> None:
        """Play a story to its end, and let it settle."""
        for operation in story:
            self.world.now += STEP
            self._do(operation)
            if self.each:
                self._poll()
        for _ in range(2):
            self.world.now += STEP
            self._poll()

    def _do(self, operation: Operation) -> None:
        match operation:
            case Wait(hours):
                self.world.now += timedelta(hours=hours)
            case Poll():
                self._poll()
            case Share(number):
                self.shared.add(number)
                self._show()
            case Again():
                self._again()
            case Expire():
                self._expire()
            case BreakOff():
                self._break_off()
            case _:
                self.world.do(operation)
                self._show()

    # What the sources show.

    def _show(self, *, anew: bool = False) -> None:
        for meeting in self.world.everything():
            for number, calendar in enumerate(self.calendars):
                if number == 0 or meeting.number in self.shared:
                    self._write(number, calendar, meeting, anew=anew)
        if self.mailbox:
            for sent in self.world.mails[self.delivered :]:
                self.mailbox.deliver(views.mail(sent), sent.at)
            self.delivered = len(self.world.mails)

    def _write(self, number: int, calendar: Calendar, meeting: Meeting, *, anew: bool) -> None:
        place = number, meeting.uid
        newest = max([meeting.own.changed, *(part.changed for part in meeting.one.values())])
        text = views.calendar(meeting, newest)
        if not meeting.shown:
            if self.written.pop(place, None):
                calendar.delete(meeting.uid)
        elif anew:
            calendar.put(meeting.uid, views.calendar(meeting, self.world.now))
        elif self.written.get(place) != text:
            calendar.put(meeting.uid, text)
            self.written[place] = text

    def _again(self) -> None:
        self._show(anew=True)
        if self.mailbox and self.world.mails:
            last: Mail = self.world.mails[-1]
            self.mailbox.deliver(views.mail(last), self.world.now)

    # What Keepwarm does.

    def _sources(self) -> dict[str, Calendar | Mailbox]:
        used = self.calendars if self.shared else self.calendars[:1]
        found: dict[str, Calendar | Mailbox] = {f"calendar-{n}": one for n, one in enumerate(used)}
        return found | ({"mail": self.mailbox} if self.mailbox else {})

    def _poll(self) -> None:
        for read in READS if self.calendars else READS[:1]:
            self._read(self.world.now + read, _Watcher())

    def _read(self, now: datetime, watcher: _Watcher) -> None:
        for name, source in self._sources().items():
            account: Any = SimpleNamespace(name=name, kind="test")
            connector = self.connectors.setdefault(name, source.connector())
            outcome = AccountPass(account, connector, self.database, self.ingest, lambda: now).run(watcher)
            assert (outcome.problems, outcome.rejected) == ([], [])
            if isinstance(connector, _Forgetful):
                self.connectors[name] = connector.real

    def _expire(self) -> None:
        for name, source in self._sources().items():
            if not getattr(source, "expire", bool)():
                self.connectors[name] = _Forgetful(self.connectors.get(name) or source.connector())

    def _break_off(self) -> None:
        try:
            self._read(self.world.now, _Watcher(left=1))
        except Stopped:
            self._start()
