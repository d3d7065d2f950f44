"""Safe text: what came out of a mailbox, made fit to be shown on one line of a terminal or a page."""

from __future__ import annotations

import re

LONGEST_LOOKED_AT = 4000
"""Characters of a text that are looked at; what follows can only be cut off."""

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor moves (ECMA-48, 5.4)
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS and their like
    r"|\x1b[ -/]*[0-~]?"
)
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # direction, joiners
    "\U000e0000-\U000e007f]"  # tags
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")
_MAILBOX = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")


def one_line(text: str, limit: int = 120) -> str:
    """Give ``text`` on one line of at most ``limit`` characters, without anything that steers a display.

    Escape sequences, C0 and C1 controls, direction marks and isolates, invisible characters and piles of
    combining marks are taken out; white space is one blank; a lone surrogate becomes U+FFFD; what is cut ends
    in "…".
    """
    text = _ESCAPES.sub("", text[:LONGEST_LOOKED_AT])
    text = _INVISIBLE.sub("", " ".join(text.split()))
    text = _PILED_MARKS.sub(r"\1", _SURROGATE.sub("\ufffd", text)).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def mailbox(address: str) -> str:
    """Give ``address`` if it can stand in a mailto: link as one plain recipient (RFC 6068, 2), else ""."""
    return address if _MAILBOX.fullmatch(address) else ""
