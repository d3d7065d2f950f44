"""``keepwarm ping``: how many days somebody may be left without a word, set by the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_one
from keepwarm.daemon.tables import Column
from keepwarm.daemon.words import Words, correctable, only_one
from keepwarm.storage import pings
from keepwarm.storage.pings import LONGEST, PINGS, SHORTEST

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.pings import Ping

PING_WORDS = Words("ping", PINGS, (Column("days", "DAYS", right=True),))


@click.command("ping", context_settings={"ignore_unknown_options": True})  # -3 is a wrong number, no option
@click.argument("words", metavar="WHO DAYS", nargs=-1)
@correctable
@click.pass_obj
def command(
    session: Session, /, words: tuple[str, ...], listing: bool, edit: int | None, remove: int | None, as_json: bool
) -> None:
    """Set for how many days you two may be silent before you are told; else it is learnt from how you two write."""
    said_anew = bool(words) and not (listing or edit is not None)
    only_one(said_anew, listing, edit is not None, remove is not None, of="WHO DAYS, --list, --edit and --remove")
    now = session.now()
    with opened(session) as workshop:
        if listing:
            PING_WORDS.listed(workshop, " ".join(words), as_json=as_json)
        elif remove is not None:
            PING_WORDS.remove(workshop, remove, now, as_json=as_json)
        elif edit is not None:
            _tell(PING_WORDS.change(workshop, edit, now, days=days_named(" ".join(words)), at=now), as_json=as_json)
        else:
            if len(words) < 2:
                raise click.UsageError("Give WHO, and then DAYS.")
            _tell(put(workshop, " ".join(words[:-1]), days_named(words[-1]), now), as_json=as_json)


def put(workshop: Workshop, who: str, days: int, now: datetime) -> Ping:
    """Set the interval of a contact, and judge them anew. Raises BadUsage."""
    with workshop.database.writing() as connection:
        number = pings.put(connection, the_one(connection, who), days, now)
    evaluate(workshop, now)
    with workshop.database.reading() as connection:
        return PING_WORDS.find(connection, number)


def days_named(text: str) -> int:
    """Read an interval. Raises BadUsage."""
    if text.isascii() and text.isdigit() and len(text) <= 9 and SHORTEST <= int(text) <= LONGEST:
        return int(text)
    raise BadUsage(f"{text!r} is no number of days.", f"Give a whole number from {SHORTEST} to {LONGEST:,}.")


def _tell(one: Ping, *, as_json: bool) -> None:
    days = "1 day" if one.days == 1 else f"{one.days} days"
    PING_WORDS.tell([one], f"You are told once you and {one.name} have been silent for {days}.", as_json=as_json)
