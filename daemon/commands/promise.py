"""``keepwarm promise``: what was promised, by the owner or by them, by when, and whether it was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.days import day_named, said, time_on, today_of
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, plain
from keepwarm.daemon.words import Words, correctable, only_one, written
from keepwarm.storage.histories import By
from keepwarm.storage.promises import PROMISES

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.promises import Promise

PROMISE_WORDS = Words(
    "promise",
    PROMISES,
    (
        Column("by", "BY", text=lambda by: "you" if by == By.OWNER else "them"),
        Column("due", "DUE"),
        Column("kept_at", "KEPT", text=plain),
        Column("text", "PROMISE"),
    ),
)
_SIDES = ("owner", "them")


@click.command("promise")
@click.argument("words", metavar="WHO TEXT", nargs=-1)
@click.option("--due", metavar="DATE", help="By when: a date, today, tomorrow, or the next day of the week.")
@click.option("--by", type=click.Choice(_SIDES), help="Who promised it; you, unless said otherwise.")
@click.option("--kept", type=int, metavar="ID", help="Mark one as kept: now, or on the day of --on.")
@click.option("--on", metavar="DATE", help="With --kept: the day on which it was kept.")
@click.option("--open", "reopened", type=int, metavar="ID", help="Mark one as not kept after all.")
@correctable
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    due: str | None,
    by: str | None,
    kept: int | None,
    on: str | None,
    reopened: int | None,
    listing: bool,
    edit: int | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Write down a promise, so that you follow through.

    WHO is an address, an id, or a name; put a name of several words in quotes.
    """
    on_one = [number for number in (edit, remove, kept, reopened) if number is not None]
    said_anew = bool(words or due or by) and not (listing or on_one)
    only_one(said_anew, listing, *(True for _ in on_one), of="WHO TEXT, --list, --edit, --kept, --open and --remove")
    if on is not None and kept is None:
        raise click.UsageError("--on goes with --kept. By when it is due says --due.")
    if edit is None and on_one and (words or due or by):
        raise click.UsageError("To say it otherwise, use --edit ID.")
    now = session.now()
    with opened(session) as workshop:
        if listing:
            PROMISE_WORDS.listed(workshop, " ".join(words), as_json=as_json)
        elif remove is not None:
            PROMISE_WORDS.remove(workshop, remove, now, as_json=as_json)
        elif on_one:
            values = _ending(workshop, on, now) if kept is not None else {"kept_at": None}
            if edit is not None:
                values = _values(workshop, " ".join(words), due, by, now)
            _tell(workshop, PROMISE_WORDS.change(workshop, on_one[0], now, **values), now, as_json=as_json)
        else:
            if len(words) < 2 or due is None:
                raise click.UsageError("Give WHO, then what was promised, and by when with --due DATE.")
            values = _values(workshop, written(" ".join(words[1:])), due, by or By.OWNER.value, now)
            _tell(workshop, PROMISE_WORDS.keep(workshop, words[0], now, at=now, **values), now, as_json=as_json)


def _values(workshop: Workshop, text: str, due: str | None, by: str | None, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if text:
        values["text"] = written(text)
    if due is not None:
        values["due"] = day_named(due, today_of(now, workshop.configuration.owner.timezone)).isoformat()
    if by is not None:
        values["by_owner"] = by == By.OWNER.value
    return values


def _ending(workshop: Workshop, on: str | None, now: datetime) -> dict[str, Any]:
    zone = workshop.configuration.owner.timezone
    if on is None:
        return {"kept_at": now}
    return {"kept_at": time_on(day_named(on, today_of(now, zone), back=True), now, zone)}


def _tell(workshop: Workshop, one: Promise, now: datetime, *, as_json: bool) -> None:
    zone = workshop.configuration.owner.timezone
    whose = "Promised to" if one.by is By.OWNER else "Promised by"
    if one.kept_at is not None:
        more = f"Kept, on {said(today_of(one.kept_at, zone))}."
    elif one.due < today_of(now, zone):
        more = "That day has passed: it is overdue from the start."
    else:
        more = f"When it is done: keepwarm promise --kept {one.id}"
    PROMISE_WORDS.tell([one], f"{whose} {one.name}, by {said(one.due)}: {one.text[:120]}. {more}", as_json=as_json)
