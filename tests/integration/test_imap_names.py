"""Names of folders on the wire: a server hears a name as it spelt it itself, whatever that name is."""

from __future__ import annotations

import pytest

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.connectors.imap_listing import FOLDER_LIST
from tests.servers.scripted_imap import CAPABILITIES, ScriptedImap


def read(capabilities: bytes, listed: bytes, enabled: bytes = b"* ENABLED UTF8=ACCEPT\r\nTAG OK done\r\n") -> list[str]:
    """Read all folders of a server; gives what it heard from ENABLE on."""
    capable = b"* CAPABILITY " + CAPABILITIES + capabilities + b"\r\nTAG OK done\r\n"
    answers = {
        "CAPABILITY": capable,
        "ENABLE": enabled,
        "LIST": listed + b"TAG OK done\r\n",
        "STATUS": b"* STATUS x (UIDVALIDITY 7 UIDNEXT 1)\r\nTAG OK done\r\n",
    }
    with ScriptedImap(answers, b"* OK [CAPABILITY " + CAPABILITIES + capabilities + b"] hello\r\n") as server:
        connector = ImapConnector(
            ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x")
        )
        cursor = {"v": 1, "uidvalidity": 7, "next": 1}
        folders = [stream for stream in connector.streams() if stream.name != FOLDER_LIST]
        assert [batch for stream in folders for batch in connector.pull(stream, cursor)] == []
        connector.close()
    heard = server.script.heard
    return [line for line in heard if line.startswith(("ENABLE", "STATUS"))]


@pytest.mark.parametrize("capability", [b" ENABLE UTF8=ACCEPT", b" ENABLE UTF8=ONLY"])
def test_a_server_that_can_is_asked_for_names_in_utf8(capability: bytes) -> None:
    heard = read(capability, '* LIST () "/" "Größe"\r\n* LIST () "/" "R&D"\r\n'.encode())
    assert heard == [
        "ENABLE UTF8=ACCEPT",
        'STATUS "Größe" (UIDNEXT UIDVALIDITY)',
        'STATUS "R&D" (UIDNEXT UIDVALIDITY)',
    ]


@pytest.mark.parametrize(
    "answer", [b"TAG OK done\r\n", b"TAG BAD what?\r\n", b"* ENABLED CONDSTORE\r\nTAG OK done\r\n"]
)
def test_a_server_that_does_not_agree_goes_on_in_modified_utf7(answer: bytes) -> None:
    heard = read(b" ENABLE UTF8=ACCEPT", b'* LIST () "/" "Gr&APYA3w-e"\r\n', answer)
    assert heard[-1] == 'STATUS "Gr&APYA3w-e" (UIDNEXT UIDVALIDITY)'


@pytest.mark.parametrize(
    "name",
    [
        "Größe",  # in UTF-8, and nobody agreed on that
        "&2AA-",  # no character at all
        "&AGE-",  # a letter that needed no encoding
        "R&D",
    ],
)
def test_a_name_that_no_standard_allows_is_repeated_as_it_came(name: str) -> None:
    assert read(b"", f'* LIST () "/" "{name}"\r\n'.encode()) == [f'STATUS "{name}" (UIDNEXT UIDVALIDITY)']


def test_a_name_with_the_end_of_a_line_in_it_is_no_command() -> None:
    heard = read(b"", b'* LIST () "/" {12}\r\nA\r\nx CLOSE\r\n\r\n')
    assert heard == ['STATUS "A&AA0ACg-x CLOSE&AA0ACg-" (UIDNEXT UIDVALIDITY)']


def test_a_line_that_cannot_be_read_hides_no_other_folder() -> None:
    heard = read(b"", b'* LIST (\\Marked "/" "Torn\r\n* LIST () "/" "Whole"\r\n')
    assert heard == ['STATUS "Whole" (UIDNEXT UIDVALIDITY)']
