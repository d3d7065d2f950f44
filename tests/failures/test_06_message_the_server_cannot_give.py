"""Case 06, by IMAP: a message that the server cannot hand over. It is rejected, all others are read."""

from __future__ import annotations

import re

import pytest

from keepwarm.connectors.contract import Later
from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.storage.observations import Batch, MessageSeen, Stream
from tests.servers.scripted_imap import ScriptedImap

BAD = 37
COUNT = 60
HEADER = b"From: ana@acme.example\r\nContent-Type: multipart/mixed\r\nMessage-ID: <%d@acme.example>\r\n\r\n"
STATES = {
    "STATUS": b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 61)\r\nTAG OK done\r\n",
    "EXAMINE": b"* 60 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 61] .\r\nTAG OK done\r\n",
    "SEARCH": b"* SEARCH " + b" ".join(b"%d" % uid for uid in range(1, COUNT + 1)) + b"\r\nTAG OK done\r\n",
}


def asked(command: str) -> list[int]:
    """Give the UIDs of a FETCH."""
    words = command.split()[2].split(",")
    ranges = (tuple(map(int, word.split(":"))) for word in words)
    return [uid for bounds in ranges for uid in range(bounds[0], bounds[-1] + 1)]


def given(uid: int, command: str) -> bytes:
    """Answer for a message that is well."""
    start = b"* %d FETCH (UID %d " % (uid, uid)
    if "BODYSTRUCTURE" in command:
        return start + b'BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 1 1))\r\n'
    if "HEADER" not in command:
        return start + b"FLAGS ())\r\n"
    text = HEADER % uid
    date = b'INTERNALDATE "01-Mar-2026 09:00:00 +0000"'
    return start + date + b" FLAGS () RFC822.SIZE 9 BODY[HEADER] {%d}\r\n%s)\r\n" % (len(text), text)


def refusing(command: str) -> bytes:
    """Say NO whenever the bad message's header is asked for, after what can be given."""
    uids = asked(command)
    if "HEADER" in command and BAD in uids:
        return b"".join(given(uid, command) for uid in uids[:3] if uid != BAD) + b"TAG NO it is corrupt\r\n"
    return b"".join(given(uid, command) for uid in uids) + b"TAG OK done\r\n"


def unreadable(command: str) -> bytes:
    """Answer for the bad message against the grammar."""
    if "HEADER" not in command:
        return refusing(command)
    broken = b'* 1 FETCH (UID %d INTERNALDATE "open)\r\n' % BAD
    answers = (broken if uid == BAD else given(uid, command) for uid in asked(command))
    return b"".join(answers) + b"TAG OK done\r\n"


def endless(command: str) -> bytes:
    """Describe the bad message in a line that is too long for any client."""
    if "BODYSTRUCTURE" in command and BAD in asked(command):
        return b"* 1 FETCH (UID %d BODYSTRUCTURE (" % BAD + b"x" * 1_100_000 + b"))\r\nTAG OK done\r\n"
    return b"".join(given(uid, command) for uid in asked(command)) + b"TAG OK done\r\n"


def read(server: ScriptedImap) -> Batch:
    connector = ImapConnector(
        ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x")
    )
    [batch] = connector.pull(Stream("INBOX"), None)
    return batch


@pytest.mark.parametrize("answer", [refusing, unreadable])
def test_the_message_at_fault_is_rejected_and_all_others_are_read(answer: object) -> None:
    with ScriptedImap(STATES | {"FETCH": answer}) as server:  # type: ignore[dict-item]
        batch = read(server)
    seen = [int(item.source_key[2:]) for item in batch.seen if isinstance(item, MessageSeen)]
    assert seen == [uid for uid in range(1, COUNT + 1) if uid != BAD]
    assert [(item.source_key, item.where) for item in batch.rejected] == [(f"7:{BAD}", f"INBOX, UID {BAD}")]
    assert batch.cursor == {"v": 1, "uidvalidity": 7, "next": COUNT + 1}


def test_a_line_without_end_costs_the_invitation_only() -> None:
    with ScriptedImap(STATES | {"FETCH": endless}) as server:
        batch = read(server)
    assert len(batch.seen) == COUNT
    assert [item.source_key for item in batch.rejected] == [f"7:{BAD}"]


def test_a_server_that_gives_no_message_at_all_is_asked_again_later() -> None:
    with ScriptedImap(STATES | {"FETCH": b"TAG NO [LIMIT] not now\r\n"}) as server, pytest.raises(Later):
        read(server)
    assert sum(bool(re.search("FETCH", command)) for command in server.script.heard) < 20
