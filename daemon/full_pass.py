"""A full pass: all accounts, or those that are named, are read; then what is known is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import Refused
from keepwarm.daemon.account_pass import AccountOutcome, AccountPass
from keepwarm.daemon.evaluation import Evaluated, evaluate
from keepwarm.storage import accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Protocol

    from keepwarm.daemon.account_pass import Watcher
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.workshop import Workshop

    class PassWatcher(Watcher, Protocol):
        """Is told how the reading goes, and then how the judging goes."""

        def judged(self, done: int, of: int) -> None:
            """So many contacts are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOutcome:
    """What a full pass brought."""

    accounts: tuple[AccountOutcome, ...]
    evaluated: Evaluated

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Give what went wrong, or could not be read: account, sentence, what to do."""
        return [(one.name, why, cure) for one in self.accounts for why, cure in one.told]


def run_pass(
    workshop: Workshop, wanted: Sequence[Account], clock: Callable[[], datetime], watcher: PassWatcher
) -> PassOutcome:
    """Read these accounts, then evaluate.

    Raises Stopped, DatabaseError and BadUsage.
    """
    _ = workshop.engine  # a mistake in a rule file is told before an hour of reading, not after
    outcomes = tuple(read_account(workshop, account, clock, watcher) for account in wanted)
    return PassOutcome(accounts=outcomes, evaluated=evaluate(workshop, clock(), watcher.judged))


def read_account(
    workshop: Workshop, account: Account, clock: Callable[[], datetime], watcher: PassWatcher
) -> AccountOutcome:
    """Read one account; what goes wrong with it is in the outcome.

    Of one that was never read the newest is judged as soon as it is there: provisional numbers, of which the feed
    hears nothing before all is read.

    Raises Stopped, DatabaseError and BadUsage.
    """
    try:
        connector = workshop.sources.of(account, clock)
    except Refused as refused:
        return _not_readable(workshop, account, refused)

    def first_look() -> None:
        evaluate(workshop, clock(), watcher.judged)

    return AccountPass(account, connector, workshop.database, workshop.ingest, clock, first_look).run(watcher)


def _not_readable(workshop: Workshop, account: Account, refused: Refused) -> AccountOutcome:
    outcome = AccountOutcome(account.name, failure=refused)
    outcome.note(str(refused), refused.what_to_do)
    with workshop.database.writing() as connection:
        account_id = accounts.ensure_account(connection, account.name, account.kind)
        accounts.set_account_problem(connection, account_id, str(refused), refused.what_to_do)
    return outcome
