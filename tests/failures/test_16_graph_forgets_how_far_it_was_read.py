"""Case 16: Graph answers 410 or syncStateNotFound, in the middle of paging too. A new generation reads everything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost, Later, Refused
from tests.microsoft import START, keys, message, pull
from tests.servers.graph import GONE, READ_BASIC, TOKEN, error

if TYPE_CHECKING:
    from tests.microsoft import Microsoft

LOST = {
    "410": GONE,
    "410 without a word": error(410, ""),
    "syncStateNotFound as 400": error(400, "SyncStateNotFound"),
    "resyncRequired as 404": error(404, "resyncRequired"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_state_gives_the_cursor_up(microsoft: Microsoft, name: str) -> None:
    microsoft.mailbox.add(message(1))
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    connector.streams()
    microsoft.graph.next.append(LOST[name])
    with pytest.raises(CursorLost):
        pull(connector, last.cursor)
    assert len(keys(pull(connector))) == 1


def test_a_state_lost_between_two_pages_gives_the_cursor_up(microsoft: Microsoft) -> None:
    for number in range(450):
        microsoft.mailbox.add(message(number))
    connector = microsoft.mail()
    [stream] = [one for one in connector.streams() if one.name == "inbox"]
    pages = connector.pull(stream, None)
    first = next(pages)
    microsoft.mailbox.folder("inbox").log.forget()
    with pytest.raises(CursorLost):
        list(pages)
    with pytest.raises(CursorLost):  # and so does the cursor that was stored with the first page
        pull(connector, first.cursor)
    assert len(set(keys(pull(connector)))) == 450


def test_a_lost_state_of_a_calendar_gives_the_cursor_up(microsoft: Microsoft) -> None:
    microsoft.calendars.add(START)
    connector = microsoft.calendar()
    [*_, last] = pull(connector, name="calendar")
    microsoft.calendars.calendars["calendar0=="].log.forget()
    with pytest.raises(CursorLost):
        pull(connector, last.cursor, "calendar")
    assert len(keys(pull(connector, name="calendar"))) == 1


REFUSED_LINKS = {
    "invalid token": (error(400, "InvalidDeltaToken"), CursorLost),
    "400 of another kind": (error(400, "ErrorInvalidUrlQuery"), CursorLost),
    "404": (error(404, "ErrorItemNotFound"), CursorLost),
    "another 4xx": (error(409, "ErrorConflict"), Later),
    "no mailbox any more": (error(404, "MailboxNotEnabledForRESTAPI"), Refused),
}


@pytest.mark.parametrize("name", REFUSED_LINKS)
@pytest.mark.parametrize("holds", ["mail", "calendar"])
def test_a_link_that_is_refused_never_parks_a_stream(microsoft: Microsoft, holds: str, name: str) -> None:
    told, fault = REFUSED_LINKS[name]
    microsoft.mailbox.add(message(1))
    microsoft.calendars.add(START)
    connector, stream = (microsoft.mail(), "inbox") if holds == "mail" else (microsoft.calendar(), "calendar")
    [*_, last] = pull(connector, name=stream)
    microsoft.graph.next.append(told)
    with pytest.raises(fault) as caught:
        pull(connector, last.cursor, stream)
    if isinstance(caught.value, Later):
        assert caught.value.after == timedelta(hours=1)
    assert len(keys(pull(connector, name=stream))) == 1


def test_a_permission_that_is_missing_is_told_and_the_cursor_kept(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1))
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    microsoft.graph.scopes_of[TOKEN] = frozenset({"Calendars.ReadBasic"})
    with pytest.raises(Refused, match=r"Mail\.ReadBasic"):
        pull(connector, last.cursor)
    with pytest.raises(Refused, match=r"Mail\.ReadBasic"):
        microsoft.mail().streams()


def test_a_sign_in_that_reaches_less_than_before_reads_what_it_reaches(microsoft: Microsoft) -> None:
    microsoft.mailbox.headers = "refused"
    microsoft.graph.scopes_of[TOKEN] = READ_BASIC | {"Mail.Read"}
    microsoft.mailbox.add(message(1))
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    microsoft.graph.scopes_of[TOKEN] = READ_BASIC
    microsoft.mailbox.add(message(2))
    with pytest.raises(CursorLost):
        pull(connector, last.cursor)
    assert len(keys(pull(connector))) == 2
