"""``keepwarm sync``: one pass over all streams, then an evaluation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.failure import BadUsage, DoneInPart
from keepwarm.daemon.full_pass import PassOutcome, run_pass
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.opening import opened
from keepwarm.daemon.progress import shown
from keepwarm.daemon.session import Verbosity
from keepwarm.daemon.tables import show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.session import Session


@click.command("sync")
@click.argument("names", metavar="[ACCOUNT]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def command(session: Session, /, names: tuple[str, ...], as_json: bool) -> None:
    """Read all accounts once, or those that are named, then judge what is known.

    Exit status 3 if an account, or an item in it, could not be read; everything else is done all the same.
    """
    wanted = chosen(session.configuration.accounts, names)
    with opened(session) as workshop, shown(quiet=session.verbosity is Verbosity.QUIET) as watcher:
        # Whoever sits before a terminal may have had the account unlocked; a timer offers no refused password again.
        outcome = run_pass(workshop, wanted, session.now, watcher, insist=bool(sys.stdin and sys.stdin.isatty()))
    if as_json:
        show_json(_document(outcome))
    elif session.verbosity is not Verbosity.QUIET:
        click.echo(_summary(outcome))
    _fail_if_needed(outcome)


def chosen(accounts: Sequence[Account], names: Sequence[str]) -> list[Account]:
    """Give the accounts of these names, or all.

    Raises BadUsage for a name that no account has, and if there is no account at all.
    """
    known = [account.name for account in accounts]
    if not known:
        raise BadUsage("The configuration has no account.", "Add an [[account]], or see `keepwarm init`.")
    for name in names:
        if name not in known:
            raise BadUsage(f"There is no account {name!r}.", f"The configuration has: {', '.join(known)}.")
    return [account for account in accounts if not names or account.name in names]


def _summary(outcome: PassOutcome) -> str:
    messages = sum(one.messages for one in outcome.accounts)
    meetings = sum(one.meetings for one in outcome.accounts)
    rejected = sum(len(one.rejected) for one in outcome.accounts)
    line = f"{messages} new messages, {meetings} new or changed meetings"
    if rejected:
        line += f", {rejected} {'item' if rejected == 1 else 'items'} that could not be read"
    judged = outcome.evaluated
    return f"{line}; {judged.contacts} contacts judged, {judged.signals_opened} new signals."


def _document(outcome: PassOutcome) -> dict[str, Any]:
    return {
        "accounts": [
            {
                "name": one.name,
                "messages": one.messages,
                "meetings": one.meetings,
                "rejected": len(one.rejected),
                "problems": [{"why": why, "what_to_do": cure} for why, cure in one.told],
            }
            for one in outcome.accounts
        ],
        "contacts_judged": outcome.evaluated.contacts,
        "signals_opened": outcome.evaluated.signals_opened,
        "feed_lines": outcome.evaluated.feed_lines,
    }


def _fail_if_needed(outcome: PassOutcome) -> None:
    if not outcome.problems:
        return
    told = "\n".join(
        harmless_lines("\n  ".join(filter(None, (f"{name}: {why}", cure)))) for name, why, cure in outcome.problems
    )
    raise DoneInPart(f"some of the work could not be done:\n{told}")
