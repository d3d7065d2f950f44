"""Case 18, by CalDAV: a server that says "there is more" for ever. The reading ends, and everything is read."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost
from tests.calendars import calendar, claims, connector_to, event, keys, poll
from tests.servers.scripted_dav import OneCalendar, ScriptedDav, response, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted_dav import Asked, Told

PAGE = (response("/work/a.ics", '<d:getetag>"1"</d:getetag>'), response("/work/", status=507))
ONLY_MORE = PAGE[1:]
COUNT = itertools.count()
TURNS: dict[str, Callable[[Asked], Told]] = {
    "the same page and token": lambda asked: told(*PAGE, token="t"),
    "the same page with a new token": lambda asked: told(*PAGE, token=f"t{next(COUNT)}"),
    "empty pages with a new token": lambda asked: told(*ONLY_MORE, token=f"t{next(COUNT)}"),
    "the token that was sent": lambda asked: told(*PAGE, token="old"),
}


def endless(turn: str) -> OneCalendar:
    texts = {f"{name}.ics": calendar(event(name)) for name in "ab"}
    return OneCalendar(texts, instead={"REPORT sync-collection": TURNS[turn]})


@pytest.mark.parametrize("turn", TURNS)
def test_a_first_reading_takes_the_list_instead(turn: str) -> None:
    with ScriptedDav(endless(turn)) as server:
        batches = poll(connector_to(f"{server.url}/work/"))
        assert (keys(batches), claims(batches)) == (["a.ics/", "b.ics/"], [""])
        assert server.what().count("REPORT sync-collection") < 20


@pytest.mark.parametrize("turn", TURNS)
def test_a_later_reading_gives_the_cursor_up(turn: str) -> None:
    cursor = {"v": 1, "zone": "UTC", "day": "2026-05-31", "mark": "", "daily": [], "token": "old"}
    with ScriptedDav(endless(turn)) as server, pytest.raises(CursorLost):
        poll(connector_to(f"{server.url}/work/"), cursor)


def test_pages_that_come_to_an_end_are_read_to_it() -> None:
    def page(asked: Asked) -> Told:
        last = "<d:sync-token>one</d:sync-token>" in asked.body
        name = "b" if last else "a"
        told_of = response(f"/work/{name}.ics", '<d:getetag>"1"</d:getetag>')
        return told(told_of, token="two") if last else told(told_of, PAGE[1], token="one")

    texts = {f"{name}.ics": calendar(event(name)) for name in "ab"}
    with ScriptedDav(OneCalendar(texts, instead={"REPORT sync-collection": page})) as server:
        batches = poll(connector_to(f"{server.url}/work/"))
        assert keys(batches) == ["a.ics/", "b.ics/"]
        assert batches[-1].cursor["token"] == "two"
