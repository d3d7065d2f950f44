"""What a poll costs: the commands that a real server gets to hear."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from tests.contract.sources import mail
from tests.servers.scripted_imap import CAPABILITIES, ScriptedImap
from tests.servers.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.storage.observations import Cursor
    from tests.servers.dovecot import MailAccount

FOLDERS = 12
WRITES = re.compile(r"(UID )?(STORE|APPEND|COPY|MOVE|EXPUNGE)|SELECT|CREATE|DELETE|RENAME|SUBSCRIBE", re.IGNORECASE)


@pytest.fixture
def wire(mail_account: MailAccount) -> Iterator[Wire]:
    with Wire(mail_account.server.port) as wire:
        yield wire


def connector_by(wire: Wire, account: MailAccount) -> ImapConnector:
    return ImapConnector(
        ImapSettings(host="127.0.0.1", port=wire.port, tls="none", user=account.user, password=lambda: account.password)
    )


def poll(connector: ImapConnector, cursors: dict[str, Cursor]) -> int:
    """Pull all folders, as the daemon does; gives the number of messages that were handed over."""
    messages = 0
    for stream in connector.streams():
        for batch in connector.pull(stream, cursors.get(stream.name)):
            cursors[stream.name] = batch.cursor
            messages += len(batch.seen)
    connector.close()
    return messages


def test_a_poll_with_nothing_new_is_one_command_for_all_folders(wire: Wire, mail_account: MailAccount) -> None:
    for number in range(FOLDERS):
        mail_account.deliver(mail(number), folder=f"Clients/{number}")
    connector, cursors = connector_by(wire, mail_account), dict[str, "Cursor"]()
    assert poll(connector, cursors) == FOLDERS
    wire.heard.clear()
    assert poll(connector, cursors) == 0
    [only] = wire.commands()
    assert only.startswith('LIST "" "*" RETURN (')
    assert len(cursors) == FOLDERS + 1


def test_a_poll_with_one_new_mail_opens_its_folder_alone(wire: Wire, mail_account: MailAccount) -> None:
    for number in range(FOLDERS):
        mail_account.deliver(mail(number), folder=f"Clients/{number}")
    connector, cursors = connector_by(wire, mail_account), dict[str, "Cursor"]()
    poll(connector, cursors)
    mail_account.deliver(mail(100), folder="Clients/7")
    wire.heard.clear()
    assert poll(connector, cursors) == 1
    names = [re.sub(r"^UID (\w+).*|^(\w+).*", r"\1\2", line) for line in wire.commands()]
    assert names == ["LIST", "STATUS", "EXAMINE", "SEARCH", "FETCH"]
    [fetch] = (line for line in wire.commands() if "FETCH" in line)
    assert fetch.startswith("UID FETCH 2 ")


def test_nothing_that_is_said_to_a_server_writes_and_no_body_is_asked_for(
    wire: Wire, mail_account: MailAccount
) -> None:
    mail_account.deliver(*map(mail, range(20)))
    poll(connector_by(wire, mail_account), {})
    assert not [line for line in wire.commands() if WRITES.match(line)]
    fetches = [line for line in wire.commands() if "FETCH" in line]
    assert fetches
    for line in fetches:
        assert re.findall(r"BODY\S*", line) == ["BODY.PEEK[HEADER.FIELDS"]


# Servers that tell less


CREDENTIALS = b64encode(b"\0me\0x").decode()  # as AUTHENTICATE PLAIN sends them


def said(server: ScriptedImap) -> list[str]:
    usual = ("CAPABILITY", "AUTHENTICATE", CREDENTIALS, "LOGIN", "LOGOUT")
    return [line for line in server.script.heard if not line.startswith(usual)]


def scripted(server: ScriptedImap) -> ImapConnector:
    return ImapConnector(ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x"))


WHOLE: Cursor = {"v": 1, "uidvalidity": 7, "next": 4}
LISTED = b'* LIST () "/" INBOX\r\n* STATUS INBOX (UIDVALIDITY 7 UIDNEXT %d)\r\nTAG OK done\r\n'


def greeting(*capabilities: str) -> bytes:
    return b"* OK [CAPABILITY " + CAPABILITIES + "".join(f" {one}" for one in capabilities).encode() + b"] hello\r\n"


def with_capabilities(*capabilities: str) -> dict[str, bytes]:
    more = "".join(f" {one}" for one in capabilities).encode()
    return {"CAPABILITY": b"* CAPABILITY " + CAPABILITIES + more + b"\r\nTAG OK done\r\n"}


def test_a_server_without_list_status_is_asked_for_each_folder() -> None:
    with ScriptedImap({}) as server:
        assert poll(scripted(server), {"INBOX": WHOLE}) == 0
    assert said(server) == ['LIST "" "*"', 'STATUS "INBOX" (UIDNEXT UIDVALIDITY)']


def test_a_server_that_refuses_what_it_promised_is_asked_for_the_names_alone() -> None:
    def listing(command: str) -> bytes:
        return b"TAG BAD what?\r\n" if "RETURN" in command else b'* LIST () "/" INBOX\r\nTAG OK done\r\n'

    answers = with_capabilities("LIST-STATUS") | {"LIST": listing}
    with ScriptedImap(answers, greeting("LIST-STATUS")) as server:
        assert poll(scripted(server), {"INBOX": WHOLE}) == 0
    assert [line.split(" ")[0] for line in said(server)] == ["LIST", "LIST", "STATUS"]


def test_a_folder_whose_state_is_not_told_with_the_list_is_asked_for_alone() -> None:
    answers = with_capabilities("LIST-STATUS") | {"LIST": b'* LIST () "/" INBOX\r\n* STATUS (\r\nTAG OK done\r\n'}
    with ScriptedImap(answers, greeting("LIST-STATUS")) as server:
        assert poll(scripted(server), {"INBOX": WHOLE}) == 0
    assert [line.split(" ")[0] for line in said(server)] == ["LIST", "STATUS"]


@pytest.mark.parametrize("uidnext", [3, 9])
def test_a_state_that_was_told_with_the_list_is_checked_before_anything_is_made_of_it(uidnext: int) -> None:
    """Another process may have read on since: that is no mailbox that was set back."""
    answers = with_capabilities("LIST-STATUS") | {"LIST": LISTED % uidnext}
    with ScriptedImap(answers, greeting("LIST-STATUS")) as server:
        assert poll(scripted(server), {"INBOX": WHOLE}) == 0
    assert [line.split(" ")[0] for line in said(server)] == ["LIST", "STATUS"]
