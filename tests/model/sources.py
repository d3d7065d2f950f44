"""The sources of a story: calendars in a folder, and a Maildir."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.ics import IcsConnector
from keepwarm.connectors.maildir import MaildirConnector
from tests.model.play import window
from tests.model.world import ZONE

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@dataclass(slots=True)
class Folder:
    """A folder with one .ics file an object."""

    path: Path

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True)

    def put(self, uid: str, text: str) -> None:
        (self.path / f"{uid}.ics").write_text(text, newline="")

    def delete(self, uid: str) -> None:
        (self.path / f"{uid}.ics").unlink()

    def expire(self) -> bool:
        return False

    def connector(self) -> IcsConnector:
        return IcsConnector(self.path, window, ZONE)


@dataclass(slots=True)
class Maildir:
    """A Maildir."""

    path: Path
    count: int = 0

    def __post_init__(self) -> None:
        for part in ("cur", "new", "tmp"):
            (self.path / part).mkdir(parents=True)

    def deliver(self, raw: bytes, at: datetime) -> None:
        self.count += 1
        seconds = int(at.timestamp())
        file = self.path / "new" / f"{seconds}.M{self.count:06d}.world"
        file.write_bytes(raw)
        os.utime(file, (seconds, seconds))

    def connector(self) -> MaildirConnector:
        return MaildirConnector(self.path)
