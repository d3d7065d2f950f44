"""``keepwarm attribute``: the owner's word on who was behind a move or a cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon import appointments
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.storage.hindsight import CAUSED
from keepwarm.storage.sightings import Testimony, Word

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.agenda import ChangeView, MeetingView

_SIDES = ("them", "owner")


@click.command("attribute")
@click.argument("words", metavar="MEETING them|owner", nargs=-1)
@click.option("--change", "number", type=click.IntRange(min=1), metavar="N", help="Its N-th change; else its last.")
@click.option("--who", metavar="ADDRESS", help="Which of them, if there are several.")
@click.option("--list", "listing", is_flag=True, help="List what you have said so far.")
@click.option("--edit", type=int, metavar="ID", help="Say `them` or `owner` anew of what you said.")
@click.option("--remove", type=int, metavar="ID", help="Take back what you said.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    number: int | None,
    who: str | None,
    listing: bool,
    edit: int | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Say who was behind the last move or cancellation of a meeting, you or them.

    MEETING is an id, or words of its title and, if needed, its date.
    """
    if sum((bool(words) and edit is None, listing, edit is not None, remove is not None)) != 1:
        raise click.UsageError("Give one of MEETING, --list, --edit and --remove.")
    if (words or edit is not None) and (not words or words[-1].lower() not in _SIDES):
        raise click.UsageError("Say who it was: `them` or `owner`.")
    now = session.now()
    with opened(session) as workshop:
        if edit is not None:
            if len(words) > 1:
                raise click.UsageError("--edit ID takes `them` or `owner`, and no MEETING.")
            _edit(workshop, edit, words[-1].lower(), who, now, as_json=as_json)
        elif remove is not None:
            appointments.remove(workshop, Word.ATTRIBUTION, remove, "attribute", now, as_json=as_json)
        elif words:
            wanted, side = " ".join(words[:-1]), words[-1].lower()
            _attribute(workshop, wanted, side, number, who, now, as_json=as_json)
        else:
            appointments.listed(workshop, Word.ATTRIBUTION, as_json=as_json)


def _attribute(
    workshop: Workshop, wanted: str, side: str, number: int | None, who: str | None, now: datetime, *, as_json: bool
) -> None:
    if not wanted:
        raise click.UsageError("Name the MEETING before `them` or `owner`.")
    with workshop.database.reading() as connection:
        one = appointments.the_meeting(connection, workshop, wanted, lambda one: bool(_changes(one)))
    change = _change(workshop, one, number)
    actor = _actor(workshop, one, side, who)
    appointments.keep(workshop, one, Testimony(Word.ATTRIBUTION, change.at, actor, now), now)
    _tell(workshop, one, actor, as_json=as_json)


def _changes(one: MeetingView) -> list[ChangeView]:
    return [change for change in one.changes if change.change in CAUSED]


def _change(workshop: Workshop, one: MeetingView, number: int | None) -> ChangeView:
    changes = _changes(one)
    if not changes:
        raise BadUsage(f"{one.title or one.id!r} was neither moved nor cancelled.")
    if number is None:
        return changes[-1]
    if number <= len(changes):
        return changes[number - 1]
    zone = workshop.configuration.owner.timezone
    listed = "\n".join(
        f"  {place}  {change.at.astimezone(zone):%Y-%m-%d %H:%M}  {change.change.value}: {change.why}"
        for place, change in enumerate(changes, start=1)
    )
    raise BadUsage(f"{one.title or one.id!r} has no change {number}. Its changes:\n{listed}", "Give one with --change.")


def _actor(workshop: Workshop, one: MeetingView, side: str, who: str | None) -> str:
    """Give the address for a side. Raises BadUsage if several may be meant."""
    if side == "owner":
        mine = [address for address in one.people if address in workshop.owner]
        return min(mine or workshop.owner)
    others = appointments.others(one, workshop)
    listed = "\n".join(f"  {address}" for address in others)
    if who is not None:
        if who.lower() in others:
            return who.lower()
        raise BadUsage(f"{who!r} is not of that meeting.", f"These are:\n{listed}")
    if len(others) == 1:
        return others[0]
    if one.organizer in others:
        return one.organizer
    if not others:
        raise BadUsage("Nobody else is of that meeting.")
    raise BadUsage(f"Which of them was it?\n{listed}", "Name one with --who ADDRESS.")


def _edit(workshop: Workshop, number: int, side: str, who: str | None, now: datetime, *, as_json: bool) -> None:
    with workshop.database.reading() as connection:
        kept, one = appointments.the_word(connection, Word.ATTRIBUTION, number, "attribute")
    actor = _actor(workshop, one, side, who)
    appointments.correct(workshop, kept, actor, now)
    _tell(workshop, one, actor, as_json=as_json)


def _tell(workshop: Workshop, one: MeetingView, actor: str, *, as_json: bool) -> None:
    sentence = f"Noted: {actor} was behind that change of {one.title or one.id}."
    appointments.told(workshop, Word.ATTRIBUTION, one, sentence, as_json=as_json)
