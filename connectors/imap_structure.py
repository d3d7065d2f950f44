"""BODYSTRUCTURE (RFC 3501, 7.4.2): where in a message the invitation, or the text, lies, without fetching it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.calendar_parts import is_tnef
from keepwarm.connectors.imap_values import number
from keepwarm.connectors.mail_text import HTML, PLAIN
from keepwarm.connectors.mime_parts import MAX_NESTING, Part

if TYPE_CHECKING:
    from keepwarm.connectors.imap_values import Value

_ENCODING = 5  # positions in the fields of a single part: type, subtype, parameters, id, description, ...
_SIZE = 6
_LINES = 7  # of a text part; what follows are extensions: MD5, disposition, language, location
_PLAIN = re.compile(r"[\w.:+-]{1,200}", re.ASCII)
_PARAMETERS = 2


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A text/calendar part (RFC 6047) of a message."""

    section: str  # "1", "2.1"
    encoding: str  # Content-Transfer-Encoding, in lower case
    size: int  # bytes, as encoded
    parameters: str = ""  # of the Content-Type, in lower case: "; charset=utf-8; method=request"
    sealed: bool = False  # it is in Outlook's own format (TNEF), and there is no text/calendar


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of plain text or HTML."""

    section: str
    kind: str  # "text/plain" or "text/html"
    encoding: str
    parameters: str = ""

    def with_body(self, body: bytes) -> Part:
        """Give the part as it would be found in the whole mail."""
        return Part(self.kind + self.parameters, self.encoding, "", body)


def text_part(structure: Value) -> TextPart | None:
    """Find the text of a message: plain, else HTML; what is attached, or forwarded whole, is none."""
    if not isinstance(structure, list):
        return None
    return _search_text(structure, (), PLAIN) or _search_text(structure, (), HTML)


def _search_text(part: list[Value], path: tuple[int, ...], kind: str) -> TextPart | None:
    if part and isinstance(part[0], list):
        inner = [one for one in part if isinstance(one, list)] if len(path) < MAX_NESTING else []
        some = (_search_text(one, (*path, position), kind) for position, one in enumerate(inner, 1))
        return next((found for found in some if found), None)
    if f"{_text(part, 0)}/{_text(part, 1)}" != kind or _is_attached(part):
        return None
    return TextPart(".".join(map(str, path or (1,))), kind, _text(part, _ENCODING), _parameters(part))


def _is_attached(part: list[Value]) -> bool:
    """Tell an attachment by the disposition that may follow the basic fields of a text part."""
    extensions = part[_LINES + 1 :]
    return any(isinstance(one, list) and _text(one, 0) == "attachment" for one in extensions)


def calendar_part(structure: Value) -> CalendarPart | None:
    """Find the first text/calendar part, else a TNEF one; a forwarded message's own is not meant for the reader."""
    if not isinstance(structure, list):
        return None
    return _search(structure, (), sealed=False) or _search(structure, (), sealed=True)


def _search(part: list[Value], path: tuple[int, ...], *, sealed: bool) -> CalendarPart | None:
    if part and isinstance(part[0], list):
        return _search_parts(part, path, sealed=sealed)
    kind, parameters = f"{_text(part, 0)}/{_text(part, 1)}", _parameters(part)
    if not (is_tnef(kind, parameters) if sealed else kind == "text/calendar"):
        return None
    section = ".".join(map(str, path or (1,)))  # the body of a message that has no parts is its part 1
    size = number(part[_SIZE]) if len(part) > _SIZE else None
    return CalendarPart(section, _text(part, _ENCODING), size or 0, parameters, sealed)


def _search_parts(parts: list[Value], path: tuple[int, ...], *, sealed: bool) -> CalendarPart | None:
    if len(path) == MAX_NESTING:
        return None
    for position, part in enumerate(parts, 1):
        if not isinstance(part, list):  # the subtype ends the list of parts
            return None
        found = _search(part, (*path, position), sealed=sealed)
        if found:
            return found
    return None


def _parameters(part: list[Value]) -> str:
    """Write the parameters of a part as a Content-Type has them; what could not stand there is left out."""
    listed = part[_PARAMETERS] if len(part) > _PARAMETERS else None
    words = [_text(listed, place) for place in range(min(len(listed), 20))] if isinstance(listed, list) else []
    named = zip(words[::2], words[1::2], strict=False)
    return "".join(f"; {name}={value}" for name, value in named if _PLAIN.fullmatch(name + value))


def _text(part: list[Value], position: int) -> str:
    value = part[position] if len(part) > position else None
    return value.decode("latin-1").lower() if isinstance(value, bytes) else ""
