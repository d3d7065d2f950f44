"""``keepwarm report``: the weekly report, on the terminal or as files."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.files import write_whole
from keepwarm.daemon.opening import opened
from keepwarm.daemon.session import Verbosity

if TYPE_CHECKING:
    from datetime import tzinfo

    from keepwarm.daemon.session import Session

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
@click.pass_obj
def command(session: Session, /, week: str | None, html: Path | None, text: Path | None) -> None:
    """Write the weekly report: to the files that are named, else as text to the terminal."""
    from keepwarm.outputs.report import render_html, render_text  # noqa: PLC0415 - templates, only where used
    from keepwarm.storage.weeks import week as read_week  # noqa: PLC0415

    owner = session.configuration.owner
    monday, as_of = _when(week, session.now(), owner.timezone)
    with opened(session) as workshop, workshop.database.reading() as connection:
        view = read_week(
            connection,
            monday,
            as_of,
            owner_name=owner.name,
            zone=owner.timezone,
            configured=session.configuration.account_names,
        )
    language = session.configuration.report.language
    wanted = [(path, render) for path, render in ((html, render_html), (text, render_text)) if path]
    for path, render in wanted or [(_STDOUT, render_text)]:
        if path == _STDOUT:
            click.echo(render(view, language), nl=False)
        else:
            write_whole(path, render(view, language))
            if session.verbosity is not Verbosity.QUIET:
                click.echo(str(path))


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
