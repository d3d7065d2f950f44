"""``keepwarm export``: the feed, and what else other tools and eyes can use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.exporting import FORMATS, Snapshot, feed_lines
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.files import write_pieces
from keepwarm.daemon.opening import opened
from keepwarm.daemon.session import Verbosity
from keepwarm.daemon.tables import show_json
from keepwarm.storage import feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from keepwarm.daemon.session import Session

_KNOWN = ", ".join(FORMATS)


@click.command("export")
@click.option(
    "--since", type=click.IntRange(min=0), default=0, metavar="SEQ", help="Of the feed what comes after this line."
)
@click.option(
    "--format", "formats", default="jsonl", show_default=True, metavar="FORMATS", help=f"Some of {_KNOWN}, with commas."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write files into this folder."
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a line of the feed instead.")
@click.pass_obj
def command(session: Session, /, since: int, formats: str, out: Path | None, schema: bool) -> None:
    """Write the feed, or another format, to stdout; or several into a folder.

    jsonl is the feed: what became true, one line each. csv are four tables as of now, ics is a calendar of pings, notes
    and promises, vcard the contacts with their warmth, atom the newest signals for a feed reader.
    """
    if schema:
        from keepwarm.outputs.feed import schema as schema_of_a_line  # noqa: PLC0415

        show_json(schema_of_a_line())
        return
    wanted = chosen(formats, since, to_stdout=out is None)
    with opened(session) as workshop, workshop.database.reading() as connection:
        _check_cursor(connection, since)
        for name, pieces in _files(connection, session, wanted, since):
            if out is None:
                for piece in pieces:
                    click.echo(piece, nl=False)
                continue
            write_pieces(out / name, pieces)
            if session.verbosity is not Verbosity.QUIET:
                click.echo(str(out / name))


def chosen(formats: str, since: int, *, to_stdout: bool) -> list[str]:
    """Give the formats that are named, each once. Raises BadUsage for what cannot be had."""
    wanted = list(dict.fromkeys(filter(None, (word.strip().lower() for word in formats.split(",")))))
    if unknown := [word for word in wanted if word not in FORMATS]:
        raise BadUsage(f"There is no format {unknown[0]!r}.", f"There are: {_KNOWN}.")
    if not wanted:
        raise BadUsage("No format is named.", f"There are: {_KNOWN}.")
    if since and "jsonl" not in wanted:
        raise BadUsage(f"--since goes with the feed, and {wanted[0]} is none.", "Leave --since out, or add jsonl.")
    if to_stdout and len(wanted) > 1:
        raise BadUsage("Several formats are several files.", "Name a folder for them with --out, or one format.")
    if to_stdout and len(FORMATS[wanted[0]]) > 1:
        files = ", ".join(FORMATS[wanted[0]])
        raise BadUsage(f"{wanted[0]} is several files: {files}.", "Name a folder for them with --out.")
    return wanted


def _files(
    connection: Connection, session: Session, wanted: Iterable[str], since: int
) -> Iterator[tuple[str, Iterable[str]]]:
    now = Snapshot(connection, session.configuration, session.now())
    for kind in wanted:
        for name, make in FORMATS[kind].items():
            if kind == "jsonl":
                yield name, feed_lines(connection, since)
            else:
                yield name, make(now)


def _check_cursor(connection: Connection, since: int) -> None:
    """Refuse a cursor that this feed has never given: nothing would ever come after it. Raises BadUsage."""
    newest = feed.last(connection)
    if since > newest:
        raise BadUsage(
            f"The feed ends with line {newest}; it has no line {since}, so that cursor is of another database, "
            "or of one that was made anew.",
            "Read it anew with --since 0, and drop by `id` what is known.",
        )
