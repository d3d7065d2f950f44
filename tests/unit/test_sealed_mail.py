"""Mail in Outlook's own format, from files: it counts, and is noted as unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.maildir import MaildirConnector
from keepwarm.connectors.mbox import MboxConnector
from keepwarm.storage.observations import MessageKind, MessageSeen

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.connectors.contract import Connector

HEAD = (
    b"From: Ana <ana@acme.example>\nTo: sam@carter.example\nSubject: Review\nDate: Mon, 2 Feb 2026 02:40:00 +0000\n"
    b"Message-ID: <1@acme.example>\n"
)
SEALED = b'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\neJ8+IgE=\n'
MIXED = (
    b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nHello\n--b\n'
    + SEALED
    + b"--b--\n"
)


def as_maildir(folder: Path, raw: bytes) -> Connector:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir()
    (folder / "cur" / "1770000000.x:2,S").write_bytes(raw)
    return MaildirConnector(folder)


def as_mbox(folder: Path, raw: bytes) -> Connector:
    (folder / "mail.mbox").write_bytes(b"From x Mon Feb  2 02:40:00 2026\n" + raw + b"\n")
    return MboxConnector(folder / "mail.mbox")


@pytest.mark.parametrize("raw", [HEAD + MIXED, HEAD + SEALED])
@pytest.mark.parametrize("source", [as_maildir, as_mbox])
def test_a_sealed_mail_counts_and_is_noted_as_unread(source: object, raw: bytes, tmp_path: Path) -> None:
    connector = source(tmp_path, raw)  # type: ignore[operator]
    (stream,) = connector.streams()
    (batch,) = connector.pull(stream, None)
    (message,) = batch.seen
    assert isinstance(message, MessageSeen)
    assert (message.kind, message.meetings) == (MessageKind.HUMAN, ())
    ((rejected),) = batch.rejected
    assert (rejected.source_key, "winmail.dat" in rejected.reason) == (message.source_key, True)
