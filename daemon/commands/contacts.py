"""``keepwarm contacts``: the sonar, and one contact whole; who is one person, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import dossier
from keepwarm.daemon.commands.contact_kin import merge, proposals, split
from keepwarm.daemon.commands.contact_label import label as label_
from keepwarm.daemon.commands.contact_link import link
from keepwarm.daemon.commands.organisations import organisations, shares
from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_one
from keepwarm.daemon.session import Verbosity
from keepwarm.daemon.tables import Column, day, plain, show, show_json
from keepwarm.outputs.json_views import contact_row
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import contacts
from keepwarm.storage.proposals import proposals as all_proposals

if TYPE_CHECKING:
    from collections.abc import Callable

    from keepwarm.daemon.session import Session


_LONGEST_NAME = 40
_BANDS = ("cold", "cool", "happy_medium", "close")


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


def _filtered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command choose of whom the sonar is shown."""
    function = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")(function)
    function = click.option("--band", type=click.Choice(_BANDS), help="Only those in this band.")(function)
    return click.option("--label", metavar="LABEL", help="Only those who have this label.")(function)


@click.group("contacts", invoke_without_command=True)
@_filtered
@click.pass_context
def command(context: click.Context, as_json: bool, label: str | None, band: str | None) -> None:
    """Show the sonar: everyone, with their warmth; nobody drops off because nothing happened."""
    if context.invoked_subcommand is None:
        _list(context.obj, as_json, label, band)


@command.command("list")
@_filtered
@click.pass_obj
def list_(session: Session, /, as_json: bool, label: str | None, band: str | None) -> None:
    """Show everyone, warmest first."""
    _list(session, as_json, label, band)


def _list(session: Session, as_json: bool, label: str | None, band: str | None) -> None:
    with opened(session) as workshop, workshop.database.reading() as connection:
        rows = [
            contact_row(view)
            for view in contacts.views(connection, session.now())
            if label in (None, *view.labels) and band in (None, view.band)
        ]
        likely = 0 if as_json or session.verbosity is Verbosity.QUIET else len(all_proposals(connection))
    chosen = label is not None or band is not None
    show(rows, _COLUMNS, as_json, empty="Nobody." if chosen else "Nobody is known yet. Next: keepwarm sync")
    if likely:
        pairs = "pair looks" if likely == 1 else "pairs look"
        click.echo(f"{likely} {pairs} like one person with two addresses: keepwarm contacts proposals", err=True)


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


for _subcommand in (merge, split, proposals, label_, link, organisations, shares):
    command.add_command(_subcommand)
