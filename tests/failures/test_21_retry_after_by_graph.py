"""Case 21, by Graph: Retry-After in seconds, as a decimal, as a date, or not at all; asking sooner makes it worse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from tests.microsoft import message, pull
from tests.servers.graph import error

if TYPE_CHECKING:
    from tests.microsoft import Microsoft

WAITS = {
    "seconds": ({"Retry_After": "120"}, timedelta(seconds=120)),
    "decimal": ({"Retry_After": "97.5"}, timedelta(seconds=97.5)),
    "date": (
        {"Retry_After": "Mon, 02 Mar 2026 09:10:00 GMT", "Date": "Mon, 02 Mar 2026 09:00:00 GMT"},
        timedelta(minutes=10),
    ),
    "too short": ({"Retry_After": "0.2"}, timedelta(seconds=30)),
    "nothing": ({}, timedelta(minutes=5)),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", WAITS)
def test_the_wait_is_the_servers(microsoft: Microsoft, name: str, status: int) -> None:
    headers, wait = WAITS[name]
    microsoft.graph.next.append(error(status, "ApplicationThrottled", **headers))
    with pytest.raises(Later) as caught:
        microsoft.mail().streams()
    assert caught.value.after == wait


def test_nothing_is_asked_before_it_is_over(microsoft: Microsoft) -> None:
    connector = microsoft.mail()
    streams = connector.streams()
    microsoft.graph.next.append(error(429, "ApplicationThrottled", Retry_After="60"))
    with pytest.raises(Later):
        pull(connector)
    microsoft.graph.paths()
    for stream in streams:
        with pytest.raises(Later) as caught:
            list(connector.pull(stream, None))
        assert timedelta(seconds=30) < caught.value.after <= timedelta(seconds=60)
    assert microsoft.graph.paths() == []


def test_what_was_read_before_is_not_read_again(microsoft: Microsoft) -> None:
    for number in range(450):
        microsoft.mailbox.add(message(number))
    connector = microsoft.mail()
    [stream] = [one for one in connector.streams() if one.name == "inbox"]
    pages = connector.pull(stream, None)
    first = next(pages)
    microsoft.graph.next.append(error(503, "serviceNotAvailable", Retry_After="60"))
    with pytest.raises(Later):
        next(pages)
    rest = pull(microsoft.mail(), first.cursor)
    assert sum(len(batch.seen) for batch in (first, *rest)) == 450
