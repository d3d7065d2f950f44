"""What it means that an HTTP request failed: now, or for good; in a sentence without the address.

Feeds have their secret in the address, and the messages of the libraries hold addresses, also in the chain of causes
that a traceback prints. So nothing of an error gets any further than its type, and what TLS says of a certificate.
"""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests import exceptions
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

from keepwarm.connectors.contract import ConnectorError, Later, Refused
from keepwarm.connectors.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEAST_WAIT = timedelta(seconds=30)
MOST_WAIT = timedelta(days=1)
_USUAL_WAIT = timedelta(minutes=5)
_PASSING = frozenset({408, 425, 429}) | frozenset(range(500, 600)) - {501, 507}  # the two are answers, not troubles
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_DEEPEST_CAUSE = 12


class Throttled(Later):
    """The server has too much to do, or of us (429, 503): until then nothing is to be asked of it at all."""


def place(url: str) -> str:
    """Name a server as sentences may: scheme, host and port, nothing of a path, a query or a user."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the server"
    host = parts.hostname or ""
    return clean(f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}")


def explained(error: Exception, url: str) -> ConnectorError:
    """Say what it means that a request could not be made, or its answer not be read."""
    where, causes = place(url), list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(
                f"The certificate of {where} is not trusted: {clean(cause.verify_message)}.",
                "If the server is yours, set ca_file to its certificate (PEM); else ask who runs it.",
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
            return Refused(f"{where} does not speak TLS there.", "Check the address, and its port.")
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Later(f"{where} cannot be found: its name has no address now.")
    if any(isinstance(cause, (TimeoutError, ReadTimeoutError)) for cause in causes):
        return Later(f"{where} did not answer in time.")
    if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)):
        return Refused(f"{where} was asked for by an address that is none.", "Check the address of this account.")
    if isinstance(error, exceptions.ConnectionError):
        return Later(f"{where} cannot be reached, or broke off.")
    return Later(f"{where} broke off, or gave an answer that cannot be read.")


def fault_of(status: int, headers: Mapping[str, str], url: str) -> Later | None:
    """Say that a status means "not now", or give None if it is an answer."""
    if status not in _PASSING:
        return None
    asked = "Retry-After" in headers
    if status in (429, 503):
        return Throttled(f"{place(url)} is busy (HTTP {status}).", wait_of(headers), asked=asked)
    return Later(f"{place(url)} has trouble of its own (HTTP {status}).", wait_of(headers), asked=asked)


def wait_of(headers: Mapping[str, str]) -> timedelta:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date; within bounds, whatever it says."""
    written = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(written):
        wait = timedelta(seconds=min(float(written), MOST_WAIT.total_seconds()))
    else:
        until = _date(written)
        # By the server's own clock if it tells it: ours may be wrong.
        wait = _USUAL_WAIT if until is None else until - (_date(headers.get("Date", "")) or datetime.now(UTC))
    return max(LEAST_WAIT, min(wait, MOST_WAIT))


def _date(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that it wraps: the libraries put the cause into the arguments, or into ``reason``."""
    waiting = [error]
    for _ in range(_DEEPEST_CAUSE):
        if not waiting:
            return
        cause = waiting.pop(0)
        yield cause
        inner = [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
        waiting += [one for one in inner if isinstance(one, BaseException)]
