"""The author's own words in the text of a mail: without what is quoted, forwarded, or stands in every mail of theirs.

The words by which that is known are ``own_text.toml``. Lines are looked at one by one, so the work grows with the text
only, whatever is in it.
"""

from __future__ import annotations

import html
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_READ = 20_000
"""Characters of a text that are looked at."""

MOST_HTML = 100_000
"""Characters of an HTML text that are looked at."""

_LONGEST_LINE = 400  # of one that introduces a quotation
_RULE = re.compile(r"[_=-]{5,}\s*\Z")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b([^<>]{0,4000})>|<[!?][^<>]{0,4000}>")
_LINE_ENDS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr"})
_NOT_SHOWN = frozenset({"head", "script", "style", "title", "template"})
_MARKS = "*\N{ZERO WIDTH SPACE}\N{NO-BREAK SPACE}\t "


def own_text(text: str) -> str:
    """Give what the author wrote themselves."""
    lines = text[:MOST_READ].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    number = 0
    while number < len(lines) and not _ends_here(lines, number):
        length = _length_of_attribution(lines, number)
        if length and not _is_quoted(lines, number + length):
            break  # all that follows is somebody else's, at full width
        if not length and not lines[number].lstrip(_MARKS).startswith((">", "|")):
            kept.append(lines[number])
        number += length or 1
    return "\n".join(kept)


def text_of_html(source: str) -> str:
    """Give an HTML text as plain text, up to the first quotation in it; nothing is loaded or run."""
    source = source[:MOST_HTML]
    lower = source.lower()
    parts: list[str] = []
    position = 0
    while tag := _TAG.search(source, position):
        parts.append(source[position : tag.start()].replace("\n", " "))
        name, attributes = (tag[2] or "").lower(), (tag[3] or "").lower()
        position = tag.end()
        if name == "blockquote" or any(mark in attributes for mark in _words()["html_quotes"]):
            break
        if name in _LINE_ENDS:
            parts.append("\n")
        if name in _NOT_SHOWN and not tag[1]:
            end = lower.find(f"</{name}", position)
            if end < 0:
                break
            position = end
    else:
        parts.append(source[position:].replace("\n", " "))
    return html.unescape("".join(parts))


def _length_of_attribution(lines: list[str], number: int) -> int:
    """Say over how many lines a quotation is introduced here ("On ... wrote:"); 0 if none is."""
    if not lines[number].strip().lower().startswith(tuple(_words()["attribution"]["begins"])):
        return 0
    for length in (1, 2):
        said = " ".join(line.strip() for line in lines[number : number + length])
        if len(said) <= _LONGEST_LINE and _attribution().match(said):
            return length
    return 0


def _is_quoted(lines: list[str], number: int) -> bool:
    """Tell whether what stands there is marked as a quotation line by line."""
    following = (line.lstrip() for line in lines[number : number + 4] if line.strip())
    return next(following, "").startswith(">")


def _ends_here(lines: list[str], number: int) -> bool:
    """Tell whether nothing of the author's own follows."""
    bare, words = lines[number].strip(_MARKS), _words()
    lower = bare.lower().rstrip(",.!; ")
    if bare in ("--", "—") or lower in _sign_offs() or lower.startswith(tuple(words["footers"])):
        return True
    if any(mark in lower for mark in words["forwards"]):
        return True
    return _is_header_block(lines, number) or (_RULE.match(bare) is not None and _is_header_block(lines, number + 1))


def _is_header_block(lines: list[str], number: int) -> bool:
    """Tell the lines that Outlook puts before what it quotes: From, Sent, To, Subject."""
    some = [line.lower().replace("*", "").strip() for line in lines[number : number + 8]]
    some = [line for line in some if line]
    if not some or not some[0].startswith(tuple(_words()["header"]["first"])):
        return False
    others = tuple(_words()["header"]["others"])
    return sum(line.startswith(others) for line in some[1:6]) >= 2


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("keepwarm.connectors").joinpath("own_text.toml").read_text("utf-8"))


@cache
def _sign_offs() -> frozenset[str]:
    return frozenset(_words()["sign_offs"])


@cache
def _attribution() -> re.Pattern[str]:
    words = _words()["attribution"]
    begins, verbs = _any(words["begins"]), _any(words["verbs"])
    return re.compile(rf"(?:{begins})[^\n]*?(?<!\w)(?:{verbs})(?!\w)[^\n:]{{0,200}}:\s*\Z", re.IGNORECASE)


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
