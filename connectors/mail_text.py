"""The text of a mail, for those few whose text is read; nothing of it is kept."""

from __future__ import annotations

from keepwarm.connectors.mime_parts import MAX_NESTING, Part, part_of, undone
from keepwarm.connectors.own_text import MOST_HTML, text_of_html
from keepwarm.connectors.words import in_charset

MOST_OF_A_MAIL = 512 * 1024
"""Bytes of a mail that are looked through for its text: mail programs put it before the attachments."""

MOST_OF_A_TEXT = 4 * MOST_HTML
"""Bytes of a text part, as encoded, that are looked at."""

PLAIN, HTML = "text/plain", "text/html"


def text_of(message: bytes) -> str:
    """Give a mail's text: its first part of plain text, else of HTML; "" if there is none within the bounds.

    What is attached, forwarded whole, or has its like in another part (multipart/alternative), is left out.
    """
    message = message[:MOST_OF_A_MAIL]
    for kind in (PLAIN, HTML):
        found = _search(message, 0, kind)
        if found is not None:
            return text_in(found)
    return ""


def text_in(part: Part) -> str:
    """Give the text of a part of plain text or HTML."""
    data = undone(part.body[:MOST_OF_A_TEXT], part.encoding)
    text = in_charset(data, part.charset)
    return text_of_html(text) if part.kind == HTML else text


def _search(entity: bytes, depth: int, kind: str) -> Part | None:
    part = part_of(entity)
    if part is None or part.disposition.strip().lower().startswith("attachment"):
        return None
    if (part.kind or PLAIN) == kind:
        return part
    if depth == MAX_NESTING:
        return None
    return next((found for inner in part.parts() if (found := _search(inner, depth + 1, kind))), None)
