"""Push: hints of new mail from the folders of a mailbox that are watched."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from keepwarm.connectors.imap_folders import sent_among
from keepwarm.connectors.imap_watch import FolderWatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keepwarm.connectors.imap_connection import ImapSettings
    from keepwarm.connectors.imap_folders import Folder


def worth_watching(folders: Iterable[Folder], chosen: Sequence[str]) -> tuple[str, ...]:
    """Name, of the folders that are read, those in which mail arrives: the inbox, and what was sent; or \\All."""
    listed = list(folders)
    wanted = {folder.name for folder in listed if folder.is_inbox or "\\all" in folder.flags} | {sent_among(listed)}
    return tuple(sorted((name for name in chosen if name in wanted), key=lambda name: name.upper() != "INBOX"))


class ImapPush:
    """The folders that are watched, each on a connection of its own; ``interrupt`` alone is for other threads."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._watches: dict[str, FolderWatch] = {}
        self._pipe: tuple[int, int] | None = None  # what is written into the one end wakes whoever waits at the other
        self._lock = Lock()  # over the pipe
        self._is_over = False

    def wait(self, folder: str, seconds: float) -> bool:
        """Wait for a new message in a folder, as ``FolderWatch.wait``; False at once after ``interrupt``."""
        with self._lock:
            if self._is_over:
                return False
            self._pipe = self._pipe or os.pipe()
            bell, _ = self._pipe
        return self._watches.setdefault(folder, FolderWatch(self._settings, folder)).wait(seconds, bell)

    def interrupt(self) -> None:
        """Have this, and every later, ``wait`` return soon."""
        with self._lock:
            self._is_over = True
            if self._pipe:
                os.write(self._pipe[1], b"!")

    def close(self) -> None:
        """Let go of all connections."""
        for watch in self._watches.values():
            watch.close()
        self._watches.clear()
        with self._lock:
            for end in self._pipe or ():
                os.close(end)
            self._pipe = None
