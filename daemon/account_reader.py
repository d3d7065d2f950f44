"""A reader of accounts: what is kept from pass to pass, and stores what they bring. Each thread has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.connectors.contract import Refused, SignInNeeded
from keepwarm.daemon.account_outcome import AccountOutcome
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.refusals import Refusals, StillRefused
from keepwarm.daemon.sign_in_words import sign_in_cure
from keepwarm.daemon.sources import Sources
from keepwarm.storage import accounts
from keepwarm.storage.ingest import Ingest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.account_pass import FirstLook
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.pace import Pace
    from keepwarm.daemon.stream_pull import Waiting, Watcher
    from keepwarm.daemon.workshop import Workshop


class AccountReader:
    """Reads accounts one after the other."""

    def __init__(
        self,
        workshop: Workshop,
        clock: Callable[[], datetime],
        waiting: Waiting | None = None,
        pace: Pace | None = None,
    ) -> None:
        """``waiting`` waits where a source asks for a little time; ``pace`` bounds the history read in one pass.

        Raises DatabaseError.
        """
        self._database = workshop.database
        self._clock = clock
        self._waiting = waiting
        self._pace = pace
        self._history: dict[str, dict[str, datetime | None]] = {}  # by account: what is left of it after the last pass
        self._sources = Sources(workshop.configuration, workshop.asked)
        self._ingest = Ingest(workshop.database, workshop.keeping)
        self._refusals = Refusals(workshop.database)

    def read(
        self,
        account: Account,
        watcher: Watcher,
        first_look: FirstLook = lambda _watched: None,
        *,
        insist: bool = False,
        goes_on: bool = False,
    ) -> AccountOutcome:
        """Read one account; what goes wrong with it is in the outcome.

        ``first_look`` is called, with the streams worth watching, once the newest is there and history is to follow.
        ``insist``: a password that was refused is offered again all the same. ``goes_on``: nothing but the history
        that the last pass has left is read.

        Raises Stopped and DatabaseError.
        """
        try:
            if not insist:
                self._refusals.check(account)
            connector = self._sources.of(account, self._clock)
        except StillRefused as refused:
            outcome = AccountOutcome(account.name, failure=refused)
            outcome.note(str(refused), sign_in_cure(account, refused))
            return outcome
        except Refused as refused:
            return self._not_readable(account, refused)
        left = self._history.pop(account.name, None)
        outcome = AccountPass(
            account,
            connector,
            self._database,
            self._ingest,
            self._clock,
            first_look,
            self._waiting,
            self._pace,
            going_on=left if goes_on else None,
        ).run(watcher)
        self._history[account.name] = outcome.history
        if isinstance(outcome.failure, SignInNeeded):
            self._refusals.note(account, outcome.failure)
        elif outcome.failure is None and outcome.put_off_until is None:
            self._refusals.forget(account)
        return outcome

    def _not_readable(self, account: Account, refused: Refused) -> AccountOutcome:
        outcome = AccountOutcome(account.name, failure=refused)
        outcome.note(str(refused), refused.what_to_do)
        with self._database.writing() as connection:
            account_id = accounts.ensure_account(connection, account.name, account.kind)
            accounts.set_account_problem(connection, account_id, str(refused), refused.what_to_do)
        return outcome
