"""A grant of Google: kept as JSON, renewed when its access token is over, given up only if Google itself refuses."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.google_refusals import RAPT, refusal_of, refused_by
from keepwarm.daemon.secret import SecretError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from keepwarm.daemon.google_client import GoogleClient
    from keepwarm.daemon.grants import Grants

TEST_LIFE = timedelta(days=7)
"""So long a grant lasts if the user's client is in "testing" (Google's documentation of refresh tokens)."""

_EARLY = timedelta(minutes=2)  # an access token is renewed before it ends
_SECONDS = 30.0
_AGAIN = timedelta(minutes=5)
_ENDED = frozenset({"invalid_grant", RAPT})
"""Errors that end a grant; another client file is the cure for all others, and then the grant may still be good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleGrant:
    """What Google gave; times are ISO 8601, aware."""

    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    access_ends: str = ""
    scopes: tuple[str, ...] = ()
    granted: str = ""
    ends: str = ""  # if Google said that the grant is for a time
    refused: str = ""  # why Google ended it
    address: str = ""  # whose account it is, lower case
    user: str = ""  # the id of that account, if it was asked for

    @classmethod
    def read(cls, text: str) -> GoogleGrant | None:
        """Read a kept grant; None if it is none."""
        try:
            found = json.loads(text)
            return cls(**{**found, "scopes": tuple(found["scopes"])})
        except (ValueError, TypeError, KeyError):
            return None

    @classmethod
    def of(cls, token: Mapping[str, Any], scopes: Iterable[str], now: datetime) -> GoogleGrant:
        """Make it of the token endpoint's answer."""
        return cls(
            refresh_token=str(token.get("refresh_token", "")),
            access_token=str(token.get("access_token", "")),
            access_ends=_after(now, token.get("expires_in")) or now.isoformat(),
            scopes=tuple(sorted(scopes)),
            granted=now.isoformat(),
            ends=_after(now, token.get("refresh_token_expires_in")),
            user=_subject(token.get("id_token")),
        )

    def text(self) -> str:
        """Write it, to be kept."""
        return json.dumps(asdict(self))

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the access token can still be used."""
        return bool(self.access_token) and now + _EARLY < datetime.fromisoformat(self.access_ends)


def _after(now: datetime, seconds: object) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 10**9:
        return ""
    return (now + timedelta(seconds=seconds)).isoformat()


def _subject(id_token: object) -> str:
    """Read the account's id out of an ID token.

    It came straight from the token endpoint, so nobody else can have signed it (OpenID Connect Core, 3.1.3.7).
    """
    try:
        _, body, _ = str(id_token or "").split(".")
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return str(found["sub"])[:255]
    except (ValueError, TypeError, KeyError):
        return ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Hands out access tokens of one account, for what needs the scopes in ``needed``."""

    grants: Grants
    client: Callable[[], GoogleClient]
    needed: tuple[str, ...]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def grant(self) -> GoogleGrant:
        """Give the kept grant.

        Raises SignInNeeded if there is none, or it is over, and Refused if too little was granted: that does not keep
        the account's other things from being read.
        """
        found = GoogleGrant.read(self._kept())
        if found is None:
            raise SignInNeeded("Nobody has signed in to this account yet.", self._sign_in)
        if found.refused:
            raise SignInNeeded(found.refused, self._cure(found))
        missing = [one.rpartition("/")[2] for one in self.needed if one not in found.scopes]
        if missing:
            raise Refused(
                f"This needs more than was granted at Google: {', '.join(missing)}.",
                f"{self._sign_in}, and tick all boxes that Google shows.",
            )
        return found

    def token(self, refused: str = "") -> str:
        """Give an access token, another one than ``refused``.

        Raises Later if the token endpoint cannot be asked now, SignInNeeded if Google has refused for good, and Refused
        if too little was granted.
        """
        found = self.grant()
        if found.is_fresh(self.clock()) and found.access_token != refused:
            return found.access_token
        try:
            with self.grants.lock():
                return self._renewed(refused)
        except Failure as failure:
            raise SignInNeeded(str(failure), failure.what_to_do) from failure

    def _renewed(self, refused: str) -> str:
        """Renew the grant, if no other process just did."""
        found = self.grant()
        if found.is_fresh(self.clock()) and found.access_token != refused:
            return found.access_token
        answer = self._ask(found)
        if "access_token" not in answer:
            return self._given_up(found, str(answer["error"]))
        renewed = replace(
            found,
            access_token=answer["access_token"],
            access_ends=answer["access_ends"],
            refresh_token=answer["refresh_token"],
        )
        self.grants.save(renewed.text())
        return renewed.access_token

    def _given_up(self, found: GoogleGrant, error: str) -> str:
        """Note that Google refuses; but if somebody has signed in meanwhile, that grant counts."""
        newest = GoogleGrant.read(self._kept())
        if newest is not None and newest.refresh_token != found.refresh_token and newest.is_fresh(self.clock()):
            return newest.access_token
        over = replace(found, refused=self._why(found, error), access_token="")
        if error in _ENDED:
            self.grants.save(over.text())
            raise SignInNeeded(over.refused, self._cure(over))
        raise SignInNeeded(over.refused, refusal_of(error).cure(self.grants.account))

    def _ask(self, found: GoogleGrant) -> dict[str, str]:
        """Ask the token endpoint: a new access token with its end, or the error by which it refuses.

        Raises Later, and SignInNeeded if the client file cannot be read.
        """
        from google.auth.exceptions import RefreshError, TransportError  # noqa: PLC0415 - heavy
        from google.auth.transport.requests import Request  # noqa: PLC0415
        from google.oauth2.credentials import Credentials  # noqa: PLC0415

        try:
            client = self.client()
        except BadUsage as error:
            raise SignInNeeded(str(error), error.what_to_do) from error
        credentials: Any = Credentials(  # type: ignore[no-untyped-call]
            None,
            refresh_token=found.refresh_token,
            token_uri=client.token_uri,
            client_id=client.client_id,
            client_secret=client.client_secret,
        )
        told = _Told(partial(Request(), timeout=_SECONDS))
        try:
            credentials.refresh(told)
        except RefreshError:
            if refusal := told.refusal:
                return {"error": refusal}
            raise Later("Google's sign-in service gives no usable answer now.", _AGAIN, asked=False) from None
        except TransportError:
            raise Later("Google's sign-in service cannot be reached.", _AGAIN, asked=False) from None
        return {
            "access_token": str(credentials.token),
            "access_ends": credentials.expiry.replace(tzinfo=UTC).isoformat(),
            "refresh_token": str(credentials.refresh_token),
        }

    def _kept(self) -> str:
        try:
            return self.grants.load()
        except SecretError as error:
            raise SignInNeeded(f"What Google granted cannot be had: {error}.", error.what_to_do) from error

    def _why(self, found: GoogleGrant, error: str) -> str:
        if error == "invalid_grant" and self._is_a_test(found):
            return "Google has ended the grant after seven days, as it does while the OAuth client is in testing."
        return refusal_of(error).why

    def _is_a_test(self, found: GoogleGrant) -> bool:
        """Tell a grant that was for a week; one that ended of itself says so, else its age does."""
        if found.ends:
            return datetime.fromisoformat(found.ends) <= self.clock()
        age = self.clock() - datetime.fromisoformat(found.granted)
        return TEST_LIFE <= age < 2 * TEST_LIFE

    def _cure(self, found: GoogleGrant) -> str:
        if "in testing" not in found.refused:
            return self._sign_in
        return (
            "Publish the app in Google's console (Google Auth Platform > Audience > Publish app; your own use "
            f"needs no review), then: keepwarm login {self.grants.account}"
        )

    @property
    def _sign_in(self) -> str:
        return f"Sign in: keepwarm login {self.grants.account}"


@dataclass(slots=True)
class _Told:
    """Asks the token endpoint, and remembers its answer: the library's errors do not tell all of it."""

    ask: Callable[..., Any]
    refusal: str = ""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        answer = self.ask(*arguments, **named)
        try:
            self.refusal = refused_by(answer.status, json.loads(answer.data))
        except ValueError:
            self.refusal = ""
        return answer
