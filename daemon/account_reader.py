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

    from keepwarm.daemon.account_pass import Waiting, Watcher
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.workshop import Workshop


class AccountReader:
    """Reads accounts one after the other."""

    def __init__(self, workshop: Workshop, clock: Callable[[], datetime], waiting: Waiting | None = None) -> None:
        """``waiting`` waits where a source asks for a little time. Raises DatabaseError."""
        self._database = workshop.database
        self._clock = clock
        self._waiting = waiting
        self._sources = Sources(workshop.configuration, workshop.asked)
        self._ingest = Ingest(workshop.database, workshop.keeping)
        self._refusals = Refusals(workshop.database)

    def read(
        self,
        account: Account,
        watcher: Watcher,
        first_look: Callable[[], None] = lambda: None,
        *,
        insist: bool = False,
    ) -> AccountOutcome:
        """Read one account; what goes wrong with it is in the outcome.

        ``first_look`` is called once the newest of an account that was never read is there. ``insist``: a password
        that was refused is offered again all the same.

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
        one_pass = AccountPass(account, connector, self._database, self._ingest, self._clock, first_look, self._waiting)
        outcome = one_pass.run(watcher)
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
