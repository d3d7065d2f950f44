"""Subjects: without their reply prefixes, and hashed for threading where they may not be kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from keepwarm.storage.identity import keyed_hash63

_PREFIX = re.compile(
    r"^\s*(?:(re|aw|antw|antwort|sv|vs|odp|r|res|rif|ref)|(fwd?|wg|i|tr|enc|vb|doorst))(?:\[\d+\])?\s*:\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject taken apart: ``Re: Fwd: Offer`` is the bare ``Offer``, and says that it is a reply."""

    bare: str
    is_reply: bool


@lru_cache(maxsize=2048)  # a thread has one subject
def taken_apart(text: str) -> Subject:
    """Strip Re:, AW:, Fwd: and their like in any number; a reply is what begins with one of the first kind."""
    first = _PREFIX.match(text)
    bare = text
    while prefix := _PREFIX.match(bare):
        bare = bare[prefix.end() :]
    return Subject(bare=" ".join(bare.split()), is_reply=bool(first and first.group(1)))


@lru_cache(maxsize=2048)
def subject_hash(key: bytes, bare: str) -> int | None:
    """Give the keyed hash of a bare subject; None for an empty one, which threads nothing."""
    return keyed_hash63(key, bare.casefold()) if bare else None
