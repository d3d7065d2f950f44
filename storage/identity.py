"""Names of rows that outsiders may keep: made of content, so that every run over the same data gives the same."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

OWN_EVENTS = "@keepwarm"
"""With this the UID of what Keepwarm itself writes into calendars ends: none of it is anybody's meeting."""


def content_id(prefix: str, *parts: str, digits: int = 32) -> str:
    """Give ``prefix_`` and so many hex digits of the SHA-256 of the parts; parts cannot run into each other."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{prefix}_{digest[:digits]}"


@lru_cache(maxsize=4096)  # each message of a thread names those before it
def hash63(text: str) -> int:
    """Give a 63-bit hash, which fits any database's BIGINT: 1e-7 chance of one clash among a million texts."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1


def keyed_hash63(key: bytes, text: str) -> int:
    """Give a 63-bit hash that means nothing without ``key``, a secret of this database's own."""
    return int.from_bytes(hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")[:8]) >> 1


def contact_id(address: str) -> str:
    """Give the id of the contact that begins with this address."""
    return content_id("c", address, digits=24)


def meeting_id(uid: str, recurrence_id: str) -> str:
    """Give the id of a meeting that is short enough to type."""
    return content_id("mt", uid, recurrence_id, digits=12)


def happening_id(contact: str, revision: str, change: str) -> str:
    """Give the id of the line of the feed that tells what a revision, by its ref, did to a contact's meeting."""
    return content_id("mtg", contact, revision, change)


def signal_id(rule: str, about: str, key: str) -> str:
    """Give the id of what a rule found: about a contact or an organisation, and told from others there by ``key``."""
    return content_id("sig", rule, about, key)
