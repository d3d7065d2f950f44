"""``keepwarm noshow``: the owner's word that somebody did not come to a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon import appointments
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.storage.sightings import Testimony, Word

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.agenda import MeetingView


@click.command("noshow")
@click.argument("words", metavar="MEETING", nargs=-1)
@click.option("--who", metavar="ADDRESS", help="Who did not come, if there were several others.")
@click.option("--list", "listing", is_flag=True, help="List what you have said so far.")
@click.option("--edit", type=int, metavar="ID", help="Name somebody else, by --who, in what you said.")
@click.option("--remove", type=int, metavar="ID", help="Take back what you said.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    who: str | None,
    listing: bool,
    edit: int | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Note that somebody did not come. MEETING is an id, or words of its title and, if needed, its date."""
    if sum((bool(words), listing, edit is not None, remove is not None)) != 1:
        raise click.UsageError("Give one of MEETING, --list, --edit and --remove.")
    now = session.now()
    with opened(session) as workshop:
        if edit is not None:
            _edit(workshop, edit, who, now, as_json=as_json)
        elif remove is not None:
            appointments.remove(workshop, Word.NO_SHOW, remove, "noshow", now, as_json=as_json)
        elif words:
            _note(workshop, " ".join(words), who, now, as_json=as_json)
        else:
            appointments.listed(workshop, Word.NO_SHOW, as_json=as_json)


def keep(workshop: Workshop, wanted: str, who: Collection[str], now: datetime) -> tuple[MeetingView, str]:
    """Keep that somebody did not come to a meeting; ``who`` may be meant, none of them if it need not be said.

    Gives the meeting, and who it was. Raises BadUsage.
    """
    with workshop.database.reading() as connection:
        one = appointments.the_meeting(connection, workshop, wanted, lambda one: not _obstacle(one, now))
    if obstacle := _obstacle(one, now):
        raise BadUsage(f"Nobody can have missed {one.title or one.id!r}: {obstacle}.")
    there = [address for address in appointments.others(one, workshop) if address in who]
    actor = there[0] if len(there) == 1 else _who(workshop, one, next(iter(who), None))
    appointments.keep(workshop, one, Testimony(Word.NO_SHOW, one.start, actor, now), now)
    return one, actor


def _note(workshop: Workshop, wanted: str, who: str | None, now: datetime, *, as_json: bool) -> None:
    one, actor = keep(workshop, wanted, () if who is None else (who,), now)
    appointments.told(
        workshop, Word.NO_SHOW, one, f"Noted: {actor} did not come to {one.title or one.id}.", as_json=as_json
    )


def _obstacle(one: MeetingView, now: datetime) -> str:
    """Say why nobody can have failed to come; "" if somebody can."""
    if one.series:
        return "it is a whole series, name one of its meetings"
    if one.cancelled:
        return "it was cancelled"
    return "it has not ended" if one.end > now else ""


def _who(workshop: Workshop, one: MeetingView, who: str | None) -> str:
    others = appointments.others(one, workshop)
    listed = "\n".join(f"  {address}" for address in others)
    if who is not None:
        if who.lower() in others:
            return who.lower()
        raise BadUsage(f"{who!r} was not to come.", f"These were:\n{listed}" if others else "Nobody else was.")
    if len(others) == 1:
        return others[0]
    if not others:
        raise BadUsage("Nobody else was to come to that meeting.")
    raise BadUsage(f"Who of these did not come?\n{listed}", "Name one with --who ADDRESS.")


def _edit(workshop: Workshop, number: int, who: str | None, now: datetime, *, as_json: bool) -> None:
    if who is None:
        raise click.UsageError("--edit needs --who ADDRESS: who it was that did not come.")
    with workshop.database.reading() as connection:
        kept, one = appointments.the_word(connection, Word.NO_SHOW, number, "noshow")
    actor = _who(workshop, one, who)
    appointments.correct(workshop, kept, actor, now)
    appointments.told(
        workshop, Word.NO_SHOW, one, f"Noted: {actor} did not come to {one.title or one.id}.", as_json=as_json
    )
