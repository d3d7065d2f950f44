"""``keepwarm status``: how the reading of each account and stream goes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import export_folder, letters_state, report_state, set_aside, webhook_state
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, show, show_json
from keepwarm.daemon.vanished import told_of_held
from keepwarm.daemon.web import page_state
from keepwarm.storage import first_reads, health, unjudged
from keepwarm.storage.unjudged import Unjudged

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.settings import Configuration

_COLUMNS = (
    Column("account", "ACCOUNT"),
    Column("stream", "STREAM"),
    Column("last_success", "LAST READ"),
    Column("lag", "LAG"),
    Column("next_poll", "NEXT"),
    Column("problem", "WHAT IS WRONG"),
    Column("what_to_do", "WHAT TO DO"),
)


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(session: Session, /, as_json: bool) -> None:
    """Tell for each account and stream: last success, lag, next poll, what is wrong and what to do."""
    configuration = session.configuration
    with opened(session) as workshop, workshop.database.reading() as connection:
        told = found(connection, configuration, session.now(), page_state.origin(configuration))
    if as_json:
        show_json(told)
        return
    known = {one["name"] for one in told["accounts"]}
    without_streams = [
        {"account": one["name"], "stream": "", "problem": one["problem"], "what_to_do": one["what_to_do"]}
        for one in told["accounts"]
        if one["streams"] == 0 or one["problem"]
    ]
    never = [
        {"account": name, "problem": "never read", "what_to_do": "keepwarm sync"}
        for name in configuration.account_names
        if name not in known
    ]
    show([*without_streams, *told["streams"], *never], _COLUMNS, False)
    totals = told["stored"]
    click.echo(
        f"\n{totals['messages']} messages, {totals['meetings']} meetings, {totals['rejected']} unreadable items."
    )
    click.echo(report_state.line(told["report"], configuration))
    zone = configuration.owner.timezone
    for line in (
        *letters_state.lines(told, zone),
        *webhook_state.lines(told["webhook"], zone),
        *export_folder.lines(told["export"]),
    ):
        click.echo(line)
    for name, since in told["not_waited_for"].items():
        click.echo(
            f"{name}: its first read has got no further since {since:%Y-%m-%d %H:%M} UTC; nothing waits for it "
            "any more. What it changes is told once it is read."
        )
    if told["not_judged"]:
        click.echo(f"{set_aside.told([Unjudged(**one) for one in told['not_judged']])} {set_aside.CURE}")
    click.echo(page_state.line(told["page"]))


def found(connection: Connection, settings: Configuration, now: datetime, page: str | None) -> dict[str, Any]:
    """Gather it, for the command and for the API; ``page`` is where that is served."""
    polls = {account.name: account.poll for account in settings.accounts}
    return {
        "accounts": [asdict(one) for one in health.accounts(connection, polls)],
        "streams": [_row(asdict(one), polls, now) for one in health.streams(connection, polls)],
        "stored": health.totals(connection),
        "report": report_state.of(connection, settings, now),
        **letters_state.of(connection, settings, now),
        "export": export_folder.state(connection, settings),
        "webhook": webhook_state.of(connection, settings.webhook),
        "not_judged": [asdict(one) for one in unjudged.all_of_them(connection)],
        "not_waited_for": first_reads.stalled(connection, polls, now),
        "page": page,
    }


def _row(row: dict[str, Any], polls: dict[str, Any], now: datetime) -> dict[str, Any]:
    last = row["last_success"]
    poll = polls.get(row["account"])
    is_put_off = row["retry_at"] is not None and row["retry_at"] > now
    next_poll = row["retry_at"] if is_put_off else (last + poll if last and poll else None)
    if row["held"] and not row["problem"]:
        row["problem"], row["what_to_do"] = told_of_held(row["held"])
    never = "first read goes on" if row["begun"] else "never read"
    return {**row, "lag": _span((now - last).total_seconds()) if last else never, "next_poll": next_poll}


def _span(seconds: float) -> str:
    """Say a lag in its largest unit."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
