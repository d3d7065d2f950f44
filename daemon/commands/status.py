"""``keepwarm status``: how the reading of each account and stream goes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import export_folder, letters_state, report_state, webhook_state
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, show, show_json
from keepwarm.daemon.vanished import told_of_held
from keepwarm.storage import health

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session

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
    now = session.now()
    polls = {account.name: account.poll for account in session.configuration.accounts}
    with opened(session) as workshop, workshop.database.reading() as connection:
        accounts = health.accounts(connection, polls)
        streams = health.streams(connection, polls)
        totals = health.totals(connection)
        report = report_state.of(connection, session.configuration, now)
        letters = letters_state.of(connection, session.configuration, now)
        export = export_folder.state(connection, workshop)
        webhook = webhook_state.of(connection, session.configuration.webhook)
    rows = [_row(asdict(one), polls, now) for one in streams]
    if as_json:
        told = {"accounts": [asdict(one) for one in accounts], "streams": rows, "stored": totals, "report": report}
        show_json({**told, **letters, "export": export, "webhook": webhook})
        return
    known = {one.name for one in accounts}
    without_streams = [
        {"account": one.name, "stream": "", "problem": one.problem, "what_to_do": one.what_to_do}
        for one in accounts
        if one.streams == 0 or one.problem
    ]
    never = [
        {"account": name, "problem": "never read", "what_to_do": "keepwarm sync"} for name in polls if name not in known
    ]
    show([*without_streams, *rows, *never], _COLUMNS, False)
    click.echo(
        f"\n{totals['messages']} messages, {totals['meetings']} meetings, {totals['rejected']} unreadable items."
    )
    click.echo(report_state.line(report, session.configuration))
    zone = session.configuration.owner.timezone
    for line in (*letters_state.lines(letters, zone), *webhook_state.lines(webhook, zone)):
        click.echo(line)
    for line in export_folder.lines(export):
        click.echo(line)


def _row(row: dict[str, Any], polls: dict[str, Any], now: datetime) -> dict[str, Any]:
    last = row["last_success"]
    poll = polls.get(row["account"])
    is_put_off = row["retry_at"] is not None and row["retry_at"] > now
    next_poll = row["retry_at"] if is_put_off else (last + poll if last and poll else None)
    if row["held"] and not row["problem"]:
        row["problem"], row["what_to_do"] = told_of_held(row["held"])
    return {**row, "lag": _span((now - last).total_seconds()) if last else "never read", "next_poll": next_poll}


def _span(seconds: float) -> str:
    """Say a lag in its largest unit."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
