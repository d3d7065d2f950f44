"""``keepwarm note``: something to remember of somebody, perhaps for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.days import day_named, said, today_of
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column
from keepwarm.daemon.words import Words, correctable, only_one, written
from keepwarm.storage.notes import NOTES

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.notes import Note

_NO_DAY = "none"
NOTE_WORDS = Words("note", NOTES, (Column("on", "FOR"), Column("text", "NOTE")))


@click.command("note")
@click.argument("words", metavar="WHO TEXT", nargs=-1)
@click.option("--on", metavar="DATE", help="The day that it is about; with --edit, `none` for no day.")
@correctable
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    on: str | None,
    listing: bool,
    edit: int | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Note something to remember of somebody: a child's name, a running club, a brother's wedding.

    WHO is an address, an id, or a name; put a name of several words in quotes.
    """
    said_anew = bool(words or on) and not (listing or edit is not None)
    only_one(said_anew, listing, edit is not None, remove is not None, of="WHO TEXT, --list, --edit and --remove")
    now = session.now()
    with opened(session) as workshop:
        if listing:
            NOTE_WORDS.listed(workshop, " ".join(words), as_json=as_json)
        elif remove is not None:
            NOTE_WORDS.remove(workshop, remove, now, as_json=as_json)
        elif edit is not None:
            values = {"text": written(" ".join(words))} if words else {}
            one = NOTE_WORDS.change(workshop, edit, now, **values, **_day(workshop, on, now))
            NOTE_WORDS.tell([one], _sentence(one), as_json=as_json)
        else:
            if len(words) < 2:
                raise click.UsageError("Give WHO, and then the text.")
            text = written(" ".join(words[1:]))
            day = {"on_date": None, **_day(workshop, None if on == _NO_DAY else on, now)}
            one = NOTE_WORDS.keep(workshop, words[0], now, at=now, text=text, **day)
            NOTE_WORDS.tell([one], _sentence(one), as_json=as_json)


def _day(workshop: Workshop, on: str | None, now: datetime) -> dict[str, Any]:
    if on is None:
        return {}
    if on == _NO_DAY:
        return {"on_date": None}
    return {"on_date": day_named(on, today_of(now, workshop.configuration.owner.timezone)).isoformat()}


def _sentence(one: Note) -> str:
    day = f", for {said(one.on)}" if one.on else ""
    return f"Noted of {one.name}{day}: {one.text}"
