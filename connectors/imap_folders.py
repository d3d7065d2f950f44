"""Which folders of a mailbox are read: by special use (RFC 6154), by name, and by the owner's globs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imapclient import imap_utf7

from keepwarm.connectors.folders import is_left_out
from keepwarm.connectors.imap_values import BrokenAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keepwarm.connectors.imap_values import Value

EVERYTHING = ("*",)
"""The default for ``include``: all folders that hold mail which was sent or received."""

_NOT_SELECTABLE = frozenset(("\\noselect", "\\nonexistent"))
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # in a database, or in a command to the server
_UNWANTED = frozenset(("\\junk", "\\trash", "\\drafts"))


@dataclass(frozen=True, slots=True)
class Folder:
    """One line of LIST."""

    name: str  # decoded from modified UTF-7 (RFC 3501, 5.1.3)
    delimiter: str
    flags: frozenset[str]  # in lower case

    @classmethod
    def of(cls, listed: Sequence[Value]) -> Folder:
        """Read the values of one LIST response (RFC 3501, 7.2.2). Raises BrokenAnswerError."""
        match listed:
            case [[*flags], delimiter, bytes() as name, *_] if not isinstance(delimiter, list):
                told = (flag.decode("latin-1").lower() for flag in flags if isinstance(flag, bytes))
                return cls(_decoded(name), (delimiter or b"").decode("latin-1"), frozenset(told))
        raise BrokenAnswerError("not a line of LIST")

    @property
    def path(self) -> str:
        """Give what the paths of all folders in it begin with, and its own."""
        return self.name + (self.delimiter or "\0")


def choose(folders: Iterable[Folder], include: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """Give the names of the folders to read, INBOX first.

    A folder with all mail in it (\\All) stands for all others. The owner's globs override: ``include`` names
    exactly what is read, be it junk; and where ``exclude`` keeps something out, \\All is not read, for it
    would bring that in.
    """
    selectable = [folder for folder in folders if not folder.flags & _NOT_SELECTABLE]
    if tuple(include) != EVERYTHING:
        wanted = [folder for folder in selectable if _matches(folder, include)]
        return _names(folder for folder in wanted if not _matches(folder, exclude))
    wanted = _without_unwanted(selectable)
    kept = [folder for folder in wanted if not _matches(folder, exclude)]
    everything = [folder for folder in kept if "\\all" in folder.flags]
    if everything and len(kept) == len(wanted):
        return _names(everything)
    return _names(folder for folder in kept if "\\all" not in folder.flags)


def _without_unwanted(folders: Sequence[Folder]) -> list[Folder]:
    """Leave out junk, trash and drafts, and all that lies in them."""
    roots = tuple(folder.path for folder in folders if folder.flags & _UNWANTED)
    return [folder for folder in folders if not folder.path.startswith(roots) and not is_left_out(folder.name)]


def _names(folders: Iterable[Folder]) -> list[str]:
    return sorted({folder.name for folder in folders}, key=lambda name: (name.upper() != "INBOX", name))


def _matches(folder: Folder, globs: Iterable[str]) -> bool:
    name = "INBOX" if folder.name.upper() == "INBOX" else folder.name  # the only name without a case
    # A bracket is no wildcard here: "[Gmail]" is a common name.
    return any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in globs)


def _decoded(name: bytes) -> str:
    try:
        decoded = str(imap_utf7.decode(name))
    except UnicodeDecodeError:
        decoded = ""
    if decoded and not _UNSTORABLE.search(decoded):
        return decoded
    # The server will not know it by this name; that it cannot be opened tells the owner which folder it is.
    return name.decode("latin-1")
