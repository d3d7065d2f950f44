"""``keepwarm contacts``: the sonar, and one contact whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon import dossier
from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_one
from keepwarm.daemon.tables import Column, day, plain, show, show_json
from keepwarm.outputs.json_views import contact_row
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import contacts

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


_LONGEST_NAME = 40


def _signed(value: float) -> str:
    return f"{value:+.1f}"


def _band(value: str) -> str:
    return value.replace("_", " ")


def _name(value: str) -> str:
    return one_line(value, _LONGEST_NAME)


_COLUMNS = (
    Column("warmth", "WARMTH", right=True),
    Column("trend", "30 DAYS", right=True, text=_signed),
    Column("band", "BAND", text=_band),
    Column("name", "NAME", text=_name),
    Column("organisation", "ORGANISATION"),
    Column("last_in", "LAST IN", text=day),
    Column("last_out", "LAST OUT", text=day),
    Column("next_meeting", "NEXT MEETING", text=day),
    Column("open_signals", "SIGNALS", text=plain),
)


@click.group("contacts", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show the sonar: everyone, with their warmth; nobody drops off because nothing happened."""
    if context.invoked_subcommand is None:
        _list(context.obj, as_json)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def list_(session: Session, /, as_json: bool) -> None:
    """Show everyone, warmest first."""
    _list(session, as_json)


def _list(session: Session, as_json: bool) -> None:
    with opened(session) as workshop, workshop.database.reading() as connection:
        rows = [contact_row(view) for view in contacts.views(connection, session.now())]
    show(rows, _COLUMNS, as_json, empty="Nobody is known yet. Next: keepwarm sync")


@command.command("show")
@click.argument("who", metavar="WHO")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show_(session: Session, /, who: str, as_json: bool) -> None:
    """Show one contact whole. WHO is an address, an id, or a name."""
    with opened(session) as workshop, workshop.database.reading() as connection:
        found = dossier.of(connection, workshop, the_one(connection, who), session.now())
    if as_json:
        show_json(found)
    else:
        click.echo(dossier.text(found, workshop.configuration.owner.timezone))
