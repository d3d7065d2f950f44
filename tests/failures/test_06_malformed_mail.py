"""One malformed mail caused an endless resync, or lost its batch: it is rejected, and the cursor moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.maildir import MaildirConnector
from keepwarm.connectors.mbox import MboxConnector
from keepwarm.storage.observations import MessageSeen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keepwarm.connectors.contract import Connector

GOOD = b"From: a@x.example\nDate: Mon, 2 Mar 2026 12:00:00 +0000\nMessage-ID: <%d@x.example>\nSubject: %d\n\nbody\n"
NO_HEADER = [b"", b"\0" * 5000, b"\xff\xfe\xff" * 99, b"\nbody only\n", b"Subject without a colon\n\nbody\n"]
ODD = [
    b"X-Big: " + b"x" * 1_000_000 + b"\n" + GOOD % (50, 50),
    b"To: " + b", ".join(b"p%d@x.example" % n for n in range(10_000)) + b"\n" + GOOD % (51, 51),
    b"Subject: =?x-none?q?=FF=FE?= =?utf-8?b?!!!?=\n" + GOOD % (52, 52),
    b"From: \0\x01\x02<\xff\n\n",
    b"Date: Mon, 01 Jan 1601 00:00:00 +0000\nFrom: a@x.example\n\n",
    b"Date: Fri, 31 Dec 9999 23:59:59 +0000\nFrom: b@x.example\n\n",
    b"Subject: no from, no date\n\n",
    b"Content-Type: multipart/mixed; boundary=\xff\nFrom: c@x.example\n\n--\xff\ntext/calendar\n",
]


def as_maildir(folder: Path, mails: list[bytes]) -> Connector:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir()
    for number, mail in enumerate(mails):
        (folder / "cur" / f"{1_772_000_000 + number}.x:2,S").write_bytes(mail)
    return MaildirConnector(folder)


def as_mbox(folder: Path, mails: list[bytes]) -> Connector:
    path = folder / "mail.mbox"
    path.write_bytes(b"".join(b"From x Mon Mar  2 12:00:00 2026\n" + mail + b"\n\n" for mail in mails))
    return MboxConnector(path)


@pytest.mark.parametrize("source", [as_maildir, as_mbox])
def test_a_malformed_mail_is_rejected_and_all_others_are_read(
    source: Callable[[Path, list[bytes]], Connector], tmp_path: Path
) -> None:
    mails = [GOOD % (0, 0)]
    for number, bad in enumerate(NO_HEADER, start=1):
        mails += [bad, GOOD % (number, number)]
    connector = source(tmp_path, [*mails, *ODD])
    (stream,) = connector.streams()
    (batch,) = connector.pull(stream, None)

    assert len(batch.rejected) == len(NO_HEADER)
    assert all(item.where and item.reason for item in batch.rejected)
    subjects = [message.subject for message in batch.seen if isinstance(message, MessageSeen)]
    assert subjects[: len(NO_HEADER) + 1] == [str(number) for number in range(len(NO_HEADER) + 1)]
    assert len(subjects) == len(NO_HEADER) + 1 + len(ODD)
    assert list(connector.pull(stream, batch.cursor)) == []
