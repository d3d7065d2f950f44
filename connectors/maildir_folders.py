"""The folders of a Maildir on disk, and the names of the mails in one of them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from keepwarm.connectors.folders import is_left_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = "INBOX"
_MAX_DEPTH = 8
_PARTS = frozenset({"cur", "new", "tmp"})
_FLAGS = re.compile(r"[:;!]2,[^/]*$")  # file systems without colons have another sign before the flags
_UID = re.compile(r",U=\d+")  # mbsync adds it to a file's name after the delivery
_DELIVERED = re.compile(r"(\d{1,11})\.")


@dataclass(frozen=True, slots=True)
class MailFile:
    """One file of a Maildir."""

    delivered: int  # seconds since 1970, as the name says; 0 if it does not
    unique: str  # what stays of the name when the mail is read, flagged, or moved from new to cur
    path: str

    @property
    def order(self) -> tuple[int, str]:
        """The place of the mail in its folder, whatever becomes of its flags."""
        return self.delivered, self.unique


def delivered_at(unique: str) -> int:
    """Give the time of delivery in the name of a mail, in seconds since 1970; 0 if there is none."""
    found = _DELIVERED.match(unique)
    return int(found[1]) if found else 0


def folder_names(root: Path) -> Iterator[str]:
    """Name the folders of a Maildir: "INBOX" is ``root`` itself, all others are paths below it.

    Both layouts are read: ".Sent" beside "cur" (Maildir++), and folders in folders. Junk, trash and drafts
    are left out. Raises OSError if ``root`` cannot be listed.
    """
    if (root / "cur").is_dir():
        yield ROOT
    yield from _below(root, "", 1)


def _below(folder: Path, prefix: str, depth: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        names = sorted(e.name for e in entries if e.name not in _PARTS and e.is_dir(follow_symlinks=False))
    for name in names:
        if is_left_out(name):
            continue
        if (folder / name / "cur").is_dir():
            yield prefix + name
        if depth < _MAX_DEPTH:
            yield from _below(folder / name, f"{prefix}{name}/", depth + 1)


def folder_path(root: Path, name: str) -> Path:
    """Give the place of the folder that ``folder_names`` called ``name``."""
    return root if name == ROOT else root / name


def mail_files(folder: Path) -> list[MailFile]:
    """List the mails of a folder in their order.

    A mail that moves from new to cur meanwhile is listed once. Raises OSError if the folder cannot be listed.
    """
    found: dict[str, MailFile] = {}
    for part in ("new", "cur"):
        if part == "new" and not (folder / part).is_dir():
            continue
        with os.scandir(folder / part) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.is_file():
                    unique = _UID.sub("", _FLAGS.sub("", entry.name))
                    found[unique] = MailFile(delivered_at(unique), unique, entry.path)
    return sorted(found.values(), key=attrgetter("delivered", "unique"))
