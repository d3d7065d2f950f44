"""A Maildir as a source of mail.

A poll must find each new mail and read no old one again, though the cursor cannot hold the names of 50,000
files, and though time stamps prove little: rsync and mbsync deliver mails with old times, and several mails
a second. So the cursor has two parts:

- ``last``: the name of the newest mail read, in the order of delivery time and name. What is listed after
  it is new: that is how mail usually comes, and how a first reading goes on where it stopped.
- ``names``: a summary (``NameSet``) of all names up to ``last``. While it equals the summary of what is
  listed now, nothing slipped in before ``last``, and no file is opened. Where it differs, something was
  deleted, or slipped in: the few mails that may be new by the summary are read, and storage drops those
  that it knows.

Names are compared without flags and without the folder (new, cur), so reading or flagging a mail changes
nothing. A mail that is renamed while it is listed or read stays out of the summary, and the next poll finds
it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost, Refused
from keepwarm.connectors.dates import EARLIEST
from keepwarm.connectors.isolation import Parser
from keepwarm.connectors.maildir_folders import delivered_at, folder_names, folder_path, mail_files
from keepwarm.connectors.message_files import read_message, read_text
from keepwarm.connectors.namesets import NameSet
from keepwarm.storage.observations import Batch, Rejected, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from keepwarm.connectors.maildir_folders import MailFile
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import Cursor, MessageSeen

BATCH = 500


@dataclass(slots=True)
class _Mark:
    """How far a folder was read."""

    last: str = ""
    names: NameSet = field(default_factory=NameSet)

    @property
    def order(self) -> tuple[int, str]:
        return delivered_at(self.last), self.last

    def cursor(self) -> Cursor:
        return {"v": 1, "last": self.last, "names": self.names.text()}

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Mark:
        if cursor is None:
            return cls()
        try:
            return cls(str(cursor["last"]), NameSet.from_text(cursor["names"]))
        except (KeyError, TypeError, ValueError) as unknown:
            raise CursorLost("The mark of how far the folder was read is not understood.") from unknown


@dataclass(slots=True)
class _Reading:
    """What came of reading some files."""

    seen: list[MessageSeen] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)  # unique names of files that were gone when they were opened

    def batch(self, cursor: Cursor, total: int, looked_at: int) -> Batch:
        return Batch(
            seen=tuple(self.seen),
            rejected=tuple(self.rejected),
            cursor=cursor,
            total=total,
            looked_at=looked_at,
        )


class MaildirConnector:
    """Reads a Maildir with its subfolders; ``since`` leaves out older mails, ``own_mail`` is read for promises."""

    def __init__(self, path: Path, since: datetime | None = None, own_mail: OwnMail | None = None) -> None:
        self._path = path
        self._since = since
        self._own_mail = own_mail
        self._parser = Parser()

    def streams(self) -> Sequence[Stream]:
        """List the folders. Raises Refused if there is no Maildir at the path."""
        try:
            streams = [Stream(name) for name in folder_names(self._path)]
        except OSError as error:
            raise self._refused(self._path, error) from error
        if not streams:
            raise Refused(
                f"{self._path} is no Maildir: there is no folder 'cur' in it.",
                "Set the account's path to the folder that holds cur, new and tmp.",
            )
        return streams

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read the folder's new mails, in the order of their delivery. Raises CursorLost or Refused."""
        mark = _Mark.of(cursor)
        folder = folder_path(self._path, stream.name)
        try:
            files = mail_files(folder)
        except OSError as error:
            raise self._refused(folder, error) from error
        before = [file for file in files if file.order <= mark.order]
        after = files[len(before) :]
        now = NameSet()
        for file in before:
            now.add(file.unique)
        if now != mark.names:
            doubtful = [file for file in before if mark.names.may_lack(file.unique, now)]
            yield from self._read_doubtful(doubtful, mark, now)
            mark.names = now
        yield from self._read_on(after, mark)

    def isolate_next_batch(self) -> None:
        """Read the next batch in a process of its own."""
        self._parser.isolate()

    def wait(self, stream: Stream, seconds: float) -> bool:  # noqa: ARG002 - there is no push
        """Return at once: polling is cheap."""
        return False

    def close(self) -> None:
        """Let go of the process that reads apart; no file stays open."""
        self._parser.batch_is_read()

    def _read_doubtful(self, files: list[MailFile], mark: _Mark, now: NameSet) -> Iterator[Batch]:
        """Read mails that may be new though they come before the mark.

        The cursor keeps its old summary until the last of them is stored: a broken reading starts over with
        them.
        """
        for start in range(0, len(files) or 1, BATCH):
            some = files[start : start + BATCH]
            reading = self._read(some)
            for unique in reading.moved:
                now.discard(unique)
            done = start + BATCH >= len(files)
            cursor = _Mark(mark.last, now).cursor() if done else mark.cursor()
            yield reading.batch(cursor, len(files), len(some))

    def _read_on(self, files: list[MailFile], mark: _Mark) -> Iterator[Batch]:
        """Read the mails after the mark, and move it along."""
        rest = iter(files)
        while some := list(islice(rest, BATCH)):
            reading = self._read(some)
            for file in some:
                if file.unique not in reading.moved:
                    mark.names.add(file.unique)
            mark.last = some[-1].unique
            yield reading.batch(mark.cursor(), len(files), len(some))

    def _read(self, files: Iterable[MailFile]) -> _Reading:
        reading = _Reading()
        for file in files:
            try:
                message, rejected = self._observe(file)
            except FileNotFoundError:
                reading.moved.append(file.unique)
                continue
            if message and (self._since is None or message.at >= self._since):
                reading.seen.append(message)
            if rejected:
                reading.rejected.append(rejected)
        self._parser.batch_is_read()
        return reading

    def _observe(self, file: MailFile) -> tuple[MessageSeen | None, Rejected | None]:
        source_key = _printable(file.unique)
        where = _printable(file.path.removeprefix(f"{self._path}/"))
        try:
            with open(file.path, "rb", buffering=0) as opened:  # noqa: PTH123 - half the cost of Path.open
                status = os.fstat(opened.fileno())
                header, calendar_part = read_message(opened, 0, status.st_size)
                message, rejected = self._parser.observe(
                    header,
                    source_key=source_key,
                    where=where,
                    stored_at=_stored_at(file, status.st_mtime),
                    size=status.st_size,
                    calendar_part=calendar_part,
                )
                if message and self._own_mail and self._own_mail.wants(message):
                    message = self._own_mail.read(message, read_text(opened, 0, status.st_size))
        except FileNotFoundError:
            raise
        except OSError as error:
            reason = f"The file cannot be read ({error.strerror})."
            return None, Rejected(source_key=source_key, reason=reason, where=where)
        return message, rejected

    def _refused(self, folder: Path, error: OSError) -> Refused:
        return Refused(
            f"{folder} cannot be read: {error.strerror}.",
            "Check the account's path, and that your user may read it.",
        )


def _stored_at(file: MailFile, modified: float) -> datetime | None:
    """Give the delivery time: copying a mailbox makes the name or the file's time newer, never older."""
    earliest = EARLIEST.timestamp()
    known = [moment for moment in (file.delivered, modified) if moment >= earliest]
    try:
        return datetime.fromtimestamp(min(known), UTC) if known else None
    except (ValueError, OverflowError, OSError):
        return None


def _printable(name: str) -> str:
    """Give a file's name as text that can be stored, whatever bytes it has."""
    return name.encode("utf-8", "backslashreplace").decode()
