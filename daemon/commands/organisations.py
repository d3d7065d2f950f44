"""``keepwarm contacts organisations`` and ``attention``: what is seen only across contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import attention
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, plain, show, show_json
from keepwarm.outputs.json_views import attention_row, organisation_row
from keepwarm.storage import organisation_views

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


def _band(value: str | None) -> str:
    return (value or "").replace("_", " ")


def _named(value: dict[str, Any] | None) -> str:
    return str(value["name"]) if value else ""


def _percent(value: float) -> str:
    return f"{100 * value:.0f}%"


_ORGANISATIONS = (
    Column("warmth", "WARMTH", right=True),
    Column("band", "BAND", text=_band),
    Column("organisation", "ORGANISATION"),
    Column("coldest", "BY", text=_named),
    Column("people_who_count", "COUNTED", right=True),
    Column("people", "PEOPLE", right=True),
    Column("open_signals", "SIGNALS", text=plain),
)
_ATTENTION = (
    Column("share", "SHARE", right=True, text=_percent),
    Column("hours", "HOURS", right=True),
    Column("messages", "MESSAGES", right=True),
    Column("meeting_hours", "IN MEETINGS", right=True),
    Column("reply_hours", "YOUR REPLY (H)", right=True),
    Column("times_longer", "LONGER THAN BIG", right=True),
    Column("contact", "NAME", text=_named),
)


@click.command("organisations")
@_AS_JSON
@click.pass_obj
def organisations(session: Session, /, as_json: bool) -> None:
    """Show the organisations, coldest first: each is as warm as the coldest of the people who count there.

    Those count who can be judged (from 8 messages on, both having written), and were heard within two years.
    """
    with opened(session) as workshop, workshop.database.reading() as connection:
        rows = [organisation_row(view) for view in organisation_views.views(connection, session.now())]
    show(rows, _ORGANISATIONS, as_json, empty="No organisation is known yet. Next: keepwarm sync")


@click.command("attention")
@_AS_JSON
@click.pass_obj
def shares(session: Session, /, as_json: bool) -> None:
    """Show who gets your attention: clients, or everybody if nobody is labelled client, over six whole months.

    A message counts as a fifth of an hour. The picture is drawn on the first Monday of each month.
    """
    with opened(session) as workshop, workshop.database.reading() as connection:
        view = attention.view(connection, workshop, session.now())
    rows = [attention_row(one) for one in view.shares] if view else []
    if as_json:
        period = {"since": view.since, "until": view.until, "big_reply_hours": view.big_reply_hours} if view else {}
        show_json({**period, "shares": rows})
    else:
        show(rows, _ATTENTION, as_json, empty="No whole month of yours is known yet.")
