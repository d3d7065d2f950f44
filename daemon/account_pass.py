"""A pass over one account: every stream is pulled and stored; what goes wrong with one never stops the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from keepwarm.connectors.contract import ConnectorError, CursorLost, Later, SignInNeeded
from keepwarm.daemon.secret import SecretError
from keepwarm.storage import accounts
from keepwarm.storage.accounts import LeaseLost
from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from keepwarm.connectors.contract import Connector
    from keepwarm.daemon.accounts import Account
    from keepwarm.storage.database import Database
    from keepwarm.storage.ingest import Ingest
    from keepwarm.storage.observations import Batch, Rejected, Stream

log = structlog.get_logger()

RETRY_AFTER_FAULT = timedelta(minutes=15)


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
    ) -> None:
        self._account = account
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
        try:
            self._read(account_id, watcher)
        except DatabaseError:
            raise
        except (ConnectorError, SecretError) as error:
            self._account_failed(account_id, error)
        except Exception as error:
            # The boundary: a fault of ours, or of a library, in one account must not stop the others.
            log.exception("unexpected failure", account=self._account.name)
            self._account_failed(account_id, _fault(error))
        self._connector.close()
        return self._outcome

    def _read(self, account_id: int, watcher: Watcher) -> None:
        """Pull stream after stream. Raises what keeps the whole account from being read."""
        streams = self._connector.streams()
        self._account_is_well(account_id)
        for stream in streams:
            watcher.reading(self._account.name, stream.name)
            self._pull(account_id, stream, watcher)

    def _pull(self, account_id: int, stream: Stream, watcher: Watcher) -> None:
        with self._database.writing() as connection:
            state = accounts.ensure_stream(connection, account_id, stream)
        try:
            try:
                self._store_all(state.id, stream, watcher, from_the_start=False)
            except CursorLost as lost:
                log.info("cursor lost, reading anew", account=self._account.name, stream=stream.name, why=str(lost))
                self._forget_cursor(state.id, str(lost))
                self._store_all(state.id, stream, watcher, from_the_start=True)
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

    def _store_all(self, stream_id: int, stream: Stream, watcher: Watcher, *, from_the_start: bool) -> None:
        lease = self._ingest.begin(stream_id)
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
        self._outcome.meetings += self._ingest.finish(lease, self._clock()).meetings

    def _forget_cursor(self, stream_id: int, why: str) -> None:
        lease = self._ingest.begin(stream_id)
        with self._database.writing() as connection:
            accounts.new_generation(connection, lease, why)

    def _account_failed(self, account_id: int, error: ConnectorError | SecretError) -> None:
        what_to_do = _cure(error)
        self._outcome.note(str(error), what_to_do)
        with self._database.writing() as connection:
            accounts.set_account_problem(connection, account_id, str(error), what_to_do)

    def _account_is_well(self, account_id: int) -> None:
        with self._database.writing() as connection:
            accounts.set_account_problem(connection, account_id, "")

    def _stream_failed(self, stream_id: int, stream: Stream, error: ConnectorError) -> None:
        what_to_do = _cure(error)
        self._outcome.note(f"{stream.name}: {error}", what_to_do)
        retry_at = self._clock() + error.after if isinstance(error, Later) else None
        with self._database.writing() as connection:
            accounts.failed(connection, stream_id, problem=str(error), what_to_do=what_to_do, retry_at=retry_at)


def _cure(error: ConnectorError | SecretError) -> str:
    if isinstance(error, Later):
        return "Nothing, if it passes: it is tried again. If it stays: check the account's settings, and the network."
    return getattr(error, "what_to_do", "")


def _fault(error: Exception) -> Later:
    return Later(f"unexpected {type(error).__name__}: {error}", RETRY_AFTER_FAULT)
