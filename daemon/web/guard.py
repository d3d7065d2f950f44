"""The guard: whom the site lets in, and what every answer says to a browser."""

from __future__ import annotations

import re
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.web.seal import SESSION_SECONDS
from keepwarm.daemon.web.visitor import KEY, Visitor
from keepwarm.storage.database import DatabaseError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from keepwarm.daemon.web.site import Site

log = structlog.get_logger()

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
    "Referrer-Policy": "same-origin",  # without any, a browser names no origin for a form either
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_READING = frozenset({"GET", "HEAD"})
_STATIC = re.compile(r"/static/[a-z][a-zA-Z0-9_.-]*\Z")  # the look of the page: nothing of the owner's
_QUESTION = re.compile(r"[0-9a-f]{32}\Z")
_COME_IN = "Run `keepwarm open`. A program sends the token that `keepwarm open --token` prints."


class Guard:
    """Stands before every route."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._host = urlsplit(site.origin).netloc
        self._cookie = f"keepwarm-{urlsplit(site.origin).port or 80}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let in."""
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                headers["Date"] = formatdate(usegmt=True)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            answer = self._answer(scope)
            await (answer or self._app)(scope, receive, sending)
        except Exception as error:
            if has_begun:
                raise  # the connection is cut: whoever reads must not take half for the whole
            problem = _told(error)
            for_a_person = "text/html" in Headers(scope=scope).get("accept", "")
            language = self._site.configuration.report.language if for_a_person else ""
            await problem.response(language)(scope, receive, sending)

    def _answer(self, scope: Scope) -> Response | None:
        """Give the answer to who is not let in, and None for who is."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            raise Problem(421, f"This is {self._site.origin}, and no other.")
        self._check_origin(scope["method"], headers)
        asked = QueryParams(scope["query_string"])
        match scope["method"], scope["path"]:
            case "GET", "/open":
                return self._open(asked.get("token", ""))
            case "GET", "/knock":
                return self._knock(asked.get("question", ""))
        if not (scope["method"] in _READING and _STATIC.match(scope["path"])):
            scope[KEY] = self._visitor(headers)
        scope["app"] = self._app  # so that starlette raises what it finds, a wrong method, and does not answer it
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
            return Visitor(csrf="", is_welcome=partial(seal.is_program, token.strip()))
        session = cookie_parser(headers.get("cookie", "")).get(self._cookie, "")
        if seal.is_session(session):
            return Visitor(csrf=seal.csrf_token(session), is_welcome=partial(seal.is_session, session))
        raise Problem(401, "You are not known here.", _COME_IN, {"WWW-Authenticate": 'Bearer realm="keepwarm"'})

    def _knock(self, question: str) -> Response:
        """Show to a command that this is the daemon of its own user, before it sends a browser here."""
        if not _QUESTION.match(question):
            raise Problem(400, "A question is 32 hexadecimal digits.")
        return PlainTextResponse(self._site.seal.proof(self._site.instance, question))

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
            samesite="lax",  # a name in a mail that is read in the browser leads here; strict would shut its owner out
        )
        return answer


def _told(error: Exception) -> Problem:
    """Give what to say of an error; what is no fault of ours has its sentence."""
    match error:
        case Problem():
            return error
        case DatabaseError() | Failure():
            return Problem(503, str(error), error.what_to_do)
        case HTTPException():
            return Problem(error.status_code, error.detail, headers=dict(error.headers or {}))
    log.exception("unexpected failure", web="a request could not be answered")
    return Problem(500, f"This is a fault of Keepwarm's ({type(error).__name__}).", "The log of the daemon tells more.")
