"""One of Google's APIs, asked through Google's own client library, with what makes asking last: waiting, and again.

The library's descriptions of the APIs are those that it ships: nothing is fetched to begin with.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later
from keepwarm.connectors.google_budget import PER_MINUTE, Budget
from keepwarm.connectors.google_faults import GoogleFault
from keepwarm.connectors.google_http import GoogleHttp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TRIES = 6
PATIENCE = 90.0
"""Seconds that are waited within a pull; what takes longer is left to the next."""

_LONGEST_BACKOFF = 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSettings:
    """How an account at Google is reached.

    ``token`` gives an access token, another one than its argument; ``pause`` waits so many seconds: the connector
    itself never does. ``endpoint`` stands for all of Google's own addresses, if it is set.
    """

    token: Callable[[str], str] = field(repr=False)
    pause: Callable[[float], None]
    endpoint: str = ""
    clock: Callable[[], float] = time.monotonic


class NotFoundError(Exception):
    """What was asked for does not exist, or not any more; ``status`` is 404 or 410."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What became of the requests of a batch, by their names."""

    found: dict[str, Mapping[str, Any]]
    gone: frozenset[str]
    broken: dict[str, int]  # with the HTTP status


class GoogleApi:
    """An API by its name and version; ``called`` is what people call it."""

    def __init__(
        self,
        settings: GoogleSettings,
        name: str,
        version: str,
        called: str,
        path: str = "",
        *,
        per_minute: int = PER_MINUTE,
    ) -> None:
        self._settings = settings
        self._names = (name, version, path)
        self._called = called
        self._http = GoogleHttp(settings.token)
        self.budget = Budget(settings.pause, settings.clock, per_minute)

    @cached_property
    def service(self) -> Any:
        """The library's object for this API."""
        from googleapiclient.discovery import build  # noqa: PLC0415 - heavy

        name, version, path = self._names
        options = {"api_endpoint": f"{self._settings.endpoint}{path}"} if self._settings.endpoint else None
        return build(
            name, version, http=self._http, static_discovery=True, cache_discovery=False, client_options=options
        )

    def ask(self, request: Any, units: int = 0, tries: int = TRIES) -> Mapping[str, Any]:
        """Send a request, which costs so many units, again if it may help.

        Raises NotFoundError, Later, SignInNeeded or Refused.
        """
        from googleapiclient.errors import HttpError  # noqa: PLC0415 - heavy

        for attempt in range(tries):
            self.budget.spend(units)
            try:
                found: Mapping[str, Any] = request.execute(http=self._http)
            except HttpError as error:
                fault = GoogleFault.of(error)
                if fault.is_gone:
                    raise NotFoundError(fault.status) from None
                self._wait(fault, attempt + TRIES - tries)
            except _unreachable() as error:
                raise self._unreached(error) from None
            else:
                return found
        raise Later(f"Google's {self._called} cannot be asked now.")

    def ask_together(self, requests: Mapping[str, Any], units: int = 0) -> Parts:
        """Send requests as one batch, each of which costs so many units; those that failed for now, again.

        What fails again and again while others do not is broken. Raises Later, SignInNeeded or Refused.
        """
        found: dict[str, Mapping[str, Any]] = {}
        faults: dict[str, GoogleFault] = {}
        waiting = dict(requests)
        for attempt in range(TRIES):
            self.budget.spend(units * len(waiting))
            some, faulty = self._batch(waiting)
            found |= some
            faults = {name: fault for name, fault in (faults | faulty).items() if name not in found}
            waiting = {name: requests[name] for name in waiting if _is_open(name, found, faults)}
            if not waiting:
                break
            slowest = max((faults[name] for name in waiting if name in faults), key=_insistence, default=_NO_ANSWER)
            self._wait(slowest, attempt, last=bool(found) and not slowest.is_rate)
        return self._parts(found, faults, waiting)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _parts(
        self, found: dict[str, Mapping[str, Any]], faults: dict[str, GoogleFault], waiting: Mapping[str, Any]
    ) -> Parts:
        for fault in faults.values():
            if fault.status in (401, 403):
                raise fault.explained(self._called)  # that is about who asks, not about what was asked for
        gone = frozenset(name for name, fault in faults.items() if fault.is_gone)
        broken = {name: fault.status for name, fault in faults.items() if not fault.is_gone}
        broken.update({name: 503 for name in waiting if name not in broken})
        if broken and not (found or gone):
            raise next(iter(faults.values()), _NO_ANSWER).explained(self._called)
        return Parts(found=found, gone=gone, broken=broken)

    def _batch(self, requests: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], dict[str, GoogleFault]]:
        """Send one batch; what is in neither result was not answered."""
        from googleapiclient.errors import BatchError, HttpError  # noqa: PLC0415 - heavy
        from googleapiclient.http import BatchHttpRequest  # noqa: PLC0415

        found: dict[str, Mapping[str, Any]] = {}
        faults: dict[str, GoogleFault] = {}

        def answered(name: str, answer: Any, error: Any) -> None:
            if error is None:
                found[name] = answer
            elif isinstance(error, HttpError):
                faults[name] = GoogleFault.of(error)

        batch = BatchHttpRequest(callback=answered, batch_uri=self._batch_uri)
        for name, request in requests.items():
            batch.add(request, request_id=name)
        try:
            batch.execute(http=self._http)
        except HttpError as error:
            fault = GoogleFault.of(error)
            if not fault.passes:
                raise fault.explained(self._called) from None
            return {}, dict.fromkeys(requests, fault)
        except (BatchError, KeyError):
            return found, faults  # some parts are missing
        except _unreachable() as error:
            raise self._unreached(error) from None
        return found, faults

    @property
    def _batch_uri(self) -> str:
        name, version, _ = self._names
        root = self._settings.endpoint or ("https://gmail.googleapis.com" if name == "gmail" else _CALENDARS_ROOT)
        return f"{root}/batch/{name}/{version}"

    def _wait(self, fault: GoogleFault, attempt: int, *, last: bool = False) -> None:
        """Wait before the next try, if there is one; ``last``: do not raise after the last.

        Raises what the fault means otherwise.
        """
        if not fault.passes:
            raise fault.explained(self._called)
        if attempt + 1 >= TRIES:
            if last:
                return
            raise fault.explained(self._called)
        # Jitter keeps several processes from asking again at the same moment.
        backoff = min(2.0**attempt, _LONGEST_BACKOFF) * (1 + random.random())  # noqa: S311 - no secret
        seconds = max(backoff, fault.retry_after.total_seconds() if fault.retry_after else 0.0)
        if seconds > PATIENCE:
            raise Later(f"Google's {self._called} asks for a pause.", timedelta(seconds=seconds))
        self._settings.pause(seconds)

    def _unreached(self, error: Exception) -> Later:
        return Later(f"Google's {self._called} cannot be reached ({type(error).__name__}).")


_CALENDARS_ROOT = "https://www.googleapis.com"
_NO_ANSWER = GoogleFault(503)


def _is_open(name: str, found: Mapping[str, Any], faults: Mapping[str, GoogleFault]) -> bool:
    return name not in found and (name not in faults or faults[name].passes)


def _unreachable() -> tuple[type[Exception], ...]:
    import httplib2  # noqa: PLC0415 - heavy

    return (OSError, httplib2.HttpLib2Error, EOFError)


def _insistence(fault: GoogleFault) -> tuple[bool, timedelta]:
    return fault.is_rate, fault.retry_after or timedelta()
