"""Text for people out of headers: encoded words decoded (RFC 2047), nothing left that could deceive.

The standard library gives up a whole header for one bad word; here each bad word stays as it was written.
"""

from __future__ import annotations

import binascii
import re

_WORD = re.compile(r"=\?([\w.:+-]{2,40})(?:\*[\w-]{1,40})?\?([bBqQ])\?([^?]*)\?=", re.ASCII)
# Only real character sets: Python's codecs also hold transformations, some slow on purpose-made input.
_CHARSETS = re.compile(
    r"us-ascii|ascii|utf-?(7|8|16|32)|iso-?(8859|2022)|latin|windows-|cp-?\d|koi8|gb|big5|euc|shift|sjis|ks_?c|mac|tis|hz",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
# Direction marks and isolates, zero-width and tag characters, halves of surrogate pairs. The joiners U+200C
# and U+200D stay: Persian, Hindi and family emojis need them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def readable(text: str, limit: int) -> str:
    """Decode ``text`` as it stands in a header and make it fit to show, at most ``limit`` characters long."""
    # An encoded word may take twelve bytes for a character: more than that can only be padding.
    return clean(decoded(text[: limit * 12]))[:limit].rstrip()


def clean(text: str) -> str:
    """Strip control characters, direction marks and isolates, and collapse white space."""
    if not text.isprintable():
        text = _INVISIBLE.sub("", _CONTROLS.sub("", text))
    return " ".join(text.split())


def decoded(text: str) -> str:
    """Decode the encoded words in ``text`` (RFC 2047); a word that cannot be decoded stays as it is."""
    if "=?" not in text:
        return text
    parts: list[str] = []
    pending, pending_charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        gap, charset = text[end : word.start()], word[1].lower()
        # White space between encoded words is only folding; a character may even be split between two words.
        if not pending_charset or gap.strip() or charset != pending_charset:
            parts.append(in_charset(pending, pending_charset))
            parts.append("" if pending_charset and not gap.strip() else gap)
            pending = b""
        pending, pending_charset, end = pending + _word_bytes(word), charset, word.end()
    return "".join((*parts, in_charset(pending, pending_charset), text[end:]))


def _word_bytes(word: re.Match[str]) -> bytes:
    """Undo the Q or B encoding of a word (RFC 2047, 4)."""
    payload = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return binascii.a2b_qp(payload, header=True)
    try:
        return binascii.a2b_base64(payload + b"===")
    except binascii.Error:
        return word[0].encode("utf-8", "replace")


def in_charset(data: bytes, charset: str) -> str:
    """Decode ``data``, whatever truth there is in ``charset``; never raises."""
    if not data:
        return ""
    for candidate in (charset, "utf-8"):
        if _CHARSETS.match(candidate):
            try:
                return data.decode(candidate)
            except (LookupError, UnicodeError):
                continue
    return data.decode("latin-1")
