"""``keepwarm replay``: the ledger and the signals, worked out anew from what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.opening import opened
from keepwarm.daemon.progress import shown
from keepwarm.daemon.replaying import differing, rebuild
from keepwarm.daemon.session import Verbosity
from keepwarm.daemon.tables import show_json

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.command("replay")
@click.option("--check", is_flag=True, help="Change nothing; fail if the replay differs from what is stored.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_obj
def command(session: Session, /, check: bool, as_json: bool) -> None:
    """Rebuild the ledger of warmth, and all signals, from the stored observations."""
    quiet = session.verbosity is Verbosity.QUIET
    with opened(session) as workshop, shown(quiet=quiet) as watcher:
        if check:
            replayed, wrong = differing(workshop, watcher.judged)
        else:
            replayed, wrong = rebuild(workshop, session.now(), watcher.judged), []
    if as_json:
        show_json({"contacts": replayed, "differ": wrong})
    elif not quiet and not wrong:
        click.echo(f"{replayed} contacts replayed{', all identical' if check else ''}.")
    if wrong:
        raise Failure(
            f"{len(wrong)} of {replayed} contacts differ from what is stored: {', '.join(wrong[:5])}",
            "`keepwarm sync` brings in what is new; `keepwarm replay` rebuilds.",
        )
