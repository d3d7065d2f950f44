"""Meetings as the command line names them, and the owner's word on them: kept, listed, corrected, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.tables import Column, plain, show, show_json
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import agenda, testimony
from keepwarm.storage.addresses import AddressBook
from keepwarm.storage.lives import revise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.sightings import Testimony, Word
    from keepwarm.storage.testimony import Kept

_LISTED_AT_MOST = 20


def the_meeting(
    connection: Connection, workshop: Workshop, wanted: str, fits: Callable[[MeetingView], bool]
) -> MeetingView:
    """Give the one meeting that ``wanted`` means; of several, the only one that ``fits``.

    Raises BadUsage if there is none, or if there are several.
    """
    zone = workshop.configuration.owner.timezone
    found = agenda.find(connection, wanted, zone)
    if not found:
        raise BadUsage(
            f"No meeting is known as {wanted!r}.",
            "Name it by its id, as `keepwarm contacts show WHO` has it, or by words of its title and its date.",
        )
    likely = [one for one in found if fits(one)] if len(found) > 1 else found
    if len(likely) == 1:
        return likely[0]
    some = likely or found
    named = "\n".join(f"  {line_of(one, workshop, zone)}" for one in some[:_LISTED_AT_MOST])
    more = f"\n  and {len(some) - _LISTED_AT_MOST} more" if len(some) > _LISTED_AT_MOST else ""
    raise BadUsage(f"{wanted!r} may be any of {len(some)} meetings:\n{named}{more}", "Name one by its id.")


def line_of(one: MeetingView, workshop: Workshop, zone: tzinfo) -> str:
    """Tell a meeting in one line."""
    title = one_line(one.title or "a meeting", 60)
    return f"{one.id}  {one.start.astimezone(zone):%Y-%m-%d %H:%M}  {title}, with {_others(one, workshop)}"


def others(one: MeetingView, workshop: Workshop) -> list[str]:
    """Give the addresses of those whom the owner meets."""
    return [who for who in one.people if who not in workshop.owner]


def _others(one: MeetingView, workshop: Workshop) -> str:
    return ", ".join(others(one, workshop)[:5]) or "nobody else"


def keep(workshop: Workshop, one: MeetingView, word: Testimony, as_of: datetime) -> None:
    """Keep the owner's word on a meeting, and judge anew whom it concerns."""
    keeping = workshop.keeping
    with workshop.database.writing() as connection:
        testimony.say(connection, one.row, word)
        revise(connection, [one.row], AddressBook(), keeping.owner)
    evaluate(workshop, as_of)


def correct(workshop: Workshop, kept: Kept, actor: str, as_of: datetime) -> None:
    """Let an earlier word name somebody else, and judge anew whom it concerns."""
    keeping = workshop.keeping
    with workshop.database.writing() as connection:
        testimony.correct(connection, kept.id, actor, as_of)
        revise(connection, [kept.meeting], AddressBook(), keeping.owner)
    evaluate(workshop, as_of)


def take_back(workshop: Workshop, kept: Kept, as_of: datetime) -> None:
    """Take an earlier word back, and judge anew whom it concerns."""
    keeping = workshop.keeping
    with workshop.database.writing() as connection:
        testimony.withdraw(connection, kept.id)
        revise(connection, [kept.meeting], AddressBook(), keeping.owner)
    evaluate(workshop, as_of)


def the_word(connection: Connection, kind: Word, number: int, command: str) -> tuple[Kept, MeetingView]:
    """Give the owner's earlier word of this id, and the meeting that it is about.

    Raises BadUsage if there is none.
    """
    kept = testimony.find(connection, kind, number)
    if kept is None:
        raise BadUsage(f"There is no {number} in what you said.", f"`keepwarm {command} --list` shows the ids.")
    [one] = agenda.views(connection, [kept.meeting])
    return kept, one


_COLUMNS = (
    Column("id", "ID", right=True),
    Column("meeting", "MEETING"),
    Column("start", "DATE", text=plain),
    Column("title", "TITLE"),
    Column("who", "WHO"),
    Column("about", "ABOUT", text=plain),
    Column("said", "SAID", text=plain),
)


def rows_of(connection: Connection, kind: Word) -> list[dict[str, Any]]:
    """Give what the owner said of this kind, the newest first, as it is shown."""
    kept = testimony.listed(connection, kind)
    meetings = {one.row: one for one in agenda.views(connection, [one.meeting for one in kept])}
    return [_row(one, meetings[one.meeting]) for one in kept if one.meeting in meetings]


def _row(kept: Kept, one: MeetingView) -> dict[str, Any]:
    word = kept.testimony
    return {
        "id": kept.id,
        "meeting": one.id,
        "title": one.title or None,
        "start": one.start,
        "kind": word.kind.value,
        "who": word.actor,
        "about": word.about,
        "said": word.at,
    }


def show_words(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print what the owner said."""
    show(rows, _COLUMNS, as_json, empty="You have said nothing of the kind so far.")


def listed(workshop: Workshop, kind: Word, *, as_json: bool) -> None:
    """Print what the owner has said of one kind."""
    with workshop.database.reading() as connection:
        rows = rows_of(connection, kind)
    show_words(rows, as_json=as_json)


def remove(workshop: Workshop, kind: Word, number: int, command: str, now: datetime, *, as_json: bool) -> None:
    """Take back what the owner said, have its people judged anew, and say so. Raises BadUsage."""
    with workshop.database.reading() as connection:
        kept, one = the_word(connection, kind, number, command)
    take_back(workshop, kept, now)
    told(workshop, kind, one, f"Taken back, on {one.title or one.id}.", as_json=as_json)


def told(workshop: Workshop, kind: Word, one: MeetingView, sentence: str, *, as_json: bool) -> None:
    """Print what is known now of a meeting on which the owner has spoken."""
    if as_json:
        with workshop.database.reading() as connection:
            show_json([row for row in rows_of(connection, kind) if row["meeting"] == one.id])
    else:
        click.echo(one_line(sentence, 300))
