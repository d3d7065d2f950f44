"""Tasks: the week's follow-ups as an .ics file of to-dos (RFC 5545, 3.6.2), for whoever keeps a list of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.desk import desk_of
from keepwarm.outputs.finding import people_of
from keepwarm.outputs.kinds import KINDS
from keepwarm.outputs.ranking import HANDFUL
from keepwarm.outputs.rule_wording import told
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icalendar import Todo

    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.views import SignalView, WeekView

_FOLLOWED_UP = ("mirror", "pings")
_DUE_WITHIN = timedelta(days=7)


def tasks(week: WeekView, words: Wording) -> str:
    """Give the owner's own follow-ups, at most seven of each kind, as one calendar; "" if there are none.

    The same finding has the same UID in every week, so that a program that knows it does not list it twice.
    """
    from icalendar import Calendar  # noqa: PLC0415 - only for who wants tasks

    found = list(_todos(desk_of(week, words)))
    if not found:
        return ""
    calendar = Calendar()
    calendar.add("prodid", "-//Keepwarm//Follow-ups//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for one in found:
        calendar.add_component(one)
    return str(calendar.to_ical().decode())


def _todos(desk: Desk) -> Iterator[Todo]:
    for kind in KINDS:
        if kind in _FOLLOWED_UP:
            yield from (_todo(desk, kind, signals[0]) for signals in people_of(desk, kind)[:HANDFUL])


def _todo(desk: Desk, kind: str, signal: SignalView) -> Todo:
    from icalendar import Todo  # noqa: PLC0415

    todo, words = Todo(), told(desk, signal)
    todo.add("uid", f"{signal.id}@keepwarm")
    todo.add("dtstamp", desk.week.as_of)
    todo.add("due", desk.dates.local(desk.week.as_of + _DUE_WITHIN).date())
    todo.add("summary", desk.words.say(f"tasks.{kind}", name=desk.name(signal.contact)))
    todo.add("description", one_line(" ".join((words.sentence, words.advice)), 480))
    return todo
