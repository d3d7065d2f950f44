"""How msal reaches the identity platform: by the same bounded HTTP as everything else.

An outage then is told apart from a refusal before msal sees it (Later), and nothing is read from the environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from keepwarm.connectors.http import Http

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_ANSWER = 1024 * 1024  # bytes
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What msal reads of an answer."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Raise ValueError for an error; msal calls this for the platform's own configuration only."""
        if self.status_code >= 400:
            raise ValueError(f"HTTP {self.status_code}")


class MsalHttp:
    """The client that msal asks for: ``get`` and ``post`` raise Later and Refused."""

    def __init__(self, ca_file: Path | None) -> None:
        self._http = Http(ca_file=ca_file)

    def get(
        self, url: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None, **_: Any
    ) -> Answer:
        """Get an answer."""
        return self._sent("GET", url, params, headers, None)

    def post(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Answer:
        """Post a form."""
        body = urlencode(_given(data)).encode()
        return self._sent("POST", url, params, {**(headers or {}), "Content-Type": _FORM}, body)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _sent(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        body: bytes | None,
    ) -> Answer:
        query = urlencode(_given(params))
        address = f"{url}{'&' if '?' in url else '?'}{query}" if query else url
        reply = self._http.send(method, address, headers=_given(headers), body=body, limit=MAX_ANSWER)
        return Answer(reply.status, reply.body.decode("utf-8", "replace"), reply.headers)


def _given(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items() if value is not None}
