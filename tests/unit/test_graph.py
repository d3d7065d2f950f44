"""Mail and calendars of one account at Microsoft: what is wrong with the one does not keep the other."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.connectors.graph import GraphConnector
from keepwarm.connectors.graph_calendars import CalendarSettings, GraphCalendars
from keepwarm.connectors.graph_client import GraphClient
from keepwarm.connectors.graph_mail import GraphMail, MailSettings
from tests.microsoft import START, message
from tests.servers.graph import READ_BASIC, TOKEN, error

if TYPE_CHECKING:
    from keepwarm.storage.observations import Stream
    from tests.microsoft import Microsoft

LISTS = {"mail": "/me/mailFolders/inbox", "calendar": "/me/calendars"}
OTHER = {"mail": "calendar", "calendar": "mail"}


def connector_to(microsoft: Microsoft) -> GraphConnector:
    """Give one connector with one client, as the daemon makes it."""
    client = GraphClient(microsoft.graph.url, lambda fresh: TOKEN, "work")
    window = (START - timedelta(days=30), START + timedelta(days=90))
    calendars = CalendarSettings(window=lambda: window, zone=UTC)
    return GraphConnector(GraphMail(client, MailSettings()), GraphCalendars(client, calendars))


def fill(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1))
    microsoft.calendars.add(START)


def read(connector: GraphConnector, streams: list[Stream], holds: str) -> int:
    return sum(len(batch.seen) for stream in streams if stream.holds == holds for batch in connector.pull(stream, None))


@pytest.mark.parametrize("status", [403, 500, 400])
@pytest.mark.parametrize("broken", ["mail", "calendar"])
def test_a_list_that_cannot_be_had_keeps_nothing_else(microsoft: Microsoft, broken: str, status: int) -> None:
    fill(microsoft)
    microsoft.graph.broken[LISTS[broken]] = error(status, "ErrorAccessDenied")
    connector = connector_to(microsoft)
    streams = list(connector.streams())
    assert read(connector, streams, OTHER[broken]) == 1
    with pytest.raises((Refused, Later)):
        read(connector, streams, broken)
    microsoft.graph.broken.clear()
    assert read(connector, list(connector.streams()), broken) == 1


def test_trouble_with_one_stream_leaves_the_others_alone(microsoft: Microsoft) -> None:
    fill(microsoft)
    connector = connector_to(microsoft)
    streams = list(connector.streams())
    microsoft.graph.broken["/me/calendars/calendar0==/calendarView*"] = error(504, "UnknownError")
    with pytest.raises(Later):
        read(connector, streams, "calendar")
    assert read(connector, streams, "mail") == 1


def test_a_list_that_fails_later_leaves_what_is_known(microsoft: Microsoft) -> None:
    fill(microsoft)
    connector = connector_to(microsoft)
    streams = list(connector.streams())
    microsoft.graph.broken["/me/calendars/calendar0==/calendarView*"] = error(404, "ErrorItemNotFound")
    with pytest.raises(Later):  # so that the list is asked for anew
        read(connector, streams, "calendar")
    microsoft.graph.broken = {"/me/calendars": error(502, "UnknownError")}
    assert list(connector.streams()) == streams
    assert read(connector, streams, "calendar") == 1


def test_a_missing_sign_in_is_the_accounts(microsoft: Microsoft) -> None:
    microsoft.graph.scopes_of.clear()
    with pytest.raises(SignInNeeded):
        connector_to(microsoft).streams()


@pytest.mark.parametrize("scope", sorted(READ_BASIC))
def test_a_permission_that_was_not_granted_costs_its_own_part_alone(microsoft: Microsoft, scope: str) -> None:
    fill(microsoft)
    microsoft.graph.scopes_of[TOKEN] = frozenset({scope})
    connector = connector_to(microsoft)
    streams = list(connector.streams())
    here, there = ("mail", "calendar") if scope.startswith("Mail") else ("calendar", "mail")
    assert read(connector, streams, here) == 1
    with pytest.raises(Refused, match=r"\.ReadBasic is missing"):
        read(connector, streams, there)


def test_all_calendars_are_found_however_many_there_are(microsoft: Microsoft) -> None:
    for number in range(250):
        microsoft.calendars.add_calendar(f"Calendar {number}")
    assert len(microsoft.calendar().streams()) == 251
