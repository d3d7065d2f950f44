"""``keepwarm report``: the weekly report, on the terminal, as files, or sent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.files import write_whole
from keepwarm.daemon.opening import opened
from keepwarm.daemon.session import Verbosity

if TYPE_CHECKING:
    from datetime import tzinfo

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})\Z")
_MOMENT = timedelta(microseconds=1)
_STDOUT = Path("-")


@click.command("report")
@click.option("--week", metavar="2026-W47", help="An ISO week; the current one if not given.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it as HTML; - is stdout."
)
@click.option(
    "--text", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it as text; - is stdout."
)
@click.option("--send", is_flag=True, help="Send it, unless it was sent: the one of the week that was due last.")
@click.pass_obj
def command(session: Session, /, week: str | None, html: Path | None, text: Path | None, send: bool) -> None:
    """Write the weekly report: to the files that are named, else as text to the terminal."""
    if send and (html or text):
        raise click.UsageError("--send goes the way that [report] says; leave --html and --text out.")
    monday, as_of = _when(week, session.now(), session.configuration.owner.timezone)
    with opened(session) as workshop:
        if send:
            _send(workshop, monday if week else None, session.now())
        else:
            _write(session, workshop, monday, as_of, html, text)


def _write(
    session: Session, workshop: Workshop, monday: date, as_of: datetime, html: Path | None, text: Path | None
) -> None:
    from keepwarm.daemon.web import page_state  # noqa: PLC0415
    from keepwarm.daemon.weekly_view import view as read_week  # noqa: PLC0415
    from keepwarm.outputs.report import render_html, render_text  # noqa: PLC0415 - templates, only where used

    with workshop.database.reading() as connection:
        view = read_week(connection, workshop, monday, as_of)
    language = session.configuration.report.language
    linked = partial(render_html, page_url=page_state.origin(session.configuration) or "")
    wanted = [(path, render) for path, render in ((html, linked), (text, render_text)) if path]
    for path, render in wanted or [(_STDOUT, render_text)]:
        if path == _STDOUT:
            click.echo(render(view, language), nl=False)
        else:
            write_whole(path, render(view, language))
            if session.verbosity is not Verbosity.QUIET:
                click.echo(str(path))


def _send(workshop: Workshop, monday: date | None, now: datetime) -> None:
    """Send the report and say what became of it. Raises Failure."""
    from keepwarm.daemon.delivery import deliver, week_due  # noqa: PLC0415
    from keepwarm.daemon.posting import Fate  # noqa: PLC0415

    delivered = deliver(workshop, monday or week_due(workshop, now), now)
    letter = delivered.letter
    match delivered.fate:
        case Fate.SENT:
            click.echo(f"The report of {letter.key} is sent.")
        case Fate.SENT_BEFORE:
            click.echo(f"The report of {letter.key} was sent before, and is not sent again.")
        case Fate.UNDER_WAY:
            click.echo(f"The report of {letter.key} is under way: it may have arrived, or is being sent.")
        case Fate.FAILED:
            raise Failure(f"The report of {letter.key} was not sent: {letter.problem}", letter.what_to_do)


def _when(week: str | None, now: datetime, zone: tzinfo) -> tuple[date, datetime]:
    """Give the Monday of a week, and the moment to report as of: the week's end, or now if that is earlier.

    Raises BadUsage.
    """
    today = now.astimezone(zone).date()
    if week is None:
        return today - timedelta(days=today.weekday()), now
    match = _WEEK.match(week)
    try:
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        monday = None
    if monday is None:
        raise BadUsage(f"{week!r} is no ISO week.", 'A week is written "2026-W47".')
    if monday > today:
        raise BadUsage(f"The week {week} has not begun.", "Name this week or an earlier one.")
    end = datetime.combine(monday + timedelta(days=7), time(0), zone).astimezone(UTC) - _MOMENT
    return monday, min(end, now)
