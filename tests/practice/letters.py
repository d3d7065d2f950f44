"""A message of the practice before it is written down: who wrote what to whom, and when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody who can write: a display name and an address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Give what follows the @."""
        return self.address.partition("@")[2]


OWNER = Mailbox("Sam Carter", "sam@carter-consulting.example")
OWNER_ALIAS = "hello@carter-consulting.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message. Its bytes are a pure function of these fields (mime.py)."""

    author: Mailbox
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...] = ()
    at: datetime  # aware UTC, whole seconds
    subject: str
    message_id: str  # without angle brackets
    references: tuple[str, ...] = ()  # oldest first; the last one is answered
    text: str
    html: bool = False  # also as text/html
    method: str = ""  # of the invitation, if it is one
    calendar: str = ""  # its iCalendar text
    attachment: int = 0  # bytes of an attached file
    extra: tuple[tuple[str, str], ...] = field(default=())  # further header fields

    @property
    def outgoing(self) -> bool:
        """Tell whether the owner wrote it."""
        return self.author.address in {OWNER.address, OWNER_ALIAS}

    @property
    def seal(self) -> str:
        """Give a number of its own, in hexadecimal, for ids that servers and programs put into a message."""
        return hashlib.sha256(self.message_id.encode()).hexdigest()


def new_message_id(rng: Random, author: Mailbox, software: str) -> str:
    """Make a Message-ID in the manner of the author's mail program."""
    if software == "google":
        return f"CA+{rng.getrandbits(160):040x}@mail.gmail.com"
    if software == "outlook":
        return f"{rng.getrandbits(128):032X}@{author.domain.partition('.')[0].upper()}01.prod.outlook.com"
    return f"{rng.getrandbits(64):016x}.{rng.getrandbits(32):08x}@{author.domain}"
