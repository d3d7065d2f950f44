"""A full pass: all accounts, or those that are named, are read; then what is known is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.daemon import export_folder
from keepwarm.daemon.account_reader import AccountReader
from keepwarm.daemon.evaluation import Evaluated, evaluate
from keepwarm.daemon.set_aside import CURE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Protocol

    from keepwarm.daemon.account_outcome import AccountOutcome
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.stream_pull import Watcher
    from keepwarm.daemon.workshop import Workshop

    class PassWatcher(Watcher, Protocol):
        """Is told how the reading goes, and then how the judging goes."""

        def judged(self, done: int, of: int) -> None:
            """So many contacts are judged."""

        def wait(self, account: str, seconds: float, why: str) -> None:
            """Wait for so long: the account's source has asked for it, for a reason that is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOutcome:
    """What a full pass brought."""

    accounts: tuple[AccountOutcome, ...]
    evaluated: Evaluated

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Give what went wrong, or could not be read: account, sentence, what to do."""
        found = [(one.name, why, cure) for one in self.accounts for why, cure in one.told]
        if self.evaluated.set_aside:
            found.append(("judging", self.evaluated.set_aside, CURE))
        return found


def run_pass(
    workshop: Workshop,
    wanted: Sequence[Account],
    clock: Callable[[], datetime],
    watcher: PassWatcher,
    *,
    insist: bool = False,
) -> PassOutcome:
    """Read these accounts, then evaluate, and write the export folder.

    Of an account that was never read the newest is judged as soon as it is there: provisional numbers, of which the
    feed hears nothing before all is read. ``insist``: passwords that were refused are offered again.

    Raises Stopped, DatabaseError and BadUsage.
    """
    _ = workshop.engine  # a mistake in a rule file is told before an hour of reading, not after
    reader = AccountReader(workshop, clock, watcher.wait)

    def first_look(_watched: object) -> None:
        evaluate(workshop, clock(), watcher.judged)

    outcomes = tuple(reader.read(account, watcher, first_look, insist=insist) for account in wanted)
    evaluated = evaluate(workshop, clock(), watcher.judged)
    export_folder.refresh(workshop, clock())
    return PassOutcome(accounts=outcomes, evaluated=evaluated)
