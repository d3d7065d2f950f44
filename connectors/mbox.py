"""An mbox file as a source of mail, of any size: read as a stream, only headers and invitations are kept.

The cursor says how far the file was read, and has fingerprints of its beginning and of what stands before
that place: an appended file is read on from there, a rewritten one is noticed. A mail at the end of the file
may have been only half written when it was read; then what was appended is no new mail, and the last one is
read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from keepwarm.connectors.contract import CursorLost, Later, Refused
from keepwarm.connectors.dates import parse_asctime
from keepwarm.connectors.fields import split_fields
from keepwarm.connectors.folders import is_left_out
from keepwarm.connectors.isolation import Parser
from keepwarm.connectors.mbox_spans import first_from_line, spans, starts_mail
from keepwarm.connectors.message_files import read_message, read_text
from keepwarm.connectors.words import decoded
from keepwarm.storage.observations import Batch, Rejected, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from keepwarm.connectors.mbox_spans import Span
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import Cursor, MessageSeen

BATCH = 500
_FINGERPRINT = 4096  # bytes
_LABELS = "x-gmail-labels"


@dataclass(frozen=True, slots=True)
class _Place:
    """How far an mbox was read."""

    offset: int  # where the last mail read ended, then the end of the file
    last: int  # where the last mail read began
    head: str
    tail: str

    @classmethod
    def after(cls, span: Span, file: BinaryIO) -> _Place:
        return cls(span.end, span.start, *_fingerprints(file, span.end))

    @classmethod
    def of(cls, cursor: Cursor) -> _Place:
        try:
            return cls(int(cursor["offset"]), int(cursor["last"]), cursor["head"], cursor["tail"])
        except (KeyError, TypeError, ValueError) as unknown:
            raise CursorLost("The mark of how far the mbox was read is not understood.") from unknown

    def cursor(self) -> Cursor:
        return {"v": 1, "offset": self.offset, "last": self.last, "head": self.head, "tail": self.tail}


class MboxConnector:
    """Reads one mbox file; ``since`` leaves out older mails, ``own_mail`` is read for promises."""

    def __init__(self, path: Path, since: datetime | None = None, own_mail: OwnMail | None = None) -> None:
        self._path = path
        self._since = since
        self._own_mail = own_mail
        self._parser = Parser()

    def streams(self) -> Sequence[Stream]:
        """Name the one stream after the file. Raises Refused if the file cannot be read."""
        self._open().close()
        return [Stream(self._path.name)]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:  # noqa: ARG002 - there is only one
        """Read the mails behind the cursor, in the order of the file. Raises CursorLost, Later or Refused."""
        with self._open() as file:
            try:
                start = self._first(file) if cursor is None else _next(file, _Place.of(cursor), self._path)
                found = iter(()) if start is None else spans(file, start)
                while some := list(islice(found, BATCH)):
                    yield self._batch(file, some)
            except OSError as error:
                raise Later(f"{self._path} could not be read to its end: {error.strerror}.") from error

    def isolate_next_batch(self) -> None:
        """Read the next batch in a process of its own."""
        self._parser.isolate()

    def wait(self, stream: Stream, seconds: float) -> bool:  # noqa: ARG002 - there is no push
        """Return at once: polling is cheap."""
        return False

    def close(self) -> None:
        """Let go of the process that reads apart; no file stays open."""
        self._parser.batch_is_read()

    def _open(self) -> BinaryIO:
        try:
            return self._path.open("rb", buffering=0)
        except OSError as error:
            raise Refused(
                f"{self._path} cannot be read: {error.strerror}.",
                "Set the account's path to the mbox file, and check that your user may read it.",
            ) from error

    def _first(self, file: BinaryIO) -> int | None:
        """Find the first mail; None in an empty file. Raises Refused if the file is no mbox."""
        start = first_from_line(file)
        if start is None:
            file.seek(0)
            head = file.read(_FINGERPRINT)
            if head.strip():
                raise Refused(f"{self._path} is no mbox: no line of it begins with 'From '.", _cure(head))
        return start

    def _batch(self, file: BinaryIO, some: list[Span]) -> Batch:
        seen: list[MessageSeen] = []
        rejected: list[Rejected] = []
        for span in some:
            message, broken = self._observe(file, span)
            if message and (self._since is None or message.at >= self._since):
                seen.append(message)
            if broken:
                rejected.append(broken)
        self._parser.batch_is_read()
        return Batch(
            seen=tuple(seen),
            rejected=tuple(rejected),
            cursor=_Place.after(some[-1], file).cursor(),
            looked_at=len(some),
        )

    def _observe(self, file: BinaryIO, span: Span) -> tuple[MessageSeen | None, Rejected | None]:
        size = span.end - span.start
        header, calendar_part = read_message(file, span.start, size)
        source_key, where = str(span.start), f"{self._path.name}, byte {span.start}"
        if len(header) == size:
            # Half a header would make a mail that nobody sent. If the rest is written later, it is read then.
            return None, Rejected(source_key=source_key, reason="It is cut off in its header.", where=where)
        if _is_labelled_out(header):
            return None, None
        message, rejected = self._parser.observe(
            header,
            source_key=source_key,
            where=where,
            stored_at=parse_asctime(header[:_FINGERPRINT].partition(b"\n")[0].decode("latin-1")),
            size=size,
            calendar_part=calendar_part,
        )
        if message and self._own_mail and self._own_mail.wants(message):
            message = self._own_mail.read(message, read_text(file, span.start, size))
        return message, rejected


def _next(file: BinaryIO, place: _Place, path: Path) -> int | None:
    """Find where to go on: at the next mail, or at the last one if it was torn; None if nothing is new."""
    if _fingerprints(file, place.offset) != (place.head, place.tail):
        raise CursorLost(f"{path.name} was rewritten since it was last read.")
    file.seek(place.offset)
    appended = file.read(_FINGERPRINT)
    blank = len(appended) - len(appended.lstrip(b"\r\n"))
    if blank == len(appended):
        return None
    return place.offset + blank if starts_mail(appended, blank) else place.last


def _fingerprints(file: BinaryIO, offset: int) -> tuple[str, str]:
    """Give the fingerprints of the beginning of the file and of the bytes before ``offset``."""
    length = min(offset, _FINGERPRINT)
    file.seek(0)
    head = file.read(length)
    file.seek(offset - length)
    tail = file.read(length)
    return blake2b(head, digest_size=16).hexdigest(), blake2b(tail, digest_size=16).hexdigest()


def _is_labelled_out(header: bytes) -> bool:
    """Say whether Google Takeout, whose file holds a whole mailbox, labels a mail as spam, trash or draft."""
    if b"X-Gmail-Labels:" not in header:
        return False
    labels = decoded(split_fields(header, {_LABELS}).get(_LABELS, [""])[0]).split(",")
    return any(label.strip() == "Chat" or is_left_out(label.strip()) for label in labels)


def _cure(head: bytes) -> str:
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        return "It is compressed: unpack it, and set the account's path to the .mbox file in it."
    return "Export the mails as mbox again; for a folder of single mails use an account of kind maildir."
