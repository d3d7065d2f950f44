"""Case 18: a nextLink that leads back, or to the same page for ever. It is noticed; empty pages alone are legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost, Later
from tests.microsoft import keys, message, pull
from tests.servers.graph import Told

if TYPE_CHECKING:
    from tests.microsoft import Microsoft

MANY = 450  # three pages


def filled(microsoft: Microsoft) -> Microsoft:
    for number in range(MANY):
        microsoft.mailbox.add(message(number))
    return microsoft


def test_a_first_reading_in_circles_is_tried_again_later(microsoft: Microsoft) -> None:
    filled(microsoft).mailbox.loops = True
    with pytest.raises(Later) as caught:
        pull(microsoft.mail())
    assert caught.value.after.total_seconds() >= 3600
    assert sum("delta" in path for path in microsoft.graph.paths()) < 5


def test_a_later_reading_in_circles_gives_the_cursor_up(microsoft: Microsoft) -> None:
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    filled(microsoft).mailbox.loops = True
    with pytest.raises(CursorLost):
        pull(connector, last.cursor)


def test_the_same_page_at_ever_new_addresses_is_noticed(microsoft: Microsoft) -> None:
    connector, base = microsoft.mail(), microsoft.graph.url
    connector.streams()
    for number in range(5):
        page = {"value": [{"id": "one", **message(1)}], "@odata.nextLink": f"{base}/me/next/{number}"}
        microsoft.graph.next.append(Told(body=page))
    with pytest.raises(Later):
        pull(connector)
    assert len(microsoft.graph.next) == 3


def test_empty_pages_are_read_through(microsoft: Microsoft) -> None:
    filled(microsoft).mailbox.empty_pages = 7
    batches = pull(microsoft.mail())
    assert len(set(keys(batches))) == MANY


def test_a_link_to_another_service_gets_no_token(microsoft: Microsoft) -> None:
    connector = microsoft.mail()
    connector.streams()
    elsewhere = {"value": [{"id": "one", **message(1)}], "@odata.nextLink": "https://evil.example/v1.0/me"}
    microsoft.graph.next.append(Told(body=elsewhere))
    with pytest.raises(CursorLost):
        pull(connector)
