"""Case 05: one FETCH answered twice, in pieces, or among other news. Each message is seen once."""

from __future__ import annotations

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.storage.observations import MessageSeen, Stream
from tests.servers.scripted_imap import ScriptedImap

HEADER = b"From: ana@acme.example\r\nMessage-ID: <%d@acme.example>\r\n\r\n"


def header(uid: int) -> bytes:
    return b"BODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%s" % (len(HEADER % uid), HEADER % uid)


def whole(uid: int) -> bytes:
    rest = b' FLAGS () RFC822.SIZE 99 INTERNALDATE "01-Mar-2026 09:00:00 +0000")\r\n'
    return b"* %d FETCH (UID %d " % (uid, uid) + header(uid) + rest


ANSWER = b"".join(
    (
        whole(1),
        b"* 1 FETCH (FLAGS (\\Seen))\r\n",  # no UID: news about another client's doings
        b"* 8 EXISTS\r\n",
        whole(1),
        b'* 2 FETCH (UID 2 INTERNALDATE "01-Mar-2026 09:00:00 +0000")\r\n',
        whole(77),  # never asked for
        b"* 2 FETCH (RFC822.SIZE 99 " + header(2) + b" UID 2 FLAGS ())\r\n",
        b"* 8 EXPUNGE\r\n",
        whole(3),
        b"* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n",
        b"TAG OK done\r\n",
    )
)


def test_each_message_is_seen_once() -> None:
    with ScriptedImap({"FETCH": ANSWER}) as server:
        connector = ImapConnector(
            ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x")
        )
        [batch] = connector.pull(Stream("INBOX"), None)
    seen = [item for item in batch.seen if isinstance(item, MessageSeen)]
    assert [(message.source_key, message.message_id, message.size) for message in seen] == [
        ("7:1", "1@acme.example", 99),
        ("7:2", "2@acme.example", 99),
        ("7:3", "3@acme.example", 99),
    ]
    assert (batch.rejected, batch.looked_at) == ((), 3)
