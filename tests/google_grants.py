"""Grants of Google's fake, kept in a folder of the test's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon.google_client import GoogleClient
from keepwarm.daemon.google_grant import GoogleGrant, Tokens
from keepwarm.daemon.google_scopes import EVENTS
from keepwarm.daemon.grants import Grants

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.google import Google

__all__ = ["EVENTS", "kept", "tokens_to"]


def tokens_to(google: Google, folder: Path, *, access_over: bool = False, age: timedelta = timedelta()) -> Tokens:
    """Sign in without a browser, ``age`` ago; give what hands out the account's tokens."""
    client = GoogleClient.read(google.client_file(folder / "client.json"))
    grants = Grants("work", folder / "grants")
    grant = GoogleGrant.of(google.tokens.grant(EVENTS), [EVENTS], datetime.now(UTC) - age)
    if access_over:
        grant = replace(grant, access_ends=datetime.now(UTC).isoformat())
    grants.save(grant.text())
    return Tokens(grants, lambda: client, (EVENTS,))


def kept(tokens: Tokens) -> GoogleGrant:
    """Give what is kept of the grant."""
    found = GoogleGrant.read(tokens.grants.load())
    assert found is not None
    return found
