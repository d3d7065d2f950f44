"""The routes of the API: what commands print with ``--json``, and the feed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import Route

from keepwarm.daemon import dossier
from keepwarm.daemon.commands import status
from keepwarm.daemon.web.answers import json_answer
from keepwarm.daemon.web.contract import document
from keepwarm.daemon.web.feed_route import FeedRoute
from keepwarm.daemon.web.parameters import Parameters
from keepwarm.daemon.web.problem import Problem
from keepwarm.outputs.json_views import contact_row, signal_row
from keepwarm.storage import contacts, people, signals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from keepwarm.daemon.web.site import Site
    from keepwarm.storage.views import ContactView

BANDS = ("cold", "cool", "happy_medium", "close")
MOST_CONTACTS = 1000
"""On one page, if pages are asked for."""

_EVER = datetime(1900, 1, 1, tzinfo=UTC)


def api_routes(site: Site) -> list[BaseRoute]:
    """Give the routes under /v1."""
    api = _Api(site)
    return [
        Route("/v1/contacts", api.contacts, methods=["GET"]),
        Route("/v1/contacts/{who}", api.contact, methods=["GET"]),
        Route("/v1/signals", api.signals, methods=["GET"]),
        Route("/v1/feed", FeedRoute(site).answer, methods=["GET"]),
        Route("/v1/status", api.status, methods=["GET"]),
        Route("/v1/openapi.json", api.openapi, methods=["GET"]),
    ]


class _Api:
    """The endpoints."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def contacts(self, request: Request) -> Response:
        """Give the sonar, or some of it."""
        asked = Parameters(request)
        label, organisation, text = asked.text("label"), asked.text("organisation"), asked.text("q")
        band, after = asked.choice("band", BANDS), asked.text("after")
        limit = asked.whole("limit", 1, MOST_CONTACTS)
        asked.done()
        with self._site.database.reading() as connection:
            views = contacts.views(connection, self._site.clock())
        found = [
            view
            for view in views
            if label in (None, *view.labels)
            and organisation in (None, view.organisation)
            and band in (None, view.band)
            and (text is None or _is_called(view, text.casefold()))
        ]
        page = _after(found, after)
        headers = {}
        if limit is not None and len(page) > limit:
            page = page[:limit]
            query = urlencode({**dict(request.query_params), "after": page[-1].id})
            headers["Link"] = f'<{request.scope["path"]}?{query}>; rel="next"'
        return json_answer(request, [contact_row(view) for view in page], headers)

    def contact(self, request: Request) -> Response:
        """Give one contact whole."""
        Parameters(request).done()
        with self._site.tools() as workshop, self._site.database.reading() as connection:
            who = _the_one(connection, request.path_params["who"])
            return json_answer(request, dossier.of(connection, workshop, who, self._site.clock()))

    def signals(self, request: Request) -> Response:
        """Give the open signals, or all that ever were."""
        asked = Parameters(request)
        everything, who = asked.choice("all", ("true", "false")) == "true", asked.text("contact")
        asked.done()
        with self._site.database.reading() as connection:
            about = None if who is None else [_the_one(connection, who)]
            since = _EVER if everything else None
            found = signals.views(connection, self._site.clock(), contacts=about, cleared_since=since)
        return json_answer(request, [signal_row(one) for one in found if everything or not one.hidden])

    def status(self, request: Request) -> Response:
        """Tell how the reading goes."""
        Parameters(request).done()
        with self._site.database.reading() as connection:
            found = status.found(connection, self._site.configuration, self._site.clock(), self._site.origin)
        return json_answer(request, found)

    def openapi(self, request: Request) -> Response:
        """Give the description of all this."""
        Parameters(request).done()
        return json_answer(request, document(self._site.origin))


def _is_called(view: ContactView, text: str) -> bool:
    return text in view.name.casefold() or any(text in one for one in view.addresses)


def _after(views: Sequence[ContactView], contact_id: str | None) -> Sequence[ContactView]:
    """Give what comes after a contact. Raises Problem if it is not among them any more."""
    if contact_id is None:
        return views
    for number, view in enumerate(views, start=1):
        if view.id == contact_id:
            return views[number:]
    raise Problem(409, "The contact named as `after` is not in this list now.", "Begin again without it.")


def _the_one(connection: Connection, who: str) -> str:
    """Give the id of the contact with this id or address. Raises Problem."""
    is_one = ("@" in who or who.startswith("c_")) and "\0" not in who
    found = people.find(connection, who) if is_one else []
    if len(found) != 1:
        raise Problem(404, "Nobody is known by this id or address.", "/v1/contacts lists everybody.")
    return found[0]
