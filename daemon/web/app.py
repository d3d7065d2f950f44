"""The application: the routes of the API and of the page, behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

from keepwarm.daemon.web.api_routes import api_routes
from keepwarm.daemon.web.guard import Guard
from keepwarm.daemon.web.page_routes import page_routes
from keepwarm.daemon.web.problem import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from keepwarm.daemon.web.site import Site


def application(site: Site) -> ASGIApp:
    """Put the site's application together.

    An endpoint is a plain function of a request, which runs in a thread of the pool; one that takes a form is made by
    ``forms.posted``. It may raise Problem, DatabaseError and Failure: the guard tells them.
    """
    router = Router([*api_routes(site), *page_routes(site)], redirect_slashes=False, default=_nothing)
    return Guard(router, site)


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise Problem(404, "There is nothing here.")
