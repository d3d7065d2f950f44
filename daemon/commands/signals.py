"""``keepwarm signals``: what is open now, and the owner's word on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.judging import judge, unjudge
from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_one
from keepwarm.daemon.tables import Column, day, show, show_json
from keepwarm.outputs.json_views import signal_row
from keepwarm.storage import signals
from keepwarm.storage.verdicts import Judgement

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session
    from keepwarm.storage.views import SignalView

_EVER = datetime(1900, 1, 1, tzinfo=UTC)


def _short(value: Any) -> str:
    return str(value)[:12]


def _said(value: Any) -> str:
    return str(value["verdict"]) if value else ""


_COLUMNS = (
    Column("id", "ID", text=_short),
    Column("rule", "SIGNAL"),
    Column("strength", "STRENGTH"),
    Column("opened", "SINCE", text=day),
    Column("sentence", "WHAT"),
)
_PAST = (Column("cleared", "CLEARED", text=day), Column("verdict", "YOUR WORD", text=_said))
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_REASON = click.option("--reason", default="", metavar="TEXT", help="Why, for yourself.")
_ID = click.argument("signal_id", metavar="ID")


@click.group("signals", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Those that were cleared or put aside, too.")
@click.option("--contact", "who", metavar="WHO", help="Only those about this contact.")
@_AS_JSON
@click.pass_context
def command(context: click.Context, everything: bool, who: str | None, as_json: bool) -> None:
    """Show the open signals, newest first. `keepwarm why ID` tells what one rests on."""
    if context.invoked_subcommand is None:
        _list(context.obj, everything, who, as_json=as_json)
    elif everything or who:
        raise click.UsageError("--all and --contact go with the list alone.")


def _list(session: Session, everything: bool, who: str | None, *, as_json: bool) -> None:
    with opened(session) as workshop, workshop.database.reading() as connection:
        about = None if who is None else [the_one(connection, who)]
        since = _EVER if everything else None
        found = signals.views(connection, session.now(), contacts=about, cleared_since=since)
    rows = [signal_row(one) for one in found if everything or not one.hidden]
    columns = (*_COLUMNS[:4], *_PAST, _COLUMNS[4]) if everything else _COLUMNS
    show(rows, columns, as_json, empty="All quiet: no signal is open.")


@command.command("dismiss")
@_ID
@_REASON
@_AS_JSON
@click.pass_obj
def dismiss(session: Session, /, signal_id: str, reason: str, as_json: bool) -> None:
    """Put a signal aside for good: it is not so, or it does not matter."""
    _say(session, signal_id, Judgement.DISMISSED, reason, as_json=as_json)


@command.command("snooze")
@_ID
@click.option("--until", default="14d", show_default=True, metavar="DATE|SPAN", help="Such as 2026-12-01, 10d, 3w.")
@_REASON
@_AS_JSON
@click.pass_obj
def snooze(session: Session, /, signal_id: str, until: str, reason: str, as_json: bool) -> None:
    """Put a signal aside for a while; it comes back if it is still open then."""
    _say(session, signal_id, Judgement.SNOOZED, reason, until, as_json=as_json)


@command.command("confirm")
@_ID
@_REASON
@_AS_JSON
@click.pass_obj
def confirm(session: Session, /, signal_id: str, reason: str, as_json: bool) -> None:
    """Say that a signal was right: yes, that was it."""
    _say(session, signal_id, Judgement.CONFIRMED, reason, as_json=as_json)


@command.command("undo")
@_ID
@_AS_JSON
@click.pass_obj
def undo(session: Session, /, signal_id: str, as_json: bool) -> None:
    """Take back what you said of a signal."""
    with opened(session) as workshop:
        _told(unjudge(workshop, signal_id, session.now()), "Taken back", as_json=as_json)


def _say(
    session: Session, signal_id: str, judgement: Judgement, reason: str, until: str = "", *, as_json: bool
) -> None:
    with opened(session) as workshop:
        one = judge(workshop, signal_id, judgement, reason, until, session.now())
    when, zone = one.verdict.until if one.verdict else None, session.configuration.owner.timezone
    what = judgement.value.capitalize() + (f" until {when.astimezone(zone).date().isoformat()}" if when else "")
    _told(one, what, as_json=as_json)


def _told(one: SignalView, what: str, *, as_json: bool) -> None:
    if as_json:
        show_json(signal_row(one))
    else:
        click.echo(harmless_lines(f"{what}: {one.sentence}\nUndo: keepwarm signals undo {one.id[:12]}"))
