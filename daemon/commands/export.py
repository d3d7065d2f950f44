"""``keepwarm export``: the feed, for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.files import write_whole
from keepwarm.daemon.opening import opened
from keepwarm.daemon.session import Verbosity
from keepwarm.daemon.tables import show_json
from keepwarm.outputs import feed as feed_text
from keepwarm.storage import feed

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session

_FILE = "feed.jsonl"


@click.command("export")
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="SEQ", help="Only what comes after this line.")
@click.option("--format", "kind", type=click.Choice(["jsonl"]), default="jsonl", help="The feed as JSON Lines.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=f"Write DIR/{_FILE}.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a line instead.")
@click.pass_obj
def command(session: Session, /, since: int, kind: str, out: Path | None, schema: bool) -> None:  # noqa: ARG001 - one format yet
    """Write the feed to stdout, or into a folder."""
    if schema:
        show_json(feed_text.schema())
        return
    with opened(session) as workshop, workshop.database.reading() as connection:
        lines = (feed_text.line(entry) for entry in feed.entries(connection, since))
        if out is None:
            for line in lines:
                click.echo(line)
            return
        write_whole(out / _FILE, "".join(f"{line}\n" for line in lines))
    if session.verbosity is not Verbosity.QUIET:
        click.echo(str(out / _FILE))
