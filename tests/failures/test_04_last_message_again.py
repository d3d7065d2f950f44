"""Case 04: a server answers ``n:*`` with its last message, which is below n. It is not processed again."""

from __future__ import annotations

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.storage.observations import Stream
from tests.servers.scripted_imap import ScriptedImap

NO_UIDNEXT = {
    "STATUS": b"* STATUS INBOX (UIDVALIDITY 7)\r\nTAG OK done\r\n",
    "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\nTAG OK done\r\n",
    "SEARCH": b"* SEARCH 3\r\nTAG OK done\r\n",
}


def test_the_last_message_is_not_read_again() -> None:
    with ScriptedImap(NO_UIDNEXT) as server:
        connector = ImapConnector(
            ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x")
        )
        assert list(connector.pull(Stream("INBOX"), {"v": 1, "uidvalidity": 7, "next": 4})) == []
    assert "UID SEARCH 1:3 UID 4:*" in server.script.heard
    assert not any("FETCH" in command for command in server.script.heard)
