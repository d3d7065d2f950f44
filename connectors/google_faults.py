"""What it means that Google refuses a request: now, or for good (Google's "Resolve errors" of Gmail and Calendar)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
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
# "User-rate limit exceeded.  Retry after 2026-11-25T12:00:00.000Z"
_UNTIL = re.compile(r"retry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z", re.ASCII | re.IGNORECASE)


class NotUnderstood(Refused):
    """What was asked makes no sense to Google, or not any more (HTTP 400)."""


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
        reasons, message = _reasons(error.content)
        said = response.get("retry-after") or _until(message)
        wait = wait_of({"Retry-After": said, "Date": response.get("date", "")}) if said else None
        return cls(int(response["status"]), reasons, wait)

    @property
    def is_rate(self) -> bool:
        """Is it that too much was asked in too short a time?"""
        return self.status == 429 or (self.status == 403 and bool(self.reasons & _RATE))

    @property
    def passes(self) -> bool:
        """May the same request succeed later, without anybody doing anything?"""
        return self.is_rate or self.is_spent or self.status in (408, 409, 425) or self.status >= 500

    @property
    def is_spent(self) -> bool:
        """Is it that nothing more is given on this day?"""
        return self.status == 403 and bool(self.reasons & _SPENT)

    @property
    def pause(self) -> timedelta | None:
        """So long nothing may be asked, if Google says so; no time at all: as long as whoever asks thinks best."""
        if self.is_spent:
            return max(self.retry_after or _TOMORROW, _TOMORROW)
        return self.retry_after or (timedelta() if self.is_rate else None)

    @property
    def is_about_who_asks(self) -> bool:
        """Is it that whoever asks may not, whatever is asked for?"""
        return self.status in (401, 403) and not self.passes

    @property
    def is_gone(self) -> bool:
        """Does what was asked for not exist, or not any more?"""
        return self.status in (404, 410)

    def explained(self, api: str) -> ConnectorError:
        """Say what it means, if it was not expected."""
        if self.is_spent:
            return Later(f"The day's quota of Google's {api} is spent.", _TOMORROW)
        if self.passes:
            busy = "is asked too much for now" if self.is_rate else f"has trouble of its own (HTTP {self.status})"
            return Later(f"Google's {api} {busy}.", self.retry_after or timedelta(minutes=1))
        if self.status == 401:
            return SignInNeeded(f"Google's {api} does not take the sign-in any more.", _SIGN_IN)
        if self.status == 403 and self.reasons & _OFF:
            return Refused(
                f"The {api} is not switched on in the project of your OAuth client.",
                f"In Google's console, under APIs & Services > Library, enable: {api}.",
            )
        if self.status == 403 and self.reasons & _SCOPE:
            return Refused(f"Google's {api} was not granted.", f"{_SIGN_IN} Tick all boxes that Google shows.")
        if self.status == 400 and "failedPrecondition" in self.reasons:
            return Refused(
                f"Google's {api} is not there for this account.",
                "If it belongs to an organisation: its administrator can switch the service on for you.",
            )
        kind = NotUnderstood if self.status == 400 else Refused
        return kind(f"Google's {api} refuses (HTTP {self.status}).", "If it stays, sign in again.")


def _reasons(content: bytes | str) -> tuple[frozenset[str], str]:
    """Give the reasons of an error, of either generation of Google's APIs, and what it says in words."""
    try:
        error = json.loads(content)["error"]
        found = [*error.get("errors", ()), *error.get("details", ())]
        reasons = frozenset(str(one["reason"]) for one in found if isinstance(one, dict) and "reason" in one)
        return reasons, str(error.get("message", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return frozenset(), ""


def _until(message: str) -> str:
    """Give the time that Gmail names in words only, as a header would; "" if it names none."""
    found = _UNTIL.search(message)
    try:
        return format_datetime(datetime.fromisoformat(found[1]).replace(tzinfo=UTC), usegmt=True) if found else ""
    except ValueError:
        return ""
