"""Mails for tests that write their own: one message, a conversation with a rhythm, and where they are put."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ME = "me@keepwarm.test"
"""The owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A plain message; ``at`` is aware UTC."""

    at: datetime
    author: str = ME  # as it stands in From
    to: str = ME
    subject: str = "The offer"
    message_id: str = ""  # without angle brackets; made of the rest if not given
    answers: str = ""  # the Message-ID that it answers
    body: str = "Hello.\n"

    @property
    def key(self) -> str:
        """Give its Message-ID."""
        return self.message_id or f"{self.at:%Y%m%d%H%M%S}.{crc32((self.author + self.to).encode())}@notes.test"

    @property
    def raw(self) -> bytes:
        """Give its bytes, with LF at line ends."""
        threading = (f"In-Reply-To: <{self.answers}>", f"References: <{self.answers}>") if self.answers else ()
        lines = (
            f"From: {self.author}",
            f"To: {self.to}",
            f"Subject: {self.subject}",
            f"Date: {format_datetime(self.at)}",
            f"Message-ID: <{self.key}>",
            *threading,
        )
        return "\n".join((*lines, "", self.body)).encode()


def weekly_exchange(who: str, since: datetime, weeks: int) -> Iterator[Note]:
    """Give a conversation: every week a question of theirs, and the owner's answer three hours later."""
    for week in range(weeks):
        asked = Note(at=since + timedelta(weeks=week), author=who, subject=f"Question {week}")
        yield asked
        yield Note(at=asked.at + timedelta(hours=3), to=who, subject=f"Re: Question {week}", answers=asked.key)


def write_maildir(folder: Path, notes: Iterable[Note]) -> None:
    """Deliver notes into a Maildir, which is made if it is not there."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for note in notes:
        deliver(folder, note.raw, note.at)


def deliver(folder: Path, raw: bytes, at: datetime) -> Path:
    """Deliver one message into a Maildir, as if at ``at``; gives its file."""
    seconds = int(at.timestamp())
    number = sum(1 for _ in (folder / "cur").iterdir())
    file = folder / "cur" / f"{seconds}.M{number:06d}P1.notes:2,S"
    file.write_bytes(raw)
    os.utime(file, (seconds, seconds))
    return file


def write_mbox(file: Path, notes: Iterable[Note]) -> None:
    """Write an mbox file."""
    with file.open("wb") as opened:
        for note in notes:
            opened.write(f"From MAILER {note.at:%a %b %d %H:%M:%S %Y}\n".encode() + note.raw + b"\n")
