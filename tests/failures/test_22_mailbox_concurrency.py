"""Case 22: an import died of MailboxConcurrency. A mailbox is asked one thing at a time, whatever there is to read."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from keepwarm.connectors.graph import GraphConnector
from keepwarm.connectors.graph_client import GraphClient
from tests.microsoft import START, keys, message, pull, token
from tests.servers.graph import error

if TYPE_CHECKING:
    from tests.microsoft import Microsoft

FOLDERS = ("inbox", "sentitems", "archive")


def test_mail_and_calendars_are_read_one_request_at_a_time(microsoft: Microsoft) -> None:
    for folder in FOLDERS:
        for number in range(300):
            microsoft.mailbox.add(message(number), folder)
    microsoft.calendars.add_series(START)
    connector = GraphConnector(microsoft.mail(), microsoft.calendar())
    streams = connector.streams()
    readings = [iter(connector.pull(stream, None)) for stream in streams]
    while readings:  # in turns: nothing of one reading goes on behind another one's back
        readings = [one for one in readings if next(one, None) is not None]
    assert not microsoft.graph.was_concurrent
    assert {stream.name for stream in streams} == {*FOLDERS, "calendar"}


def test_a_report_that_is_sent_while_the_mailbox_is_read_waits_for_its_turn(microsoft: Microsoft) -> None:
    microsoft.graph.takes = 0.02
    clients = [GraphClient(microsoft.graph.url, token, "work") for _ in range(2)]

    def ask(client: GraphClient) -> None:
        for _ in range(20):
            client.get(client.address("/me/mailFolders", _top="1"))

    threads = [Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not microsoft.graph.was_concurrent
    assert len(microsoft.graph.asked) >= 40


def test_a_limit_that_was_met_all_the_same_is_waited_for(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1))
    connector = microsoft.mail()
    connector.streams()
    limit = error(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
    microsoft.graph.next.append(limit)
    with pytest.raises(Later):
        pull(connector)
    assert len(keys(pull(microsoft.mail()))) == 1
