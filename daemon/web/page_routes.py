"""The routes of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from keepwarm.daemon.web.site import Site


def page_routes(site: Site) -> list[BaseRoute]:  # noqa: ARG001 - none yet
    """Give the routes of the page."""
    return []
