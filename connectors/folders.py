"""Names of mail folders that hold no correspondence: junk, trash and drafts, in English and German."""

from __future__ import annotations

import binascii
import re

_LEFT_OUT = frozenset(
    {
        "junk", "junk e-mail", "junk mail", "junk-e-mail", "spam", "bulk mail", "spamverdacht", "werbung",
        "trash", "bin", "deleted", "deleted items", "deleted messages", "papierkorb", "gelöscht",
        "gelöschte elemente", "gelöschte objekte",
        "drafts", "draft", "templates", "outbox", "entwürfe", "vorlagen", "postausgang",
    }
)  # fmt: skip
_SHIFTED = re.compile(r"&([^-]*)-")


def is_left_out(name: str) -> bool:
    """Say whether a folder, or one that it lies in, is for junk, trash or drafts.

    ``name`` is a path with "." or "/" between its levels, in modified UTF-7 or not.
    """
    return any(level.casefold() in _LEFT_OUT for level in re.split("[./]", decoded_name(name)))


def decoded_name(name: str) -> str:
    """Decode modified UTF-7 (RFC 3501, 5.1.3), as Maildir++ has it; what is none stays as it is."""
    return _SHIFTED.sub(_unshifted, name)


def _unshifted(shifted: re.Match[str]) -> str:
    letters = shifted[1].replace(",", "/")
    if not letters:
        return "&"
    try:
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4)).decode("utf-16-be")
    except ValueError:
        return shifted[0]
