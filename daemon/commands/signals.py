"""``keepwarm signals``: what is open now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_one
from keepwarm.daemon.tables import Column, day, show
from keepwarm.outputs.json_views import signal_row
from keepwarm.storage import signals

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session

_EVER = datetime(1900, 1, 1, tzinfo=UTC)


def _short(value: Any) -> str:
    return str(value)[:12]


_COLUMNS = (
    Column("id", "ID", text=_short),
    Column("rule", "SIGNAL"),
    Column("strength", "STRENGTH"),
    Column("opened", "SINCE", text=day),
    Column("sentence", "WHAT"),
)
_CLEARED = Column("cleared", "CLEARED", text=day)


@click.command("signals")
@click.option("--all", "everything", is_flag=True, help="Those that were cleared, too.")
@click.option("--contact", "who", metavar="WHO", help="Only those about this contact.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(session: Session, /, everything: bool, who: str | None, as_json: bool) -> None:
    """Show the open signals, newest first. `keepwarm why ID` tells what one rests on."""
    with opened(session) as workshop, workshop.database.reading() as connection:
        about = None if who is None else [the_one(connection, who)]
        since = _EVER if everything else None
        rows = [
            signal_row(one) for one in signals.views(connection, session.now(), contacts=about, cleared_since=since)
        ]
    columns = (*_COLUMNS[:4], _CLEARED, _COLUMNS[4]) if everything else _COLUMNS
    show(rows, columns, as_json, empty="All quiet: no signal is open.")
