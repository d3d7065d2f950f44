"""A pass over one account: every stream is pulled and stored; what goes wrong with one never stops the others."""

from __future__ import annotations

from contextlib import contextmanager
from statistics import median_low
from typing import TYPE_CHECKING

import structlog

from keepwarm.connectors.contract import Busy, ConnectorError, Later, NewestFirst, Pushes, SignInNeeded
from keepwarm.daemon.account_outcome import AccountOutcome
from keepwarm.daemon.secret import SecretError
from keepwarm.daemon.sign_in_words import sign_in_cure
from keepwarm.daemon.stream_pull import Pulled, StreamPull, cure, everything, fault
from keepwarm.storage import accounts
from keepwarm.storage.database import DatabaseError
from keepwarm.storage.observations import MessageSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.pace import Pace
    from keepwarm.daemon.stream_pull import Enough, Waiting, Watcher
    from keepwarm.storage.accounts import StreamState
    from keepwarm.storage.database import Database
    from keepwarm.storage.ingest import Ingest
    from keepwarm.storage.observations import Batch, Stream

    FirstLook = Callable[[Sequence[Stream]], None]
    _Found = tuple[Stream, StreamState]

log = structlog.get_logger()

_LOOKED_AT_FIRST = 5
"""Streams of which the newest is read before the whole of any: more than these nobody waits for."""


class AccountPass:
    """Reads one account into the database."""

    def __init__(
        self,
        account: Account,
        connector: Connector,
        database: Database,
        ingest: Ingest,
        clock: Callable[[], datetime],
        first_look: FirstLook = lambda _watched: None,
        waiting: Waiting | None = None,
        pace: Pace | None = None,
        going_on: Mapping[str, datetime | None] | None = None,
    ) -> None:
        """``first_look`` is called, with the streams worth watching, once the newest is stored before the history.

        ``waiting`` is what waits if a source asks for a little time; without it that is left to another pass.
        ``pace`` bounds how long history is read; without it all is read. ``going_on`` is what history an earlier pass
        has left: then nothing else is looked at.
        """
        self._account = account
        self._first_look = first_look
        self._connector = connector
        self._database = database
        self._clock = clock
        self._pace = pace
        self._going_on = going_on
        self._looked = False  # the newest is stored, and there is more
        self._reached: dict[str, datetime] = {name: at for name, at in (going_on or {}).items() if at}
        self._outcome = AccountOutcome(account.name)
        self._streams = StreamPull(connector, database, ingest, clock, self._outcome, waiting)

    def run(self, watcher: Watcher) -> AccountOutcome:
        """Pull all streams of the account, but for those that were put off.

        Raises Stopped, and DatabaseError, which no other account would fare better with.
        """
        with self._database.reading() as connection:
            put_off = accounts.put_off_until(connection, self._account.name, self._clock())
        if put_off:
            self._outcome.put_off_until = min(until for until, _ in put_off.values())
            for name, (until, why) in put_off.items():
                self._streams.note_put_off(name, until, why)
            return self._outcome
        found: list[_Found] = []
        left: list[_Found] = []  # of an account that failed nothing else is tried
        with self._bounded():
            found = self._list()
            left = self._read_newest(found, watcher)
        if left and self._looked:
            self._first_look(self._outcome.watched)
        with self._bounded():
            if self._pace is None:
                for one in left:
                    self._pull(one, watcher)
            else:
                self._read_on(found, left, watcher, self._pace)
        if found and self._outcome.failure is None and all(state.id in self._streams.put_off for _, state in found):
            self._outcome.put_off_until = min(self._streams.put_off.values())
        self._connector.close()
        return self._outcome

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Note what keeps the whole account from being read."""
        try:
            yield
        except DatabaseError:
            raise
        except (ConnectorError, SecretError) as error:
            self._account_failed(error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one account must not stop the others.
            log.exception("unexpected failure", account=self._account.name)
            self._account_failed(fault(error))

    def _list(self) -> list[_Found]:
        """List the streams. Raises what keeps the whole account from being read.

        They are noted together with the account: one without any would look as if nothing of it was left to be read.
        """
        streams = self._streams.patiently(self._connector.streams)
        if isinstance(self._connector, Pushes):
            self._outcome.watched = tuple(self._connector.watched())
        with self._database.writing() as connection:
            account_id = accounts.ensure_account(connection, self._account.name, self._account.kind)
            accounts.set_account_problem(connection, account_id, "")
            return list(zip(streams, accounts.note_streams(connection, account_id, streams), strict=True))

    def _read_newest(self, found: list[_Found], watcher: Watcher) -> list[_Found]:
        """Read what is to come before all else; give the streams that are to be read on."""
        if self._going_on is not None:
            return [one for one in found if one[0].name in self._going_on]
        if self._pace is not None:
            self._looked = True
            return self._look_at_all(found, watcher)
        if not self._is_newest_first or not all(state.is_new for _, state in found):
            return found
        first = found[:_LOOKED_AT_FIRST]
        failed = [one for one in first if self._pull(one, watcher, _anything) is Pulled.FAILED]
        self._looked = True
        return [one for one in found if one not in failed]

    def _read_on(self, found: Sequence[_Found], left: list[_Found], watcher: Watcher, pace: Pace) -> None:
        """Read history for a while; what is left of it is noted, to be gone on with."""
        pace.begin()
        while left and not pace.is_over:
            one = max(left, key=self._newness)
            if self._read_history(one, left, watcher, pace) is not Pulled.PAUSED:
                left.remove(one)
            if pace.is_to_look:
                pace.looked()
                self._look_again(found, left, watcher)
        self._outcome.history = {stream.name: self._reached.get(stream.name) for stream, _ in left}

    def _look_at_all(self, found: Sequence[_Found], watcher: Watcher) -> list[_Found]:
        """Read what is new in all streams; give those of which history is left.

        Of those that were never read only the newest of the first ones is read: the others are history.
        """
        left = []
        for number, one in enumerate(found):
            is_first = one[1].is_new and self._is_newest_first
            waits = is_first and number >= _LOOKED_AT_FIRST
            if waits or self._pull(one, watcher, _anything if is_first else _before_history) is Pulled.PAUSED:
                left.append(one)
        return left

    def _look_again(self, found: Sequence[_Found], left: list[_Found], watcher: Watcher) -> None:
        """Read what has come meanwhile where it is watched for."""
        before = self._outcome.messages
        for one in found:
            if one[0] in self._outcome.watched:
                pulled = self._pull(one, watcher, _before_history)
                if pulled is Pulled.WHOLE and one in left:
                    left.remove(one)
        if self._outcome.messages > before:
            self._first_look(self._outcome.watched)

    def _read_history(self, one: _Found, left: Sequence[_Found], watcher: Watcher, pace: Pace) -> Pulled:
        """Read on in a stream until it is another one's turn, of which the history that comes next is newer."""
        stream, _ = one
        others = [self._newness(other) for other in left if other is not one]
        pace.begin_slice()

        def is_enough(batch: Batch) -> bool:
            self._note_reached(stream, batch)
            is_anothers_turn = bool(others) and pace.is_slice_over and self._newness(one) < max(others)
            return batch.history_follows and (pace.is_over or pace.is_to_look or is_anothers_turn)

        return self._pull(one, watcher, is_enough)

    def _pull(self, one: _Found, watcher: Watcher, enough: Enough = everything) -> Pulled:
        stream, state = one
        return self._streams.pull(state, stream, watcher, enough)

    def _note_reached(self, stream: Stream, batch: Batch) -> None:
        # The one in the middle: the times of a few may be anything.
        if times := [seen.at for seen in batch.seen if isinstance(seen, MessageSeen)]:
            self._reached[stream.name] = median_low(times)

    def _newness(self, one: _Found) -> tuple[bool, float]:
        """Give by what streams are ordered: how new the history is that comes next, unknown being the newest."""
        reached = self._reached.get(one[0].name)
        return (True, 0.0) if reached is None else (False, reached.timestamp())

    @property
    def _is_newest_first(self) -> bool:
        return isinstance(self._connector, NewestFirst)

    def _account_failed(self, error: ConnectorError | SecretError) -> None:
        what_to_do = sign_in_cure(self._account, error) if isinstance(error, SignInNeeded) else cure(error)
        self._outcome.failure = error
        self._outcome.note(str(error), what_to_do)
        with self._database.writing() as connection:
            account_id = accounts.ensure_account(connection, self._account.name, self._account.kind)
            accounts.set_account_problem(connection, account_id, str(error), what_to_do)
            if isinstance(error, Later) and error.asked and not isinstance(error, Busy):
                accounts.put_off(connection, account_id, self._clock() + error.after)


def _anything(_batch: Batch) -> bool:
    """Have a pull pause after its first batch."""
    return True


def _before_history(batch: Batch) -> bool:
    """Have a pull pause before the history."""
    return batch.history_follows
