"""What a mail folder is for, by the name that mail programs and providers give it in many languages."""

from __future__ import annotations

import binascii
import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

SENT = "sent"
OUTBOX = "outbox"
LEFT_OUT = frozenset({"junk", "trash", "drafts", OUTBOX})
"""The uses of folders that hold no correspondence."""

_SHIFTED = re.compile(r"&([^-]*)-")


def use_of(level: str) -> str:
    """Give what a folder of this name (one level, decoded) is for: ``SENT`` or one of ``LEFT_OUT``; "" if unknown."""
    return _uses().get(same(level).strip(), "")


def same(name: str) -> str:
    """Give a name in the form in which it equals itself, whatever program wrote it: macOS takes letters apart."""
    return unicodedata.normalize("NFC", name).casefold()


def is_left_out(name: str) -> bool:
    """Say whether a folder, or one that it lies in, is for junk, trash or drafts.

    ``name`` is a path with "." or "/" between its levels, in modified UTF-7 or not.
    """
    return any(use_of(level) in LEFT_OUT for level in re.split("[./]", decoded_name(name)))


def decoded_name(name: str) -> str:
    """Decode modified UTF-7 (RFC 3501, 5.1.3), as Maildir++ has it; what is none stays as it is."""
    return _SHIFTED.sub(_unshifted, name)


@cache
def _uses() -> dict[str, str]:
    text = files("keepwarm.connectors").joinpath("folder_names.toml").read_text(encoding="utf-8")
    told: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return {same(name): use for use, languages in told.items() for names in languages.values() for name in names}


def _unshifted(shifted: re.Match[str]) -> str:
    letters = shifted[1].replace(",", "/")
    if not letters:
        return "&"
    try:
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4)).decode("utf-16-be")
    except ValueError:
        return shifted[0]
