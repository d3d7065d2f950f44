"""Case 03: a server without a valid UIDVALIDITY. None is stored: the folder is refused, with the cure."""

from __future__ import annotations

import pytest

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.storage.observations import Stream
from tests.servers.scripted_imap import ScriptedImap

VALID = b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 4)\r\nTAG OK done\r\n"


@pytest.mark.parametrize(
    "answers",
    [
        {"STATUS": b"* STATUS INBOX (UIDVALIDITY 0 UIDNEXT 4)\r\nTAG OK done\r\n"},
        {"STATUS": b"* STATUS INBOX (UIDNEXT 4)\r\nTAG OK done\r\n"},
        {"STATUS": b"* STATUS INBOX (UIDVALIDITY none UIDNEXT 4)\r\nTAG OK done\r\n"},
        {"STATUS": VALID, "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDNEXT 4] next\r\nTAG OK done\r\n"},
    ],
)
@pytest.mark.parametrize("cursor", [None, {"v": 1, "uidvalidity": 7, "next": 2}])
def test_a_folder_without_a_valid_uidvalidity_is_refused(
    answers: dict[str, bytes], cursor: dict[str, int] | None
) -> None:
    with ScriptedImap(answers) as server:
        connector = ImapConnector(
            ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x")
        )
        with pytest.raises(Refused, match="UIDVALIDITY") as refused:
            list(connector.pull(Stream("INBOX"), cursor))
    assert "exclude" in refused.value.what_to_do
