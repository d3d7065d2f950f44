"""Which folders of a mailbox are read: by special use (RFC 6154), by name, and by the owner's globs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imapclient import imap_utf7

from keepwarm.connectors.folders import LEFT_OUT, OUTBOX, SENT, use_of
from keepwarm.connectors.imap_values import BrokenAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keepwarm.connectors.imap_values import Value

EVERYTHING = "*"
"""The glob that stands, in ``include``, for all folders that hold mail which was sent or received."""

_NOT_SELECTABLE = frozenset(("\\noselect", "\\nonexistent"))
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # in a database, or in a command to the server
_UNWANTED = frozenset(("\\junk", "\\trash", "\\drafts"))
_VIEWS = frozenset(("\\flagged", "\\important"))  # they show again what lies elsewhere
_WANTED = frozenset(("\\sent", "\\archive", "\\all"))  # whatever their names say


@dataclass(frozen=True, slots=True)
class Folder:
    """One line of LIST."""

    name: str  # decoded
    delimiter: str
    flags: frozenset[str]  # in lower case
    wire: bytes  # its name as the server writes it

    @classmethod
    def of(cls, listed: Sequence[Value], *, utf8: bool = False) -> Folder:
        """Read the values of one LIST response (RFC 3501, 7.2.2). Raises BrokenAnswerError."""
        match listed:
            case [[*flags], delimiter, bytes() as name, *_] if not isinstance(delimiter, list):
                told = (flag.decode("latin-1").lower() for flag in flags if isinstance(flag, bytes))
                return cls(decoded(name, utf8=utf8), (delimiter or b"").decode("latin-1"), frozenset(told), name)
        raise BrokenAnswerError("not a line of LIST")

    @property
    def path(self) -> str:
        """Give what the paths of all folders in it begin with, and its own."""
        return self.name + (self.delimiter or "\0")

    @property
    def levels(self) -> list[str]:
        """Give the names of the folders that it lies in, from the top, and its own."""
        return self.name.split(self.delimiter) if self.delimiter else [self.name]

    @property
    def is_inbox(self) -> bool:
        """Say whether it is the inbox, the only name without a case."""
        return self.name.upper() == "INBOX"


def choose(folders: Iterable[Folder], include: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """Give the names of the folders to read: INBOX first, then what was sent, as everything is judged by those.

    A folder with all mail in it (\\All) stands for all others. The owner's globs override: ``include`` names
    what is read, be it junk ("*" by itself: all that is read by default); and where ``exclude`` keeps something
    out, \\All is not read, for it would bring that in.
    """
    selectable = [folder for folder in folders if not folder.flags & _NOT_SELECTABLE]
    sent = sent_among(selectable)
    named = [glob for glob in include if glob != EVERYTHING]
    chosen = {folder.name for folder in selectable if _matches(folder, named) and not _matches(folder, exclude)}
    if EVERYTHING in include:
        chosen.update(_by_default(selectable, sent, exclude))
    return sorted(chosen, key=lambda name: (name.upper() != "INBOX", name != sent, name))


def sent_among(folders: Iterable[Folder]) -> str | None:
    """Give the name of the folder where the owner's own mail is kept, by its special use, else by its name.

    Where nothing is called so, an outbox is meant: some servers keep there what was sent.
    """
    selectable = [folder for folder in folders if not folder.flags & (_NOT_SELECTABLE | _UNWANTED)]
    marked = [folder for folder in selectable if "\\sent" in folder.flags]
    usual = [folder for folder in selectable if _use(folder) == SENT]
    last = [folder for folder in selectable if _use(folder) == OUTBOX]
    found = marked or usual or last
    return min(found, key=lambda folder: (len(folder.levels), folder.name)).name if found else None


def decoded(name: bytes, *, utf8: bool) -> str:
    """Decode a folder's name: in modified UTF-7 (RFC 3501, 5.1.3), or in UTF-8 (RFC 6855), agreed upon or not."""
    try:
        found = name.decode() if utf8 or not name.isascii() else str(imap_utf7.decode(name))
    except UnicodeDecodeError:
        found = ""
    if found and not _UNSTORABLE.search(found):
        return found
    return name.decode("latin-1")


def _by_default(selectable: Sequence[Folder], sent: str | None, exclude: Sequence[str]) -> Iterator[str]:
    wanted = _without_unwanted(selectable, sent)
    kept = [folder for folder in wanted if not _matches(folder, exclude)]
    everything = [folder for folder in kept if "\\all" in folder.flags]
    if everything and len(kept) == len(wanted):
        return (folder.name for folder in everything)
    return (folder.name for folder in kept if "\\all" not in folder.flags)


def _without_unwanted(folders: Sequence[Folder], sent: str | None) -> list[Folder]:
    """Leave out junk, trash and drafts, all that lies in them, and what only shows again what lies elsewhere."""
    roots = tuple(folder.path for folder in folders if folder.flags & _UNWANTED)
    kept = []
    for folder in folders:
        named = folder.levels[:-1] if folder.name == sent or folder.flags & _WANTED else folder.levels
        unwanted = folder.path.startswith(roots) or any(use_of(level) in LEFT_OUT for level in named)
        if folder.is_inbox or not (unwanted or folder.flags & _VIEWS):
            kept.append(folder)
    return kept


def _use(folder: Folder) -> str:
    """Give what a folder is for by its name; one that lies in junk or trash is for nothing."""
    *above, own = folder.levels
    return "" if any(use_of(level) in LEFT_OUT for level in above) else use_of(own)


def _matches(folder: Folder, globs: Iterable[str]) -> bool:
    name = "INBOX" if folder.is_inbox else _composed(folder.name)
    # A bracket is no wildcard here: "[Gmail]" is a common name.
    return any(fnmatchcase(name, _composed(glob).replace("[", "[[]")) for glob in globs)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
