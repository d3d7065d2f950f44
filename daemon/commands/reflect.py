"""``keepwarm reflect``: five minutes after a meeting: what they needed, how one could help, how they left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import reflecting
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, plain
from keepwarm.daemon.words import Words, correctable, only_one, written
from keepwarm.storage.reflections import REFLECTIONS

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.reflections import Met, Reflection

_REFLECTIONS = Words(
    "reflect",
    REFLECTIONS,
    (
        Column("title", "MEETING"),
        Column("needs_answered", "NEEDS", text=plain),
        Column("help_answered", "HELP", text=plain),
        Column("mood", "MOOD", right=True),
        Column("text", "TEXT"),
    ),
)
_YES_NO = ("yes", "no")
_GOOD, _BAD = 5, 1
_NEEDS = "What did they need from me, was it answered?"
_HELP = "How could I help, was it answered?"


@click.command("reflect")
@click.argument("words", metavar="[MEETING]", nargs=-1)
@click.option("--who", metavar="WHO", help="Whom it is about, if you met several; else all of them.")
@click.option("--needs", type=click.Choice(_YES_NO), help=_NEEDS)
@click.option("--help-given", type=click.Choice(_YES_NO), help=_HELP)
@click.option("--mood", type=click.IntRange(_BAD, _GOOD), help="How they left, from 1 (badly) to 5 (very well).")
@click.option("--text", metavar="TEXT", help="What else you want to remember of it.")
@correctable
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    who: str | None,
    needs: str | None,
    help_given: str | None,
    mood: int | None,
    text: str | None,
    listing: bool,
    edit: int | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Think of a meeting: the last one that has ended and waits for it, or MEETING.

    MEETING is an id, or words of its title and, if needed, its date. What no option says is asked for.
    """
    said_anew = not (listing or edit is not None or remove is not None)
    only_one(said_anew, listing, edit is not None, remove is not None, of="[MEETING], --list, --edit and --remove")
    if not said_anew and (words or who) and not listing:
        raise click.UsageError("--edit and --remove take an ID, and neither MEETING nor --who.")
    values = _values(needs, help_given, mood, text)
    if remove is not None and values:
        raise click.UsageError("--remove takes nothing but the ID.")
    now = session.now()
    with opened(session) as workshop:
        if listing:
            _REFLECTIONS.listed(workshop, who or " ".join(words), as_json=as_json)
        elif remove is not None:
            _REFLECTIONS.remove(workshop, remove, now, as_json=as_json)
        elif edit is not None:
            _tell([_REFLECTIONS.change(workshop, edit, now, **values)], as_json=as_json)
        else:
            _reflect(workshop, " ".join(words), who, values, now, as_json=as_json)


def _values(needs: str | None, help_given: str | None, mood: int | None, text: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if needs is not None:
        values["needs_answered"] = needs == "yes"
    if help_given is not None:
        values["help_answered"] = help_given == "yes"
    if mood is not None:
        values["mood"] = mood
    if text is not None:
        values["text"] = written(text, may_be_empty=True)
    return values


def _reflect(
    workshop: Workshop, wanted: str, who: str | None, values: dict[str, Any], now: datetime, *, as_json: bool
) -> None:
    if not values and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on; give --needs, --help-given, --mood or --text.")
    with workshop.database.reading() as connection:
        one, people = reflecting.waiting(connection, workshop, wanted, who, now)
    thoughts = [(person, values or _asked(person, one.title or one.id)) for person in people]
    kept = reflecting.keep(workshop, one, [(person, thought) for person, thought in thoughts if thought], now)
    with workshop.database.reading() as connection:
        found = [_REFLECTIONS.find(connection, number) for number in kept]
    _tell(found, as_json=as_json)


def _asked(person: Met, title: str) -> dict[str, Any]:
    """Ask what there is to say of somebody; Enter leaves a question open."""
    click.echo(reflecting.heading(person, title), err=True)
    yes_no, moods = click.Choice([*_YES_NO, ""]), click.Choice([*map(str, range(_BAD, _GOOD + 1)), ""])
    needs = _ask(f"{_NEEDS} (yes, no)", yes_no)
    help_given = _ask(f"{_HELP} (yes, no)", yes_no)
    mood = _ask(f"How did they leave, from {_BAD} (badly) to {_GOOD} (very well)?", moods)
    text = _ask("What else?", click.STRING)
    return _values(needs or None, help_given or None, int(mood) if mood else None, text or None)


def _ask(question: str, answer: click.Choice[str] | click.types.StringParamType) -> str:
    return str(click.prompt(question, default="", show_default=False, show_choices=False, type=answer, err=True))


def _tell(found: list[Reflection], *, as_json: bool) -> None:
    names = ", ".join(one.name for one in found)
    about = f", on {found[0].title or found[0].meeting}" if found else ""
    sentence = f"Kept what you thought of {names}{about}." if found else "Nothing was said, so nothing is kept."
    _REFLECTIONS.tell(found, sentence, as_json=as_json)
