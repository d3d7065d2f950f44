"""The application: the routes behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from keepwarm.daemon.web.guard import Guard
from keepwarm.daemon.web.page_routes import page_routes
from keepwarm.daemon.web.problem import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from keepwarm.daemon.web.site import Site


def application(site: Site) -> Starlette:
    """Put the site's application together.

    An endpoint is a plain function of a request, which runs in a thread of the pool; one that takes a form is made by
    ``forms.posted``. It may raise Problem.
    """
    return Starlette(
        routes=page_routes(site),
        middleware=[Middleware(Guard, site=site)],
        exception_handlers={Problem: _problem, HTTPException: _http},
    )


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - starlette's signature is wider
    return error.response()


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - starlette's signature is wider
    return Problem(error.status_code, error.detail, headers=dict(error.headers or {})).response()
