"""The routes of the page: what the owner's browser is shown, and what loads with it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from keepwarm.daemon import attention
from keepwarm.daemon.commands import status
from keepwarm.daemon.web.forms import posted
from keepwarm.daemon.web.page_answers import contact_answer, html, signals_answer
from keepwarm.daemon.web.page_words import PageWords
from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.web.reading import Reading
from keepwarm.outputs.page import accounts, sonar
from keepwarm.outputs.page.attention import attention_html
from keepwarm.outputs.page.door import missing_html
from keepwarm.outputs.page.forms import Typed
from keepwarm.storage import contacts, everybody
from keepwarm.storage.views import AccountHealth

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from keepwarm.daemon.web.site import Site

_STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


def page_routes(site: Site) -> list[BaseRoute]:
    """Give the routes of the page. The last of them answers whatever nobody else does."""
    page, words = _Page(site), PageWords(site)
    return [
        Route("/", page.sonar, methods=["GET"]),
        Route("/contacts/{contact_id}", page.contact, methods=["GET"]),
        Route("/signals", page.signals, methods=["GET"]),
        Route("/attention", page.attention, methods=["GET"]),
        Route("/accounts", page.accounts, methods=["GET"]),
        Route("/static/{name}", page.static, methods=["GET"]),
        Route("/contacts/{contact_id}/notes", posted(words.add_note), methods=["POST"]),
        Route("/contacts/{contact_id}/notes/{number:int}", posted(words.correct_note), methods=["POST"]),
        Route("/contacts/{contact_id}/promises", posted(words.add_promise), methods=["POST"]),
        Route("/contacts/{contact_id}/promises/{number:int}", posted(words.end_promise), methods=["POST"]),
        Route("/contacts/{contact_id}/labels", posted(words.label), methods=["POST"]),
        Route("/contacts/{contact_id}/ping", posted(words.ping), methods=["POST"]),
        Route("/contacts/{contact_id}/missed", posted(words.missed), methods=["POST"]),
        Route("/contacts/{contact_id}/missed/{number:int}", posted(words.came_after_all), methods=["POST"]),
        Route("/signals/{signal_id}", posted(words.judge), methods=["POST"]),
        Route("/{path:path}", page.nothing, methods=["GET"]),
    ]


class _Page:
    """The views."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def sonar(self, request: Request) -> Response:
        """Show everybody."""
        with self._site.database.reading() as connection:
            reading = Reading.begun(self._site, connection, request)
            found = everybody.read(connection, reading.now)
            frame = reading.frame("sonar", found.people)
        return html(sonar.sonar_html(frame, found, sonar.asked(dict(request.query_params))))

    def contact(self, request: Request) -> Response:
        """Show one contact whole."""
        return contact_answer(self._site, request, request.path_params["contact_id"], Typed())

    def signals(self, request: Request) -> Response:
        """Show the open signals."""
        return signals_answer(self._site, request, Typed())

    def attention(self, request: Request) -> Response:
        """Show who gets the owner's attention."""
        with self._site.tools() as workshop, self._site.database.reading() as connection:
            reading = Reading.begun(self._site, connection, request)
            view = attention.view(connection, workshop, reading.now)
            shown = [one.contact.id for one in view.shares] if view else []
            frame = reading.frame("attention", contacts.views(connection, reading.now, shown))
        return html(attention_html(frame, view))

    def accounts(self, request: Request) -> Response:
        """Show how the reading of the accounts goes."""
        configuration = self._site.configuration
        with self._site.database.reading() as connection:
            reading = Reading.begun(self._site, connection, request)
            found = status.found(connection, configuration, reading.now, None)
            frame = reading.frame("accounts", ())
        states = [
            accounts.StreamState(**{key: one[key] for key in accounts.StreamState.__dataclass_fields__})
            for one in found["streams"]
        ]
        configured = [(one.name, one.kind) for one in configuration.accounts]
        health = [AccountHealth(**one) for one in found["accounts"]]
        return html(accounts.accounts_html(frame, configured, health, states))

    def static(self, request: Request) -> Response:
        """Give a file of the page's own. Raises Problem."""
        name = request.path_params["name"]
        if name not in _STATIC:
            raise Problem(404, "There is nothing here.")
        body = files("keepwarm.outputs.page.static").joinpath(name).read_bytes()
        return Response(body, media_type=_STATIC[name], headers={"Cache-Control": "no-cache"})

    def nothing(self, request: Request) -> Response:
        """Say that there is nothing here. Raises Problem to a program."""
        if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith("/v1/"):
            raise Problem(404, "There is nothing here.")
        with self._site.database.reading() as connection:
            frame = Reading.begun(self._site, connection, request).frame("", ())
        return html(missing_html(frame, 404, "here"), 404)
