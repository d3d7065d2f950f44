"""What it means that Google refuses a request: now, or for good (Google's "Resolve errors" of Gmail and Calendar)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import ConnectorError, Later, Refused, SignInNeeded
from keepwarm.connectors.http_faults import wait_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_TOMORROW = timedelta(hours=6)
_SIGN_IN = "Sign in again: keepwarm login, with the account's name."


@dataclass(frozen=True, slots=True)
class GoogleFault:
    """An answer that is an error."""

    status: int
    reasons: frozenset[str] = frozenset()
    retry_after: timedelta | None = None  # if Google says so

    @classmethod
    def of(cls, error: Any) -> GoogleFault:
        """Read an HttpError of the client library."""
        response: Mapping[str, str] = error.resp
        said = response.get("retry-after")
        date = response.get("date", "")
        wait = wait_of({"Retry-After": said, "Date": date}) if said else None
        return cls(int(response["status"]), _reasons(error.content), wait)

    @property
    def is_rate(self) -> bool:
        """Is it that too much was asked in too short a time?"""
        return self.status == 429 or (self.status == 403 and bool(self.reasons & _RATE))

    @property
    def passes(self) -> bool:
        """May the same request succeed soon?"""
        return self.is_rate or self.status in (408, 409, 425) or self.status >= 500

    @property
    def is_gone(self) -> bool:
        """Does what was asked for not exist, or not any more?"""
        return self.status in (404, 410)

    def explained(self, api: str) -> ConnectorError:
        """Say what it means, if it was not expected."""
        if self.passes:
            busy = "is asked too much for now" if self.is_rate else f"has trouble of its own (HTTP {self.status})"
            return Later(f"Google's {api} {busy}.", self.retry_after or timedelta(minutes=1))
        if self.status == 403 and self.reasons & _SPENT:
            return Later(f"The day's quota of Google's {api} is spent.", _TOMORROW)
        if self.status == 401:
            return SignInNeeded(f"Google's {api} does not take the sign-in any more.", _SIGN_IN)
        if self.status == 403 and self.reasons & _OFF:
            return Refused(
                f"The {api} is not switched on in the project of your OAuth client.",
                f"In Google's console, under APIs & Services > Library, enable: {api}.",
            )
        if self.status == 403 and self.reasons & _SCOPE:
            return SignInNeeded(f"Google's {api} was not granted.", f"{_SIGN_IN} Tick all boxes.")
        return Refused(f"Google's {api} refuses (HTTP {self.status}).", "If it stays, sign in again.")


def _reasons(content: bytes | str) -> frozenset[str]:
    """Give the reasons of an error, of either generation of Google's APIs."""
    try:
        error = json.loads(content)["error"]
        found = [*error.get("errors", ()), *error.get("details", ())]
        return frozenset(str(one["reason"]) for one in found if isinstance(one, dict) and "reason" in one)
    except (ValueError, TypeError, KeyError, AttributeError):
        return frozenset()
