"""Letters on disk: a Maildir with its subfolders, and an mbox in the manner of Google Takeout."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.practice.mime import message_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.practice.letters import Letter
    from tests.practice.stage import Stage

MAILDIR_DAYS = 243  # the recent eight months
MBOX_UNTIL = 222  # days before the end: three weeks are in both
ARCHIVED_AFTER = 60  # days after which mail that came in is filed away
FOLDERS = ("", ".Sent", ".Archive")

_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)


def write_mailboxes(stage: Stage, maildir: Path, mbox: Path) -> None:
    """Write the recent letters to the Maildir and the older ones to the mbox."""
    for name in FOLDERS:
        for part in ("cur", "new", "tmp"):
            (maildir / name / part).mkdir(parents=True)
        if name:
            (maildir / name / "maildirfolder").touch()
    since, until = stage.now - timedelta(days=MAILDIR_DAYS), stage.now - timedelta(days=MBOX_UNTIL)
    for number, letter in enumerate(stage.letters):
        if letter.at >= since:
            _deliver(stage, maildir, letter, number)
    _write_mbox(mbox, (letter for letter in stage.letters if letter.at < until))


def _folder(stage: Stage, letter: Letter) -> str:
    if letter.outgoing:
        return ".Sent"
    return ".Archive" if stage.now - letter.at > timedelta(days=ARCHIVED_AFTER) else ""


def _deliver(stage: Stage, maildir: Path, letter: Letter, number: int) -> None:
    """Put a letter where it belongs, named and dated by its delivery; the last day's is not yet read."""
    raw = message_bytes(letter)
    delivered = int(letter.at.timestamp()) + 4
    unread = not letter.outgoing and stage.now - letter.at < timedelta(days=1)
    name = f"{delivered}.M{number:06d}P{2000 + number % 7000}.mx,S={len(raw)}" + ("" if unread else ":2,S")
    path = maildir / _folder(stage, letter) / ("new" if unread else "cur") / name
    path.write_bytes(raw)
    os.utime(path, (delivered, delivered))


def _write_mbox(path: Path, letters: Iterable[Letter]) -> None:
    """Write an mboxrd file: lines of a body that could be taken for a start are quoted."""
    with path.open("wb") as file:
        for letter in letters:
            start = f"From {int(letter.seal[:15], 16)}@xxx {letter.at:%a %b %d %H:%M:%S +0000 %Y}\n"
            labels = "Sent" if letter.outgoing else "Inbox,Opened"
            google = f"X-GM-THRID: {int(letter.seal[15:30], 16)}\nX-Gmail-Labels: {labels}\n"
            quoted = _FROM_LINE.sub(rb">\1", message_bytes(letter))
            file.write(start.encode() + google.encode() + quoted + b"\n")
