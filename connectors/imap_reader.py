"""The answers to a FETCH, read from the connection as they come in.

imaplib reads them, too, but looks at each line with half a dozen regular expressions and keeps a log of it, which was a
tenth of what reading a mailbox cost. What is an error to it is one here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.connectors.imap_values import Piece

_FETCH = re.compile(rb"\* (\d{1,20}) FETCH ", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE(?: |\Z)", re.IGNORECASE)
_DIGITS = 20  # of the length of a literal
_LONGEST_LITERAL = 16 * 1024 * 1024  # bytes: several times what is ever asked for


def fetched(imap: Any, tag: bytes) -> Iterator[list[Piece]]:
    """Give the pieces of each FETCH response up to the end of the command ``tag``; a response begins ``12 (UID 7``.

    How the server ended the command is left in imaplib's ``tagged_commands``. What else it tells meanwhile is of no
    use here.

    Raises imaplib's errors, and OSError.
    """
    ending = tag + b" "
    while True:
        line = _line(imap)
        if fetch := _FETCH.match(line):
            yield _pieces(imap, fetch[1] + b" " + line[fetch.end() :])
        elif line.startswith(ending):
            word, _, text = line[len(ending) :].partition(b" ")
            imap.tagged_commands[tag] = (word.decode("latin-1").upper(), [text])
            return
        elif _BYE.match(line):
            raise imap.abort(line[len("* BYE ") :].decode("utf-8", "replace"))
        elif line.startswith(b"* "):
            _pieces(imap, line)
        else:
            raise imap.abort("an answer that belongs to no command")


def _pieces(imap: Any, line: bytes) -> list[Piece]:
    """Read on as long as a line ends with the length of a literal."""
    pieces: list[Piece] = []
    while line.endswith(b"}") and (size := line[line.rfind(b"{") + 1 : -1]).isdigit() and len(size) <= _DIGITS:
        if int(size) > _LONGEST_LITERAL:
            raise imap.abort("a literal longer than anything that was asked for")
        pieces.append((line, _exactly(imap, int(size))))
        line = _line(imap)
    pieces.append(line)
    return pieces


def _line(imap: Any) -> bytes:
    line: bytes = imap.readline()
    if not line.endswith(b"\r\n"):
        raise imap.abort("the connection ended")
    return line[:-2]


def _exactly(imap: Any, size: int) -> bytes:
    some: bytes = imap.read(size)
    if len(some) < size:
        raise imap.abort("the connection ended")
    return some
