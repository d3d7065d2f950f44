"""An account at Microsoft in this process: the real msal, a grant in a file, an identity platform of the tests' own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
from keyring.backends import fail

from keepwarm.daemon.configuration import parse
from keepwarm.daemon.grants import Grants
from keepwarm.daemon.microsoft_grant import MicrosoftTokens
from keepwarm.daemon.microsoft_login import sign_in
from keepwarm.daemon.microsoft_scopes import scopes_for
from tests.servers.graph import Graph
from tests.servers.graph_identity import CLIENT_ID, Identity
from tests.servers.web import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.settings import Configuration


@dataclass(slots=True)
class Signing:
    """An account, and the servers that it is at."""

    graph: Graph
    identity: Identity

    def settings(self, more: str = "", *, authority: str = "") -> Configuration:
        text = f"""
[[account]]
name = "work"
kind = "microsoft"
client_id = "{CLIENT_ID}"
authority = "{authority or self.identity.authority}"
endpoint = "{self.graph.url}"
ca_file = "{self.identity.ca_file}"
{more}"""
        return parse(text, Path("/nowhere/config.toml"))

    def sign_in(self, more: str = "", **how: Any) -> str:
        settings = self.settings(more)
        return sign_in(account_of(settings), settings, **{"device": True, "browser": False, **how})

    def tokens(self, more: str = "") -> MicrosoftTokens:
        """Give what a new process has."""
        settings = self.settings(more)
        account = account_of(settings)
        return MicrosoftTokens(Grants.of("work"), account, scopes_for(account, settings))


def account_of(settings: Configuration) -> MicrosoftAccount:
    return settings.accounts[0]  # type: ignore[return-value]


@contextmanager
def signing_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    """Give the servers, and an account there; grants go to a file below ``tmp_path``."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    context, ca_file = certificate(tmp_path)
    graph = Graph()
    identity = Identity(graph, context, ca_file, pending=0)
    yield Signing(graph, identity)
    identity.stop()
    graph.stop()
    keyring.set_keyring(before)
