"""The people named in an address field (RFC 5322, 3.4), read leniently and in time linear to its length."""

from __future__ import annotations

import re
from functools import lru_cache

from keepwarm.connectors.robots import is_robot_address
from keepwarm.connectors.words import readable
from keepwarm.storage.observations import Party

MAX_PARTIES = 200
"""People kept of one field; more are counted only."""

MAX_NAME = 200
_MAX_CACHED = 400

# Quoted strings and comments may hold commas and angle brackets. Each alternative takes something in one
# go, so that no input is looked at twice; an unclosed quote takes all that follows.
_TOKEN = re.compile(r'[^",;(<]+|"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|\([^()]*\)?|<[^<>]*>?|[,;]', re.DOTALL)
_ADDRESS = re.compile(r'(?:"[^"@\\]{1,64}"|[^\s@<>(),;:"\\]{1,128})@[^\s@<>(),;:"\\]{1,255}')
_COMMENT = re.compile(r"\(([^()]*)\)")


def parties(field: str) -> tuple[tuple[Party, ...], int]:
    """Give at most MAX_PARTIES of the people in ``field``, in order, and how many there are in all.

    Whoever has no address, such as the name of a group or "undisclosed-recipients:;", is left out.
    """
    if "," not in field and ";" not in field:
        alone = _known_party(field)
        return ((alone,), 1) if alone else ((), 0)
    found: list[Party] = []
    count = 0
    for mailbox in _mailboxes(field):
        if party := _known_party(mailbox):
            count += 1
            if count <= MAX_PARTIES:
                found.append(party)
    return tuple(found), count


def _mailboxes(field: str) -> list[str]:
    """Split a field at its commas, and at the semicolons of groups and of Outlook."""
    if '"' not in field and "(" not in field:
        return field.replace(";", ",").split(",")
    mailboxes: list[str] = []
    start = 0
    for token in _TOKEN.finditer(field):
        if token[0] in {",", ";"}:
            mailboxes.append(field[start : token.start()])
            start = token.end()
        elif token[0].startswith('"') and (len(token[0]) == 1 or not token[0].endswith('"')):
            return re.split("[,;]", field.replace('"', " "))
    return [*mailboxes, field[start:]]


def _name_and_address(mailbox: str) -> tuple[str, str]:
    """Take apart ``Name <address>``, ``address (Name)`` and ``address``; the address may be ""."""
    name, bracket, address = mailbox.rpartition("<")
    if bracket:
        address = address.partition(">")[0]
    else:
        comment = _COMMENT.search(mailbox)
        name, address = (comment[1], _COMMENT.sub(" ", mailbox)) if comment else ("", mailbox)
    return name, _address(address)


def _address(text: str) -> str:
    """Give an addr-spec in lower case, without a group, a route or "mailto:" before it; "" if it is none."""
    address = text.rpartition(":")[2].strip(" \t'").rstrip(".").lower()
    return address if _ADDRESS.fullmatch(address) and address.isprintable() else ""


def _party(mailbox: str) -> Party | None:
    name, address = _name_and_address(mailbox)
    return Party(address, _name(name, address), robot=is_robot_address(address)) if address else None


_cached_party = lru_cache(maxsize=8192)(_party)


def _known_party(mailbox: str) -> Party | None:
    """Read a mailbox: the same people write again and again, but rarely all of a mail together."""
    return _cached_party(mailbox) if len(mailbox) <= _MAX_CACHED else _party(mailbox)


def _name(text: str, address: str) -> str:
    """Give a display name to show, or "" where it only repeats the address."""
    text = text.strip()
    if text.startswith('"'):
        text = re.sub(r"\\(.)", r"\1", text.replace('"', "") if "\\" not in text else text.strip('"'))
    elif ":" in text:
        text = text.rpartition(":")[2]  # the name of a group goes before its first member
    name = readable(text, MAX_NAME).strip("'\" ")
    return "" if name.lower() == address else name
