"""``keepwarm run``: the daemon, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon.commands.sync import chosen
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.service import Service

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.command("run")
@click.pass_obj
def command(session: Session, /) -> None:
    """Keep reading and judging, in the foreground, until SIGTERM or Ctrl-C."""
    if session.as_of is not None:
        raise BadUsage("The daemon lives in the present.", "Leave --as-of out, or use `keepwarm sync`.")
    chosen(session.configuration.accounts, ())
    with opened(session) as workshop:
        service = Service(workshop, session.now)
        service.stop_on_signals()
        service.run()
