"""``keepwarm doctor``: what is wrong, and the cure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.checkup import findings
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import show_json

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(session: Session, /, as_json: bool) -> None:
    """Check configuration, database, rules, sign-in and servers, and what could not be read: one line each."""
    found = []
    with opened(session) as workshop:
        for one in findings(session, workshop):
            found.append(one)
            if not as_json:
                mark = "ok " if one.well else "BAD"
                cure = f"\n      {one.cure}" if one.cure else ""
                click.echo(harmless_lines(f"{mark} {one.about}: {one.what}{cure}"))
    if as_json:
        show_json([asdict(one) for one in found])
    if wrong := sum(not one.well for one in found):
        raise Failure(f"{wrong} {'thing needs' if wrong == 1 else 'things need'} your attention.")
