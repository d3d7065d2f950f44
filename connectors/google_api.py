"""One of Google's APIs, asked through Google's own client library: within its quota, and again if that may help.

Nothing here waits. What has to be waited for - the quota of a minute, a pause that Google asks for - is raised as
Later, and nothing is asked before that time is over, by whichever stream. The library's descriptions of the APIs are
those that it ships: nothing is fetched to begin with.
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

TRIES = 3
"""How often something that fails for now is asked for at once; after that it is left for later."""

_LONGEST_BACKOFF = 64.0  # seconds
_FEWEST_TOGETHER = 10
_AN_INSTANT = 0.05  # seconds: clocks are not more exact when one waits


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSettings:
    """How an account at Google is reached.

    ``token`` gives an access token, another one than its argument. ``endpoint`` stands for all of Google's own
    addresses, if it is set. ``clock`` gives seconds and never jumps.
    """

    token: Callable[[str], str] = field(repr=False)
    endpoint: str = ""
    clock: Callable[[], float] = time.monotonic


class NotFoundError(Exception):
    """What was asked for does not exist, or not any more; ``status`` is 404 or 410."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(slots=True, kw_only=True)
class Parts:
    """What became of the requests of a batch, by their names.

    It may be handed in again, when what was put off is asked for: what was found is not asked for twice.
    """

    found: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)  # for good, with the HTTP status
    failed: dict[str, int] = field(default_factory=dict)  # for now, with the HTTP status
    tries: dict[str, int] = field(default_factory=dict)  # in how many pulls it failed

    def lose_patience(self, most: int) -> None:
        """Take for refused what has failed in so many pulls; what was asked for beside it was answered."""
        for name, status in list(self.failed.items()):
            self.tries[name] = self.tries.get(name, 0) + 1
            if self.tries[name] >= most:
                self.refused[name] = status
                del self.failed[name]


class GoogleApi:
    """An API by its name and version; ``called`` is what people call it.

    ``once``: what is asked for must not be done twice, so that no request is ever repeated.
    """

    def __init__(
        self,
        settings: GoogleSettings,
        name: str,
        version: str,
        called: str,
        path: str = "",
        *,
        per_minute: int = PER_MINUTE,
        once: bool = False,
    ) -> None:
        self._settings = settings
        self._names = (name, version, path)
        self._called = called
        self._http = GoogleHttp(settings.token, once=once)
        self._tries = 1 if once else TRIES
        self._not_before = 0.0  # by the clock
        self._troubles: dict[str, int] = {}  # by what was asked for: how often in a row in vain
        self._together = 100  # requests in a batch that Google takes at once
        self.budget = Budget(settings.clock, per_minute)

    @cached_property
    def service(self) -> Any:
        """The library's object for this API."""
        from googleapiclient.discovery import build  # noqa: PLC0415 - heavy

        name, version, path = self._names
        options = {"api_endpoint": f"{self._settings.endpoint}{path}"} if self._settings.endpoint else None
        return build(
            name, version, http=self._http, static_discovery=True, cache_discovery=False, client_options=options
        )

    def afford(self, units: int) -> None:
        """Make sure that so many units can be spent now. Raises Later, with when they can."""
        wait = self._not_before - self._settings.clock()
        if wait > _AN_INSTANT:
            raise Later(f"Google's {self._called} has asked for a pause.", timedelta(seconds=wait))
        wait = self.budget.wait(units)
        if wait > _AN_INSTANT:
            raise Later(f"What Google's {self._called} gives in one minute is used up.", timedelta(seconds=wait))

    def ask(self, request: Any, units: int = 0) -> Mapping[str, Any]:
        """Send a request, which costs so many units, again if it may help.

        Raises NotFoundError, Later, SignInNeeded or Refused.
        """
        from googleapiclient.errors import HttpError  # noqa: PLC0415 - heavy

        fault, kind = _NO_ANSWER, str(request.methodId)
        for _ in range(self._tries):
            self._spend(units)
            try:
                found: Mapping[str, Any] = request.execute(http=self._http)
            except HttpError as error:
                fault = GoogleFault.of(error)
                if fault.is_gone:
                    raise NotFoundError(fault.status) from None
                if not fault.passes or fault.pause is not None:
                    break
            except _unreachable() as error:
                raise self._unreached(error) from None
            else:
                self._troubles.pop(kind, None)
                return found
        raise self._put_off(fault, kind)

    def ask_together(self, requests: Mapping[str, Any], units: int = 0, known: Parts | None = None) -> Parts:
        """Send requests in batches, each of which costs so many units; those that failed for now, again.

        ``known`` is what an earlier try has brought, and is added to, whatever is raised. Raises Later, SignInNeeded
        or Refused; of single requests that fail, only if it is about who asks.
        """
        parts = Parts() if known is None else known
        parts.failed.clear()
        for _ in range(TRIES):
            waiting = [one for one in requests if not (one in parts.found or one in parts.gone or one in parts.refused)]
            for start in range(0, len(waiting), self._together):
                chunk = waiting[start : start + self._together]
                self._spend(units * len(chunk))
                self._send_together({name: requests[name] for name in chunk}, parts)
            if not parts.failed:
                break
        if not parts.failed:
            self._troubles.pop(_BATCH, None)
        return parts

    def put_off(self, parts: Parts) -> Exception:
        """Say that what has failed is to be asked for later."""
        return self._put_off(GoogleFault(max(parts.failed.values())), _BATCH)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _send_together(self, requests: Mapping[str, Any], parts: Parts) -> None:
        """Send one batch, and sort what comes back. Raises Later if Google asks for a pause."""
        found, faults = self._batch(requests)
        parts.found |= found
        pauses = list[GoogleFault]()
        for name in requests:
            fault = faults.get(name, _NO_ANSWER)
            parts.failed.pop(name, None)
            if name in found:
                continue
            if fault.is_gone:
                parts.gone.add(name)
            elif fault.pause is not None:
                pauses.append(fault)
            elif fault.passes:
                parts.failed[name] = fault.status
            elif fault.is_about_who_asks:
                raise fault.explained(self._called)
            else:
                parts.refused[name] = fault.status
        if pauses:
            # As many at once are too many for some mailboxes: the rest, and what comes after, in smaller batches.
            self._together = max(len(requests) // 2, _FEWEST_TOGETHER)
            raise self._put_off(max(pauses, key=lambda fault: fault.pause or timedelta()), _BATCH)

    def _batch(self, requests: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], dict[str, GoogleFault]]:
        """Send one batch; what is in neither result was not answered."""
        from googleapiclient.errors import BatchError, HttpError  # noqa: PLC0415 - heavy
        from googleapiclient.http import BatchHttpRequest  # noqa: PLC0415

        found: dict[str, Mapping[str, Any]] = {}
        faults: dict[str, GoogleFault] = {}
        names = list(requests)

        def answered(number: str, answer: Any, error: Any) -> None:
            if error is None:
                found[names[int(number)]] = answer
            elif isinstance(error, HttpError):
                faults[names[int(number)]] = GoogleFault.of(error)

        batch = BatchHttpRequest(callback=answered, batch_uri=self._batch_uri)
        for number, name in enumerate(names):
            # By number: the library cannot read a long name again, once it has folded the line with it.
            batch.add(requests[name], request_id=str(number))
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

    def _spend(self, units: int) -> None:
        self.afford(units)
        self.budget.spend(units)

    def _put_off(self, fault: GoogleFault, kind: str) -> Exception:
        """Say what a fault means; if it passes, when to ask again: later each time, and never before Google says."""
        if not fault.passes:
            return fault.explained(self._called)
        troubles = self._troubles[kind] = self._troubles.get(kind, 0) + 1
        # Jitter keeps several processes from asking again at the same moment.
        seconds = min(2.0 ** min(troubles, 16), _LONGEST_BACKOFF) * (1 + random.random())  # noqa: S311 - no secret
        if fault.pause is not None:
            seconds = max(seconds, fault.pause.total_seconds())
            self._not_before = self._settings.clock() + seconds
        return Later(str(fault.explained(self._called)), timedelta(seconds=seconds))

    def _unreached(self, error: Exception) -> Later:
        return Later(f"Google's {self._called} cannot be reached ({type(error).__name__}).")


_BATCH = "batch"
_CALENDARS_ROOT = "https://www.googleapis.com"
_NO_ANSWER = GoogleFault(503)


def _unreachable() -> tuple[type[Exception], ...]:
    from http.client import HTTPException  # noqa: PLC0415 - with what follows

    import httplib2  # noqa: PLC0415 - heavy

    return (OSError, httplib2.HttpLib2Error, HTTPException, EOFError)
