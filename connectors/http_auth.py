"""Signing in to an HTTP server: Basic (RFC 7617), Digest (RFC 7616) or Bearer (RFC 6750).

The password is asked for when it is first needed, and forgotten with ``forget``; no ``repr`` and no error holds it.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from requests.auth import AuthBase, HTTPDigestAuth
from requests.utils import parse_dict_header

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest

Scheme = Literal["basic", "digest", "bearer"]
Choice = Literal["any", "basic", "digest", "bearer"]
"""What the configuration says: "any" is Basic, unless the server offers only one of the others."""

_CHALLENGE = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?=\s+[A-Za-z0-9_.-]+\s*=|\s*,|\s*$)")
_ALGORITHMS = frozenset(("", "MD5", "MD5-SESS", "SHA", "SHA-256", "SHA-512"))
MAX_CHALLENGE = 8192  # characters of WWW-Authenticate


@dataclass(slots=True, eq=False)
class HttpAuth(AuthBase):
    """Puts the credentials on each request; Basic and Bearer at once, Digest as soon as it was challenged."""

    user: str
    password: Callable[[], str] = field(repr=False)  # Bearer: gives the token
    choice: Choice = "any"
    _scheme: Scheme | None = field(default=None, repr=False)
    _secret: str | None = field(default=None, repr=False)
    _digest: _Digest | None = field(default=None, repr=False)

    @property
    def scheme(self) -> Scheme:
        """In which way it signs in at present."""
        if self._scheme is not None:
            return self._scheme
        return "basic" if self.choice == "any" else self.choice

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request."""
        match self.scheme:
            case "basic":
                pair = f"{self.user}:{self._known()}".encode()
                request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
            case "bearer":
                # A token of anything but plain letters would be another header, or none.
                token = self._known().encode("ascii", "replace").decode()
                request.headers["Authorization"] = f"Bearer {token}"
            case "digest" if self._digest is not None:
                request.headers["Authorization"] = self._digest.header(self._known(), request)
        return request

    def learn(self, challenge: str) -> bool:
        """Learn from the WWW-Authenticate of a 401; True if sending the same once more may help."""
        offered = offers(challenge)
        before = self.scheme
        if self.choice == "any":
            self._scheme = _best(offered, before)
        if self.scheme == "digest" and "digest" in offered:
            return self._challenged(offered["digest"])
        return self.scheme != before

    def forget(self) -> None:
        """Forget the password; it is asked for again when it is needed."""
        self._secret = None

    def _known(self) -> str:
        if self._secret is None:
            self._secret = self.password()
        return self._secret

    def _challenged(self, challenge: Mapping[str, str]) -> bool:
        """Take a nonce; False if it is the one that was refused, so that nothing new can be said."""
        before, self._digest = self._digest, _Digest(self.user, challenge)
        return before is None or before.nonce != self._digest.nonce


class _Digest:
    """A nonce of the server, and how often it was used; kept from pass to pass, which spares a refusal each time."""

    _worker: Any  # its types say nothing of what it keeps for each thread

    def __init__(self, user: str, challenge: Mapping[str, str]) -> None:
        self.nonce = challenge["nonce"]
        self._worker = HTTPDigestAuth(user, "")
        self._worker.init_per_thread_state()
        self._worker._thread_local.chal = {**challenge, **({"qop": "auth"} if challenge.get("qop") else {})}

    def header(self, password: str, request: PreparedRequest) -> str:
        """Give the Authorization of a request; the password is not kept."""
        self._worker.password = password
        try:
            return str(self._worker.build_digest_header(request.method, request.url))
        finally:
            self._worker.password = ""


def offers(challenge: str) -> dict[str, dict[str, str]]:
    """Give what a WWW-Authenticate offers, by scheme in lower case; of Digest, the first that can be worked out."""
    text = challenge[:MAX_CHALLENGE]
    found: dict[str, dict[str, str]] = {}
    marks = list(_CHALLENGE.finditer(text))
    for mark, following in zip(marks, [*(one.start() for one in marks), len(text)][1:], strict=True):
        name, parameters = mark[1].lower(), _parameters(text[mark.end() : following].strip(" ,"))
        plain = {key.lower(): value or "" for key, value in parameters.items()}
        if name != "digest" or _is_usable(plain):
            found.setdefault(name, plain)
    return found


def _parameters(text: str) -> dict[str, str | None]:
    return parse_dict_header(text)  # type: ignore[no-untyped-call, no-any-return]


def _is_usable(digest: Mapping[str, str]) -> bool:
    qop = digest.get("qop", "")
    return (
        "nonce" in digest
        and "realm" in digest
        and digest.get("algorithm", "").upper() in _ALGORITHMS
        and (not qop or "auth" in (part.strip() for part in qop.split(",")))
    )


def _best(offered: Mapping[str, object], present: Scheme) -> Scheme:
    """Stay where the present way is offered, or nothing that is known; else take what is there."""
    if not offered or present in offered:
        return present
    schemes: tuple[Scheme, ...] = ("basic", "digest", "bearer")
    return next((scheme for scheme in schemes if scheme in offered), present)
