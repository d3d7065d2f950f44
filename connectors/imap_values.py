"""The data of an IMAP response (RFC 3501, section 9; RFC 9051), read into nested values.

imaplib cuts a response into pieces: text, and text with the literal that follows it. Nothing here trusts what
it reads: a response repeats file names and parameters that strangers wrote.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Iterable

Piece: TypeAlias = bytes | tuple[bytes, bytes]
"""Text, or text that ends in ``{n}`` with the literal of n bytes."""

Value: TypeAlias = Union[bytes, "list[Value]", None]
"""An atom, number or string as bytes, NIL as None, a parenthesised list as a list."""

MAX_NESTING = 100

_TOKEN = re.compile(
    rb"""(?P<parenthesis>[()])
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | (?P<atom> BODY\[[^\]]*\](?:<\d+>)? | [^\s()"]+ )
    | (?P<other>\S)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class BrokenAnswerError(Exception):
    """A response does not follow the grammar."""


def values(pieces: Iterable[Piece]) -> list[Value]:
    """Read the pieces of one response.

    Raises BrokenAnswerError for an open string, unmatched parentheses, or over ``MAX_NESTING`` levels.
    """
    top: list[Value] = []
    stack = [top]
    for piece in pieces:
        if isinstance(piece, tuple):
            text, literal = piece
            _read(text[: text.rindex(b"{")].removesuffix(b"~"), stack)
            stack[-1].append(literal)
        else:
            _read(piece, stack)
    if len(stack) != 1:
        raise BrokenAnswerError("a list is not closed")
    return top


def _read(text: bytes, stack: list[list[Value]]) -> None:
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "atom":
                atom = token["atom"]
                stack[-1].append(None if atom.upper() == b"NIL" else atom)
            case "quoted":
                stack[-1].append(_ESCAPED.sub(rb"\1", token["quoted"]))
            case "parenthesis":
                _nest(token["parenthesis"], stack)
            case _:
                raise BrokenAnswerError("a string is not closed")


def _nest(parenthesis: bytes, stack: list[list[Value]]) -> None:
    if parenthesis == b"(":
        if len(stack) > MAX_NESTING:
            raise BrokenAnswerError("lists are nested too deeply")
        inner: list[Value] = []
        stack[-1].append(inner)
        stack.append(inner)
    elif len(stack) == 1:
        raise BrokenAnswerError("a list ends that never began")
    else:
        stack.pop()


def pairs(items: Value) -> dict[bytes, Value]:
    """Read a list of names and values, in any order; gives names in upper case. Raises BrokenAnswerError."""
    if not isinstance(items, list) or len(items) % 2:
        raise BrokenAnswerError("not a list of names and values")
    found: dict[bytes, Value] = {}
    for name, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(name, bytes):
            raise BrokenAnswerError("a name is a list, or NIL")
        found[name.upper()] = value
    return found


def number(value: Value) -> int | None:
    """Read a number (at most 20 digits); None for anything else."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) <= 20 else None
