"""``keepwarm contacts merge``, ``split`` and ``proposals``: who is one person with two addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import kin
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, plain, show, show_json
from keepwarm.outputs.json_views import contact_object
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import kinship
from keepwarm.storage.proposals import proposals as all_proposals

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session
    from keepwarm.storage.views import ContactRef

_LONGEST_LINE = 300
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_WORDS = (
    Column("id", "ID", right=True),
    Column("first", "FIRST"),
    Column("second", "SECOND"),
    Column("same", "ONE PERSON", text=plain),
    Column("said", "SAID"),
)


@click.command("merge")
@click.argument("who", metavar="A B", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List what you have said of who is who.")
@click.option("--remove", type=int, metavar="ID", help="Take back what you said.")
@_AS_JSON
@click.pass_obj
def merge(session: Session, /, who: tuple[str, ...], listing: bool, remove: int | None, as_json: bool) -> None:
    """Say that A and B are one person: from now on, B's addresses and history are A's.

    Each is an address, an id, or a name. `keepwarm contacts split` parts them again. Nothing else merges anybody:
    address books are not read, and what is only likely is left to you (`keepwarm contacts proposals`).
    """
    if sum((bool(who), listing, remove is not None)) != 1 or len(who) not in (0, 2):
        raise click.UsageError("Give A and B, or one of --list and --remove.")
    with opened(session) as workshop:
        if remove is not None:
            word = kin.the_word(workshop, remove)
            kin.take_back(workshop, word, session.now())
            _say(f"Taken back, on {word.first} and {word.second}.", kin.word_row(word), as_json)
        elif listing:
            with workshop.database.reading() as connection:
                rows = [kin.word_row(word) for word in kinship.listed(connection)]
            show(rows, _WORDS, as_json, empty="You have said nothing of the kind so far.")
        else:
            found = kin.merge(workshop, who[0], who[1], session.now())
            _say(f"One contact now: {_named(found)}.", contact_object(found), as_json)


@click.command("split")
@click.argument("who", metavar="WHO")
@click.argument("others", metavar="ADDRESS...", nargs=-1, required=True)
@_AS_JSON
@click.pass_obj
def split(session: Session, /, who: str, others: tuple[str, ...], as_json: bool) -> None:
    """Take addresses out of a contact; together they are a contact of their own.

    With another contact's address in place of ADDRESS: the two are not one person, and are not proposed again.
    """
    with opened(session) as workshop:
        found = kin.split(workshop, who, others, session.now())
    _say("Not one person: " + "; ".join(map(_named, found)) + ".", [contact_object(ref) for ref in found], as_json)


@click.command("proposals")
@_AS_JSON
@click.pass_obj
def proposals(session: Session, /, as_json: bool) -> None:
    """List who is likely one person with two addresses, and how to say so, or not."""
    with opened(session) as workshop, workshop.database.reading() as connection:
        found = all_proposals(connection)
    if as_json:
        show_json([kin.proposal_row(one) for one in found])
        return
    if not found:
        click.echo("Nobody looks like two people.")
    for one in found:
        row = kin.proposal_row(one)
        click.echo(one_line(f"{_named(one.first)} and {_named(one.second)}: {one.reason}.", _LONGEST_LINE))
        click.echo(f"  one person  {row['accept']}\n  two people  {row['refuse']}")


def _named(ref: ContactRef) -> str:
    return f"{ref.name} ({', '.join(ref.addresses)})"


def _say(sentence: str, document: Any, as_json: bool) -> None:
    if as_json:
        show_json(document)
    else:
        click.echo(one_line(sentence, _LONGEST_LINE))
