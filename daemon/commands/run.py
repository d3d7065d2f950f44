"""``keepwarm run``: the daemon, in the foreground."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.beginning_anew import begin_anew, settings_will_do
from keepwarm.daemon.commands.sync import chosen
from keepwarm.daemon.core_dumps import forbid
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.service import Service
from keepwarm.daemon.service_manager import ServiceManager
from keepwarm.storage.sole_daemon import sole_daemon

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.command("run")
@click.pass_obj
def command(session: Session, /) -> None:
    """Keep reading and judging, in the foreground, until SIGTERM or Ctrl-C; SIGHUP has it take over the settings."""
    if session.as_of is not None:
        raise BadUsage("The daemon lives in the present.", "Leave --as-of out, or use `keepwarm sync`.")
    forbid()
    chosen(session.configuration.accounts, ())
    ServiceManager().opening()
    with opened(session) as workshop, sole_daemon(workshop.database):
        service = Service(workshop, session.now, partial(settings_will_do, session.config, session.configuration))
        service.heed_signals()
        service.run()
    if service.is_renewing and not service.is_stopping:
        begin_anew()
