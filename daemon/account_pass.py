"""A pass over one account: every stream is pulled and stored; what goes wrong with one never stops the others."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from keepwarm.connectors.contract import (
    ConnectorError,
    CursorLost,
    Isolates,
    Later,
    NewestFirst,
    Pushes,
    Refused,
    SignInNeeded,
)
from keepwarm.daemon.secret import SecretError
from keepwarm.daemon.sign_in_words import sign_in_cure
from keepwarm.storage import accounts
from keepwarm.storage.accounts import LeaseLost
from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import Account
    from keepwarm.storage.accounts import StreamState
    from keepwarm.storage.database import Database
    from keepwarm.storage.ingest import Ingest
    from keepwarm.storage.observations import Batch, Rejected, Stream

    _Found = tuple[Stream, StreamState]

log = structlog.get_logger()

RETRY_AFTER_FAULT = timedelta(minutes=15)
_LOOKED_AT_FIRST = 5
"""Streams of which the newest is read before the whole of any: more than these nobody waits for."""


class Stopped(BaseException):
    """The daemon is to stop; everything up to the last batch is stored.

    Like KeyboardInterrupt it may come anywhere, and is no fault of the item in hand: what takes in broken items must
    not take it in.
    """


class Watcher(Protocol):
    """Is told how a pass goes, and may end it."""

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""

    def stored(self, batch: Batch) -> None:
        """A batch is stored. Raises Stopped if the pass is to end here."""


@dataclass(slots=True)
class AccountOutcome:
    """What a pass over one account brought."""

    name: str
    messages: int = 0
    meetings: int = 0
    rejected: list[Rejected] = field(default_factory=list)  # those that are not known yet
    problems: list[tuple[str, str]] = field(default_factory=list)  # sentence, what to do
    failure: ConnectorError | SecretError | None = None  # what kept the whole account from being read
    watched: tuple[Stream, ...] = ()  # streams worth waiting for

    def note(self, problem: str, what_to_do: str = "") -> None:
        """Note what went wrong."""
        self.problems.append((problem, what_to_do))

    @property
    def told(self) -> list[tuple[str, str]]:
        """Give what the user has to know, each time with what to do: the problems, and the items left unread."""
        return [*self.problems, *self._unread()]

    def _unread(self) -> Iterator[tuple[str, str]]:
        if self.rejected:
            first = self.rejected[0]
            number = f"{len(self.rejected)} items" if len(self.rejected) > 1 else "An item"
            which = "the first: " if len(self.rejected) > 1 else ""
            yield (
                f"{number} could not be read: {which}{first.where or first.source_key}: {first.reason}",
                "Everything else was read. `keepwarm doctor` lists what was not, until it can be.",
            )


class AccountPass:
    """Reads one account into the database."""

    def __init__(
        self,
        account: Account,
        connector: Connector,
        database: Database,
        ingest: Ingest,
        clock: Callable[[], datetime],
        first_look: Callable[[], None] = lambda: None,
    ) -> None:
        """``first_look`` is called once the newest of an account that was never read is stored."""
        self._account = account
        self._first_look = first_look
        self._looked = False
        self._connector = connector
        self._database = database
        self._ingest = ingest
        self._clock = clock
        self._outcome = AccountOutcome(account.name)

    def run(self, watcher: Watcher) -> AccountOutcome:
        """Pull all streams of the account.

        Raises Stopped, and DatabaseError, which no other account would fare better with.
        """
        with self._database.writing() as connection:
            account_id = accounts.ensure_account(connection, self._account.name, self._account.kind)
        found: list[_Found] = []
        with self._bounded(account_id):
            found = self._list(account_id)
            if _is_new(found) and isinstance(self._connector, NewestFirst):
                found = self._with_newest(found, watcher)
                self._looked = True
        if self._looked:
            self._first_look()
        with self._bounded(account_id):
            for stream, state in found:
                watcher.reading(self._account.name, stream.name)
                self._pull(state, stream, watcher)
        self._connector.close()
        return self._outcome

    @contextmanager
    def _bounded(self, account_id: int) -> Iterator[None]:
        """Note what keeps the whole account from being read."""
        try:
            yield
        except DatabaseError:
            raise
        except (ConnectorError, SecretError) as error:
            self._account_failed(account_id, error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one account must not stop the others.
            log.exception("unexpected failure", account=self._account.name)
            self._account_failed(account_id, _fault(error))

    def _list(self, account_id: int) -> list[_Found]:
        """List the streams. Raises what keeps the whole account from being read."""
        streams = self._connector.streams()
        if isinstance(self._connector, Pushes):
            self._outcome.watched = tuple(self._connector.watched())
        with self._database.writing() as connection:
            accounts.set_account_problem(connection, account_id, "")
            return list(zip(streams, accounts.note_streams(connection, account_id, streams), strict=True))

    def _with_newest(self, found: list[_Found], watcher: Watcher) -> list[_Found]:
        """Read the newest of the first streams, to have something to show; give those that can be read on."""
        failed = set()
        for stream, state in found[:_LOOKED_AT_FIRST]:
            watcher.reading(self._account.name, stream.name)
            if not self._pull(state, stream, watcher, newest_only=True):
                failed.add(state.id)
        return [(stream, state) for stream, state in found if state.id not in failed]

    def _pull(self, state: StreamState, stream: Stream, watcher: Watcher, *, newest_only: bool = False) -> bool:
        """Pull a stream, or the newest of it; False if it could not be read."""
        try:
            try:
                self._store_all(state.id, stream, watcher, newest_only=newest_only)
            except CursorLost as lost:
                log.info("cursor lost, reading anew", account=self._account.name, stream=stream.name, why=str(lost))
                self._forget_cursor(state.id, stream, lost)
                self._store_all(state.id, stream, watcher, from_the_start=True, newest_only=newest_only)
        except LeaseLost:
            self._outcome.note(f"{stream.name}: another Keepwarm process is reading it.", "Nothing: that one goes on.")
        except (DatabaseError, SignInNeeded, SecretError):
            raise
        except ConnectorError as error:
            self._stream_failed(state.id, stream, error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one stream must not stop the others.
            log.exception("unexpected failure", account=self._account.name, stream=stream.name)
            self._stream_failed(state.id, stream, _fault(error))
        else:
            return True
        return False

    def _store_all(
        self,
        stream_id: int,
        stream: Stream,
        watcher: Watcher,
        *,
        from_the_start: bool = False,
        newest_only: bool = False,
    ) -> None:
        lease = self._ingest.begin(stream_id)
        if lease.broke_off and isinstance(self._connector, Isolates):
            log.info("reading with care", account=self._account.name, stream=stream.name, why="the last try broke off")
            self._connector.isolate_next_batch()
        with self._database.reading() as connection:
            cursor = None if from_the_start else accounts.cursor_of(connection, stream_id)
        for batch in self._connector.pull(stream, cursor):
            stored = self._ingest.store(lease, batch, self._clock())
            self._outcome.messages += stored.messages
            self._outcome.meetings += stored.meetings
            self._outcome.rejected.extend(stored.rejected)
            if batch.disowned:
                log.info("taken back", account=self._account.name, stream=stream.name, why=batch.disowned)
            watcher.stored(batch)
            if newest_only:
                self._ingest.pause(lease)
                return
        self._outcome.meetings += self._ingest.finish(lease, self._clock()).meetings

    def _forget_cursor(self, stream_id: int, stream: Stream, lost: CursorLost) -> None:
        lease = self._ingest.begin(stream_id)
        with self._database.writing() as connection:
            if stream.holds == "mail" and not accounts.may_renew(connection, stream_id, self._clock()):
                raise Refused(
                    f"{lost} That is so all the time: it was read anew {accounts.MOST_RENEWALS} times within a day.",
                    "Ask who runs the server to repair it. Until then it is read anew a few times a day.",
                )
            accounts.new_generation(connection, lease, str(lost))

    def _account_failed(self, account_id: int, error: ConnectorError | SecretError) -> None:
        what_to_do = sign_in_cure(self._account, error) if isinstance(error, SignInNeeded) else _cure(error)
        self._outcome.failure = error
        self._outcome.note(str(error), what_to_do)
        with self._database.writing() as connection:
            accounts.set_account_problem(connection, account_id, str(error), what_to_do)

    def _stream_failed(self, stream_id: int, stream: Stream, error: ConnectorError) -> None:
        what_to_do = _cure(error)
        self._outcome.note(f"{stream.name}: {error}", what_to_do)
        retry_at = self._clock() + error.after if isinstance(error, Later) else None
        with self._database.writing() as connection:
            accounts.failed(connection, stream_id, problem=str(error), what_to_do=what_to_do, retry_at=retry_at)


def _is_new(found: Sequence[_Found]) -> bool:
    return bool(found) and all(state.is_new for _, state in found)


def _cure(error: ConnectorError | SecretError) -> str:
    if isinstance(error, Later):
        return "Nothing, if it passes: it is tried again. If it stays: check the account's settings, and the network."
    return getattr(error, "what_to_do", "")


def _fault(error: Exception) -> Later:
    return Later(f"unexpected {type(error).__name__}: {error}", RETRY_AFTER_FAULT)
