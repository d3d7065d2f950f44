"""``keepwarm contacts label``: what the owner calls people, besides what the settings' patterns say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_contact
from keepwarm.daemon.tables import Column, plain, show, show_json
from keepwarm.outputs.json_views import contact_object, utc_text
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import label_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.label_words import LabelWord
    from keepwarm.storage.views import ContactRef

_LONGEST_LINE = 300
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,39}")  # as the settings have it
_WORDS = (
    Column("id", "ID", right=True),
    Column("address", "WHO"),
    Column("label", "LABEL"),
    Column("given", "GIVEN", text=plain),
    Column("said", "SAID"),
)


@click.command("label")
@click.argument("who", metavar="WHO", required=False)
@click.argument("labels", metavar="LABEL...", nargs=-1)
@click.option("--remove-label", "taken", multiple=True, metavar="LABEL", help="Take a label away, whoever gave it.")
@click.option("--list", "listing", is_flag=True, help="List what you have said so far.")
@click.option("--remove", type=int, metavar="ID", help="Take back what you said.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def label(
    session: Session,
    /,
    who: str | None,
    labels: tuple[str, ...],
    taken: tuple[str, ...],
    listing: bool,
    remove: int | None,
    as_json: bool,
) -> None:
    """Give WHO labels, such as client or prospect, besides those of [[label]] in the settings."""
    if sum((who is not None, listing, remove is not None)) != 1 or bool(labels or taken) != (who is not None):
        raise click.UsageError("Give WHO and a LABEL or --remove-label, or one of --list and --remove.")
    now = session.now()
    with opened(session) as workshop:
        if listing:
            with workshop.database.reading() as connection:
                rows = [_row(word) for word in label_words.listed(connection)]
            show(rows, _WORDS, as_json, empty="You have said nothing of the kind so far.")
            return
        if remove is not None:
            word = _take_back(workshop, remove, now)
            document, sentence = _row(word), f"Taken back: {word.label}, of {word.address}."
        else:
            found = say(workshop, str(who), labels, taken, now)
            document, sentence = contact_object(found), f"{found.name}: {', '.join(found.labels) or 'no label'}."
    if as_json:
        show_json(document)
    else:
        click.echo(one_line(sentence, _LONGEST_LINE))


def say(workshop: Workshop, who: str, given: Sequence[str], taken: Sequence[str], now: datetime) -> ContactRef:
    """Give a contact labels, or take some away, and judge them anew. Raises BadUsage."""
    for text in (*given, *taken):
        if not _LABEL.fullmatch(text):
            raise BadUsage(f"{text!r} is no label.", "A label is a word of up to 40 of a-z, 0-9, - and _, as `client`.")
    if both := sorted({*given} & {*taken}):
        raise BadUsage(f"{both[0]!r} is both given and taken away.")
    with workshop.database.writing() as connection:
        found = the_contact(connection, who)
        if missing := sorted({*taken} - {*found.labels}):
            raise BadUsage(
                f"{found.name} has no label {missing[0]!r}.", f"The labels are: {', '.join(found.labels) or 'none'}."
            )
        named = who.strip().lower()
        address = named if named in found.addresses else found.addresses[0]
        for text, is_given in (*((one, True) for one in given), *((one, False) for one in taken)):
            label_words.say(connection, address, text, now, given=is_given)
    evaluate(workshop, now)
    with workshop.database.reading() as connection:
        return the_contact(connection, address)


def _take_back(workshop: Workshop, number: int, now: datetime) -> LabelWord:
    with workshop.database.writing() as connection:
        word = label_words.find(connection, number)
        if word is None:
            raise BadUsage(f"There is no {number} in what you said.", "`keepwarm contacts label --list` shows the ids.")
        label_words.withdraw(connection, word)
    evaluate(workshop, now)
    return word


def _row(word: LabelWord) -> dict[str, Any]:
    return {
        "id": word.id,
        "address": word.address,
        "label": word.label,
        "given": word.given,
        "said": utc_text(word.at),
    }
