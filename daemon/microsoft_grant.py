"""A grant of Microsoft: msal's cache, kept as it is; read again before each use, and written whenever msal changed it.

Whoever renews it holds its lock, so that two processes never spend one refresh token; and what the other one has
renewed meanwhile counts before a grant is given up.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.microsoft_http import MsalHttp
from keepwarm.daemon.microsoft_refusals import refusal_in, told
from keepwarm.daemon.secret import SecretError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.grants import Grants

EARLY = 300.0  # seconds before its end from which on an access token is not used any more


@contextmanager
def application(account: MicrosoftAccount, cache: Any) -> Iterator[Any]:
    """Give msal's application of an account over a cache; no host but that of ``authority`` is asked about it.

    Raises Later and Refused.
    """
    # It tells codes and answers when it is asked to debug.
    logging.getLogger("msal").setLevel(logging.CRITICAL + 1)
    import msal  # noqa: PLC0415 - heavy

    http = MsalHttp(account.ca_file)
    try:
        app = msal.PublicClientApplication(
            account.client_id,
            authority=account.authority,
            instance_discovery=False,
            token_cache=cache,
            http_client=http,
        )
    except ValueError:  # msal says so of an authority that it cannot use; its own text holds the address
        http.close()
        raise Refused(
            "There is no sign-in at the address in authority.",
            "Check authority: https://login.microsoftonline.com/common, or the address of your organisation's.",
        ) from None
    try:
        yield app
    finally:
        http.close()


def new_cache(text: str = "") -> Any:
    """Make a cache of a kept grant; an empty one of what is none."""
    import msal  # noqa: PLC0415 - heavy

    cache = msal.SerializableTokenCache()
    try:
        cache.deserialize(text or None)
    except (ValueError, TypeError, AttributeError):
        cache = msal.SerializableTokenCache()
    return cache


def _digest(grant: str) -> bytes:
    return sha256(grant.encode()).digest()


@dataclass(slots=True)
class MicrosoftTokens:
    """Hands out access tokens of one account.

    One is kept in memory as long as it lasts, and as the grant that it came from is the one that is kept: whoever signs
    out, or in as somebody else, has done so for all processes.
    """

    grants: Grants
    account: MicrosoftAccount
    scopes: tuple[str, ...]
    _token: str = field(default="", repr=False)
    _ends: float = 0.0  # by the monotonic clock
    _grant: bytes = field(default=b"", repr=False)  # digest of the grant that the token came from

    def token(self, fresh: bool = False) -> str:
        """Give an access token; if ``fresh``, another one than it gave before.

        Raises Later if the identity platform cannot be asked now, SignInNeeded if it refuses for good, and Refused.
        """
        lasts = self._token and not fresh and time.monotonic() < self._ends
        if lasts and _digest(self._kept()) == self._grant:
            return self._token
        try:
            with self.grants.lock():
                answer = self._renewed(self._token if fresh else "")
        except Failure as failure:
            raise SignInNeeded(str(failure), failure.what_to_do) from failure
        self._token = str(answer["access_token"])
        self._ends = time.monotonic() + float(answer.get("expires_in", 0)) - EARLY
        return self._token

    def _renewed(self, refused: str) -> Mapping[str, Any]:
        kept = self._kept()
        if not kept:
            raise SignInNeeded("Nobody has signed in to this account yet.", self._sign_in)
        answer = self._asked(kept, refused)
        if answer is not None and "access_token" not in answer and self._kept() != kept:
            answer = self._asked(self._kept(), refused)  # somebody has signed in, or renewed it, meanwhile
        if answer is None:
            raise SignInNeeded("What was granted does not reach what the settings need now.", self._sign_in)
        if "access_token" in answer:
            return answer
        refusal = refusal_in(answer)
        if refusal is None:
            raise Later("Microsoft's sign-in service gives no usable answer now.")
        raise SignInNeeded(*told(refusal, answer, self.account.name))

    def _asked(self, kept: str, refused: str) -> Mapping[str, Any] | None:
        """Have msal give a token, from the cache or a renewed one. None if the grant is not for this."""
        cache, self._grant = new_cache(kept), _digest(kept)
        try:
            with application(self.account, cache) as app:
                users = app.get_accounts()
                if not users:
                    return None
                answer: Mapping[str, Any] | None = app.acquire_token_silent_with_error(list(self.scopes), users[0])
                if refused and answer is not None and answer.get("access_token") == refused:
                    answer = app.acquire_token_silent_with_error(list(self.scopes), users[0], force_refresh=True)
        finally:
            # Whatever came of it: msal takes out what is over, and never a refresh token that was only refused.
            if cache.has_state_changed:
                self._grant = _digest(changed := cache.serialize())
                self.grants.save(changed)
        return answer

    def _kept(self) -> str:
        try:
            return self.grants.load()
        except SecretError as error:
            raise SignInNeeded(f"What Microsoft granted cannot be had: {error}.", error.what_to_do) from error

    @property
    def _sign_in(self) -> str:
        return f"Sign in: keepwarm login {self.account.name}"
