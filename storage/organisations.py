"""Organisations: a person's mail domain, unless it is one at which anybody can have a mailbox."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=4096)
def organisation_of(address: str) -> str | None:
    """Give the registrable domain of an address (``mail.acme.co.uk`` is ``acme.co.uk``); None for free mail."""
    domain = address.rpartition("@")[2].strip(".")
    if not domain or "." not in domain:
        return None
    registrable = registrable_domain(domain) or domain
    return None if registrable in _free_mail() or domain in _free_mail() else registrable


def organisations_of(addresses: Iterable[str]) -> frozenset[str]:
    """Give the organisations of somebody's addresses."""
    return frozenset(where for text in addresses if (where := organisation_of(text)))


def registrable_domain(host: str) -> str | None:
    """Give what somebody has registered of a host's name; None for a public suffix itself."""
    found = _suffixes().privatesuffix(host.lower().strip("."))
    return None if found is None else str(found)


@cache
def _suffixes() -> PublicSuffixList:
    # A list of 10,000 suffixes, read only where a new contact asks for it.
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415

    return PublicSuffixList()


@cache
def _free_mail() -> frozenset[str]:
    text = resources.files("keepwarm.storage").joinpath("free_mail.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
