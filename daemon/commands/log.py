"""``keepwarm log``: a touch that left no trace in mail or calendar: a call, a lunch, a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.days import day_named, said, time_on, today_of
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column
from keepwarm.daemon.words import Words, correctable, only_one, written
from keepwarm.rules.touches import told
from keepwarm.storage.histories import MUTUAL_TOUCHES, TOUCHES_BY_OWNER
from keepwarm.storage.logged_touches import LOGGED_TOUCHES

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.logged_touches import LoggedTouch

_TOUCHES = Words("log", LOGGED_TOUCHES, (Column("kind", "KIND"), Column("text", "TEXT")))


@click.command("log")
@click.argument("words", metavar="WHO KIND", nargs=-1)
@click.option("--on", metavar="DATE", help="The day on which it was; today, unless said otherwise.")
@click.option("--text", metavar="TEXT", help="What it was about.")
@correctable
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    on: str | None,
    text: str | None,
    listing: bool,
    edit: int | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Log that you were in touch, where neither mail nor calendar knows.

    KIND is call, meeting, lunch, coffee, drinks, dinner, walk, golf, visit, event or chat, which take two, or letter or
    gift, which are yours alone.
    """
    said_anew = bool(words or on or text) and not (listing or edit is not None)
    only_one(said_anew, listing, edit is not None, remove is not None, of="WHO KIND, --list, --edit and --remove")
    now = session.now()
    with opened(session) as workshop:
        if listing:
            _TOUCHES.listed(workshop, " ".join(words), as_json=as_json)
        elif remove is not None:
            _TOUCHES.remove(workshop, remove, now, as_json=as_json)
        elif edit is not None:
            values = {"kind": _kind(" ".join(words))} if words else {}
            one = _TOUCHES.change(workshop, edit, now, **values, **_values(workshop, on, text, now))
            _tell(workshop, one, as_json=as_json)
        else:
            if len(words) < 2:
                raise click.UsageError("Give WHO, and then KIND.")
            said_of_it: dict[str, Any] = {
                "kind": _kind(words[-1]),
                "at": now,
                "text": "",
                **_values(workshop, on, text, now),
            }
            _tell(workshop, _TOUCHES.keep(workshop, " ".join(words[:-1]), now, **said_of_it), as_json=as_json)


def _kind(text: str) -> str:
    kind = text.strip().lower()
    if kind in MUTUAL_TOUCHES + TOUCHES_BY_OWNER:
        return kind
    raise BadUsage(
        f"{text!r} is no kind of touch.",
        f"With both: {', '.join(MUTUAL_TOUCHES)}. By you alone: {', '.join(TOUCHES_BY_OWNER)}.",
    )


def _values(workshop: Workshop, on: str | None, text: str | None, now: datetime) -> dict[str, Any]:
    zone = workshop.configuration.owner.timezone
    values: dict[str, Any] = {}
    if on is not None:
        values["at"] = time_on(day_named(on, today_of(now, zone), back=True), now, zone)
    if text is not None:
        values["text"] = written(text, may_be_empty=True)
    return values


def _tell(workshop: Workshop, one: LoggedTouch, *, as_json: bool) -> None:
    day = said(today_of(one.at, workshop.configuration.owner.timezone))
    who = "to" if one.kind in TOUCHES_BY_OWNER else "with"
    _TOUCHES.tell([one], f"Logged: you {told(one.kind)}, {who} {one.name}, on {day}.", as_json=as_json)
