"""Failure 10, its twin: a server that answers, but so slowly that it might as well not; and one that exaggerates.

A byte now and then keeps every time-out of a socket from running out, and whoever reads from it for ever.
"""

from __future__ import annotations

import time

import pytest

from keepwarm.connectors.contract import Later, Refused
from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.storage.observations import Stream
from tests.imap import scripted
from tests.servers.dribble import dribbling
from tests.servers.scripted_imap import ScriptedImap

INBOX = Stream("INBOX")
TOO_LONG = "takes too long"


def connector(port: int) -> ImapConnector:
    return ImapConnector(
        ImapSettings(
            host="127.0.0.1", port=port, tls="none", user="me", password=lambda: "x",
            answer_seconds=5.0, command_seconds=1.0, fetch_seconds=1.0,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(b"", id="greeting"),
        pytest.param(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n", id="signing in"),
        pytest.param(b"* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n", id="list"),
        pytest.param(b"* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n* LIST () {9999}\r\n", id="literal"),
    ],
)
def test_a_command_that_does_not_come_to_its_end_is_given_up(before: bytes) -> None:
    with dribbling(before) as port, pytest.raises(Later, match=TOO_LONG):
        connector(port).streams()


def test_a_batch_of_mail_that_does_not_come_to_its_end_is_given_up() -> None:
    def slowly(_command: str) -> bytes:
        time.sleep(3.0)
        return b"TAG OK done\r\n"

    with ScriptedImap({"FETCH": slowly}) as server:
        reading = scripted(server, answer_seconds=60.0, command_seconds=60.0, fetch_seconds=1.0)
        with pytest.raises(Later, match=TOO_LONG):
            list(reading.pull(INBOX, None))


def test_a_slow_command_within_its_time_is_waited_for() -> None:
    def slowly(_command: str) -> bytes:
        time.sleep(0.5)
        return b'* LIST () "/" INBOX\r\nTAG OK done\r\n'

    with ScriptedImap({"LIST": slowly}) as server:
        assert scripted(server, command_seconds=20.0).streams() == [INBOX]


def test_a_folder_with_more_messages_than_there_can_be_is_refused_and_not_searched() -> None:
    opened = b"* 4000000000 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 4] .\r\nTAG OK done\r\n"
    with ScriptedImap({"EXAMINE": opened}) as server:
        with pytest.raises(Refused, match="claims to hold 4000000000 messages"):
            list(scripted(server).pull(INBOX, None))
        assert not [line for line in server.script.heard if "SEARCH" in line]


def test_a_folder_that_is_listed_so_that_nobody_can_read_it_is_recorded() -> None:
    listed = b'* LIST () "/" INBOX\r\n* LIST (\\HasNoChildren "/" Clients\r\nTAG OK done\r\n'
    with ScriptedImap({"LIST": listed}) as server:
        reading = scripted(server)
        *folders, record = reading.streams()
        (batch,) = reading.pull(record, None)
    assert folders == [INBOX]
    (item,) = batch.rejected
    assert "Clients" in item.where
    assert "its mail is missing" in item.reason
    assert batch.complete  # so that it is struck out once it can be read
