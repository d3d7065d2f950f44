"""Gmail by IMAP (X-GM-EXT-1): a message has one name, under whatever label it lies, and is one in storage too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.connectors.imap import ImapConnector, ImapSettings
from keepwarm.connectors.mbox import MboxConnector
from keepwarm.storage.observations import Stream
from keepwarm.storage.tables import message
from tests.contract.sources import BROKEN_MAIL, mail
from tests.servers.scripted_imap import CAPABILITIES, ScriptedImap
from tests.storage.world import Store

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.database import Database
    from keepwarm.storage.observations import Batch

NAMES = {1: 0x18C5A4F3B2D1E0F9, 2: 0x0A, 3: 0x18C5A4F3B2D1E0FA}
HEADERS = {1: mail(1), 2: mail(2), 3: BROKEN_MAIL}
CAPABLE = CAPABILITIES + b" X-GM-EXT-1"


def fetched(command: str) -> bytes:
    asks_for_names = "X-GM-MSGID" in command
    answers = b""
    for uid, header in HEADERS.items():
        named = b"X-GM-MSGID %d " % NAMES[uid] if asks_for_names else b""
        rest = b'INTERNALDATE "01-Mar-2026 09:00:00 +0000" RFC822.SIZE 9 FLAGS ()'
        answers += b"* %d FETCH (%sUID %d %s BODY[HEADER] {%d}\r\n%s)\r\n" % (
            uid, named, uid, rest, len(header), header,
        )  # fmt: skip
    return answers + b"TAG OK done\r\n"


def read(*streams: str) -> list[Batch]:
    answers = {"FETCH": fetched, "CAPABILITY": b"* CAPABILITY " + CAPABLE + b"\r\nTAG OK done\r\n"}
    with ScriptedImap(answers, b"* OK [CAPABILITY " + CAPABLE + b"] hello\r\n") as server:
        settings = ImapSettings(host="127.0.0.1", port=server.port, tls="none", user="me", password=lambda: "x")
        connector = ImapConnector(settings)
        batches = [batch for name in streams for batch in connector.pull(Stream(name), None)]
        connector.close()
    fetches = [line for line in server.script.heard if "HEADER" in line]
    assert all(re.search(r"X-GM-MSGID\)$", line) for line in fetches)
    return batches


def test_messages_are_named_as_gmails_own_interface_names_them() -> None:
    [batch] = read("INBOX")
    assert [item.source_key for item in batch.seen] == ["18c5a4f3b2d1e0f9", "a"]
    [rejected] = batch.rejected
    assert (rejected.source_key, rejected.where) == ("18c5a4f3b2d1e0fa", "INBOX, UID 3")


def test_the_same_mail_under_two_labels_and_from_an_archive_is_one(database: Database, tmp_path: Path) -> None:
    archive = tmp_path / "takeout.mbox"
    archive.write_bytes(b"".join(b"From - Sun Mar  1 09:00:00 2026\r\n" + mail(n) + b"\r\n" for n in (1, 2)))
    store = Store(database)
    for batch in [*read("INBOX", "Important"), *MboxConnector(archive).pull(Stream("takeout"), None)]:
        store.pull(*batch.seen)
    assert len(store.rows(select(message.c.id))) == 2
