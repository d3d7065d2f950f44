"""The guard: whom the site lets in, and what every answer says to a browser."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import RedirectResponse, Response

from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.web.seal import SESSION_SECONDS
from keepwarm.daemon.web.visitor import Visitor

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from keepwarm.daemon.web.site import Site

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_READING = frozenset({"GET", "HEAD"})
_SEE_ONLY = "Run `keepwarm open`: it opens the page. A program sends the token of `keepwarm open --token`."


class Guard:
    """Stands before every route."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._host = urlsplit(site.origin).netloc
        self._cookie = f"keepwarm-{urlsplit(site.origin).port or 80}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let in."""
        if scope["type"] != "http":
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            answer = self._answer(scope)
        except Problem as problem:
            answer = problem.response()
        await (answer or self._app)(scope, receive, sending)

    def _answer(self, scope: Scope) -> Response | None:
        """Give the answer to who is not let in, and None for who is."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            raise Problem(421, f"This is {self._site.origin}, and no other.")
        self._check_origin(scope["method"], headers)
        if scope["path"] == "/open" and scope["method"] == "GET":
            return self._open(QueryParams(scope["query_string"]).get("token", ""))
        scope["keepwarm.visitor"] = self._visitor(headers)
        return None

    def _check_origin(self, method: str, headers: Headers) -> None:
        """Refuse what another site's page sends. Raises Problem."""
        origin = headers.get("origin")
        if origin is not None and origin != self._site.origin:
            raise Problem(403, "That is for the pages of this site only.")
        site = headers.get("sec-fetch-site", "none")
        is_visit = method in _READING and headers.get("sec-fetch-mode") == "navigate"
        if site not in ("none", "same-origin") and not is_visit:
            raise Problem(403, "That is for the pages of this site only.")

    def _visitor(self, headers: Headers) -> Visitor:
        """Tell who asks. Raises Problem."""
        seal = self._site.seal
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and seal.is_program(token.strip()):
            return Visitor(csrf="")
        session = _cookie(headers, self._cookie)
        if session and seal.is_session(session):
            return Visitor(csrf=seal.csrf_token(session))
        raise Problem(401, "You are not known here.", _SEE_ONLY, {"WWW-Authenticate": 'Bearer realm="keepwarm"'})

    def _open(self, token: str) -> Response:
        """Let a browser in that brings the token of a link."""
        if not self._site.seal.use_link(token, self._site.instance):
            raise Problem(401, "This link was used, or is older than a minute.", "Run `keepwarm open` again.")
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            self._cookie,
            self._site.seal.session_token(),
            max_age=SESSION_SECONDS,
            path="/",
            httponly=True,
            samesite="strict",
        )
        return answer


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""
