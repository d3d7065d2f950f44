"""``keepwarm forget``: a person is removed from everything, and kept out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from keepwarm.daemon import forgetting
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, day, show, show_json
from keepwarm.outputs.json_views import utc_text
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import forgetting as stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.forgetting import Person

_LONGEST_LINE = 500
_KEPT_OUT = (Column("hash", "HASH"), Column("since", "SINCE", text=day))


@click.command("forget")
@click.argument("who", metavar="[WHO]", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--list", "listing", is_flag=True, help="List who is kept out: hashes, as nothing else is kept.")
@click.option("--allow", metavar="ADDRESS", help="Let an address that was forgotten be read again.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(session: Session, /, who: str | None, yes: bool, listing: bool, allow: str | None, as_json: bool) -> None:
    """Remove a person from everything that is stored, and keep them out from then on.

    WHO is an address, an id, or a name. What is removed is told first; it cannot be undone. --allow lets them back, as
    somebody new, of whom is known what your mailboxes and calendars still hold.
    """
    if sum((who is not None, listing, allow is not None)) != 1:
        raise click.UsageError("Give WHO, or one of --list and --allow.")
    with opened(session) as workshop:
        if listing:
            _list(workshop, as_json=as_json)
        elif allow is not None:
            _allow(workshop, allow, as_json=as_json)
        else:
            _forget(workshop, str(who), session.now(), yes=yes, as_json=as_json)


def _list(workshop: Workshop, *, as_json: bool) -> None:
    with workshop.database.reading() as connection:
        rows = [{"hash": one, "since": utc_text(at)} for one, at in stored.listed(connection)]
    show(rows, _KEPT_OUT, as_json, empty="Nobody is kept out.")


def _allow(workshop: Workshop, text: str, *, as_json: bool) -> None:
    forgetting.allow(workshop, text)
    if as_json:
        show_json({"allowed": text})
    else:
        _say(
            [f"{text}: read again from now on. Older things come back as each source is next read from its beginning."]
        )


def _forget(workshop: Workshop, text: str, now: datetime, *, yes: bool, as_json: bool) -> None:
    with workshop.database.reading() as connection:
        who = forgetting.the_person(workshop, connection, text)
        counts = stored.preview(connection, who, workshop.owner)
        others = forgetting.perhaps_the_same(connection, who)
    if not as_json:
        _say(_announced(who, counts, others))
    if not yes:
        _ask(who, as_json=as_json)
    gone, compacted = forgetting.forget(workshop, who, now)
    named = forgetting.still_named(workshop, who)
    if not as_json:
        _say([f"{who.name} is forgotten, and kept out.", *_afterwards(gone.left, named, compacted=compacted)])
        return
    show_json(
        {
            "name": who.name,
            "addresses": list(who.addresses),
            "contacts": list(who.contacts),
            "removed": dict(gone.counts),
            "left": dict(gone.left),
            "perhaps_the_same": others,
            "named_in_the_configuration": named,
            "file_written_anew": compacted,
            "out_of_reach": list(forgetting.OUT_OF_REACH),
        }
    )


def _announced(who: Person, counts: Mapping[str, int], others: Sequence[str]) -> list[str]:
    lines = [f"Of {who.name} ({', '.join(who.addresses)}) this is removed, and cannot be undone:"]
    lines += [f"  {line}" for line in forgetting.told(counts)] or ["  their addresses"]
    if others:
        lines += ["Perhaps the same person, and not removed:", *(f"  {one}" for one in others)]
    return lines


def _ask(who: Person, *, as_json: bool) -> None:
    """Have it confirmed. Raises BadUsage where nobody can be asked, and Abort if it is not wanted."""
    if as_json or not sys.stdin.isatty():
        raise BadUsage("Nothing was removed: this cannot be undone, and nobody could be asked.", "Add --yes.")
    click.confirm(one_line(f"Forget {who.name}?", _LONGEST_LINE), abort=True)


def _afterwards(left: Mapping[str, int], named: Sequence[str], *, compacted: bool) -> list[str]:
    lines = list(forgetting.OUT_OF_REACH)
    if named:
        lines += ["Your configuration still names them:", *(f"  {one}" for one in named)]
    if left:
        kinds = ", ".join(f"{column} ({number})" for column, number in sorted(left.items()))
        lines.append(f"Names that your sources gave to things still hold theirs: {kinds}.")
    if not compacted:
        lines.append("Another process reads the database: until the next command, bytes of it may linger in its file.")
    return lines


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(("  " if line.startswith("  ") else "") + one_line(line, _LONGEST_LINE))
