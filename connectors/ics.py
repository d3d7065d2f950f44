"""Calendars on disk: an .ics file, or a folder of them (a vdir, or exports put side by side).

A file has no history, so it is read whole whenever it changed, and what vanished shows by its absence.
Absence is claimed (``Batch.complete``) only if every file was read to its end.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import Refused
from keepwarm.connectors.edition import SUSPECT, Past, batches
from keepwarm.connectors.series import Window
from keepwarm.connectors.shelf import Shelf
from keepwarm.storage.observations import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, tzinfo

    from keepwarm.storage.observations import Batch, Cursor

MAX_FILE = 100 * 1024 * 1024  # bytes
MAX_FILES = 20_000


class IcsConnector:
    """Reads the calendars under ``path``; ``window`` gives the span of time that is wanted, in aware UTC.

    ``zone`` is the owner's: all-day and floating times are theirs.
    """

    def __init__(self, path: Path, window: Callable[[], tuple[datetime, datetime]], zone: tzinfo) -> None:
        self._path = path
        self._window = window
        self._zone = zone

    def streams(self) -> Sequence[Stream]:
        """Give the one stream that the file or folder is. Raises Refused if it is not there."""
        self._files()
        return (Stream(self._path.name or "calendar", holds="calendar"),)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read everything if anything changed, else nothing. Raises Refused if the path cannot be read."""
        del stream  # there is only one
        window = Window(*self._window())
        files, unreadable = self._files()
        mark, past = self._fingerprint(files, unreadable), Past.of(cursor)
        if past.mark == mark and past.is_of(window) and past.state != SUSPECT:
            return
        yield from batches(self._collect(files, unreadable, window), cursor, mark)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Say at once that there is no hint: a file tells nobody that it changed."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Hold nothing, so let nothing go."""

    def _files(self) -> tuple[list[Path], list[str]]:
        """Give the calendar files, and the folders that could not be listed."""
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            raise self._refused(f"there is no calendar at {self._path}") from None
        except OSError as error:
            raise self._refused(f"the calendar at {self._path} cannot be read: {error.strerror}") from error
        if stat.S_ISREG(mode):
            return [self._path], []
        if not stat.S_ISDIR(mode):
            raise self._refused(f"{self._path} is neither a file nor a folder")
        return _calendars_under(self._path)

    @staticmethod
    def _refused(why: str) -> Refused:
        return Refused(why, "Check `path` of this account; it names an .ics file or a folder of them.")

    def _name(self, file: Path) -> str:
        return file.name if file == self._path else file.relative_to(self._path).as_posix()

    def _fingerprint(self, files: Iterable[Path], unreadable: Iterable[str]) -> str:
        digest = hashlib.sha256(f"1 {self._zone}".encode())
        for file in files:
            try:
                status = file.stat()
                line = f"{self._name(file)}\0{status.st_size}\0{status.st_mtime_ns}\n"
            except OSError:
                line = f"{self._name(file)}\0gone\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
        digest.update("\0".join(unreadable).encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def _collect(self, files: list[Path], unreadable: list[str], window: Window) -> Shelf:
        shelf = Shelf(window, self._zone)
        for folder in unreadable:
            shelf.refuse(folder, "the folder cannot be listed: give yourself the right to read it")
        if len(files) > MAX_FILES:
            shelf.refuse(self._path.name, f"the folder holds more than {MAX_FILES} calendar files")
        for file in files[:MAX_FILES]:
            try:
                self._read(file, shelf)
            except OSError as error:
                shelf.refuse(self._name(file), f"the file cannot be read: {error.strerror or 'unknown fault'}")
        return shelf

    def _read(self, file: Path, shelf: Shelf) -> None:
        name = self._name(file)
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            shelf.refuse(name, "this is no file: take it out of the folder")
            return
        if status.st_size > MAX_FILE:
            shelf.refuse(name, "the file is larger than 100 MB: export a shorter span of time")
            return
        with file.open("rb") as stream:
            shelf.put(name, stream)


def _calendars_under(folder: Path) -> tuple[list[Path], list[str]]:
    files: list[Path] = []
    unreadable: list[str] = []
    walk = os.walk(folder, onerror=lambda error: unreadable.append(str(error.filename)), followlinks=False)
    for where, folders, names in walk:
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files.extend(Path(where, name) for name in sorted(names) if name.lower().endswith(".ics") and name[0] != ".")
    return files, unreadable
