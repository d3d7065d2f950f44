"""Google's sign-in: the page where a user consents, and the token endpoint (RFC 6749, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from tests.servers.google_answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(slots=True)
class GoogleTokens:
    """One user's grants to one client."""

    client_id: str = "123.apps.example"
    client_secret: str = "client-secret-word"
    denies: bool = False  # the user presses "Cancel"
    leaves_out: str = ""  # a scope whose box the user does not tick: the end of its name
    seconds: int = 3600  # that an access token lasts
    test_mode: bool = False  # grants last for seven days, and Google says so
    rotates: bool = False  # a refresh token is good for one time only
    refuses: str = ""  # the error of each refresh
    subtype: str = ""  # of that error
    user: str = "101"  # the account's id
    scopes: tuple[str, ...] = ()
    refreshes: int = 0
    meanwhile: Callable[[], None] | None = None  # what happens while a refresh is on its way
    refresh_token: str = ""
    _challenge: str = ""
    _redirect: str = ""
    _access: set[str] = field(default_factory=set)
    _number: int = 0

    def grant(self, *scopes: str) -> dict[str, Any]:
        """Grant without a browser; give what the token endpoint would answer."""
        self.scopes = scopes
        self.refresh_token = self._new("refresh")
        return self._answer(with_refresh=True)

    def revoke(self) -> None:
        """Take the grant back."""
        self.refresh_token = ""
        self._access.clear()

    def opens(self, authorization: str) -> bool:
        return authorization.removeprefix("Bearer ") in self._access

    def end_access(self) -> None:
        """Let access tokens expire on the server, whatever was said of their end."""
        self._access.clear()

    def answer(self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes) -> Answer:
        if path == "/auth":
            return self._consent({name: values[0] for name, values in query.items()})
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        basic = base64.b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode().partition(":")
        client = (asked.get("client_id") or basic[0], asked.get("client_secret") or basic[2])
        if client != (self.client_id, self.client_secret):
            return Answer(401, {"error": "invalid_client", "error_description": "The OAuth client was not found."})
        if asked["grant_type"] == "authorization_code":
            return self._exchange(asked)
        return self._refresh(asked)

    def _consent(self, asked: Mapping[str, str]) -> Answer:
        assert (asked["access_type"], asked["code_challenge_method"]) == ("offline", "S256")
        assert asked["redirect_uri"].startswith("http://127.0.0.1:")
        self._challenge, self._redirect = asked["code_challenge"], asked["redirect_uri"]
        wanted = asked["scope"].split()
        self.scopes = tuple(one for one in wanted if not (self.leaves_out and one.endswith(self.leaves_out)))
        told = {"error": "access_denied"} if self.denies else {"code": "the-code", "scope": " ".join(self.scopes)}
        return Answer(302, b"", {"Location": f"{self._redirect}?{urlencode({**told, 'state': asked['state']})}"})

    def _exchange(self, asked: Mapping[str, str]) -> Answer:
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self._challenge
        if not proven or asked["code"] != "the-code" or asked["redirect_uri"] != self._redirect:
            return Answer(400, {"error": "invalid_grant", "error_description": "Bad Request"})
        self.refresh_token = self._new("refresh")
        return Answer(200, self._answer(with_refresh=True))

    def _refresh(self, asked: Mapping[str, str]) -> Answer:
        self.refreshes += 1
        if self.meanwhile is not None:
            self.meanwhile()
        if self.refuses:
            subtype = {"error_subtype": self.subtype} if self.subtype else {}
            return Answer(400, {"error": self.refuses, "error_description": "As the test wants it.", **subtype})
        if not self.refresh_token or asked["refresh_token"] != self.refresh_token:
            said = "Token has been expired or revoked."
            return Answer(400, {"error": "invalid_grant", "error_description": said})
        if self.rotates:
            self.refresh_token = self._new("refresh")
        return Answer(200, self._answer(with_refresh=self.rotates))

    def _answer(self, *, with_refresh: bool) -> dict[str, Any]:
        access = self._new("access")
        self._access.add(access)
        told: dict[str, Any] = {
            "access_token": access,
            "expires_in": self.seconds,
            "scope": " ".join(self.scopes),
            "token_type": "Bearer",
        }
        if with_refresh:
            told["refresh_token"] = self.refresh_token
        if with_refresh and "openid" in self.scopes:
            claims = base64.urlsafe_b64encode(json.dumps({"sub": self.user}).encode()).decode().rstrip("=")
            told["id_token"] = f"e30.{claims}.c2ln"
        if with_refresh and self.test_mode:
            told["refresh_token_expires_in"] = 604_799
        return told

    def _new(self, kind: str) -> str:
        self._number += 1
        return f"{kind}-token-{self._number}"
