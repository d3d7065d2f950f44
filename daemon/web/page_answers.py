"""Answers that a view and a form share: the page anew, and what was typed where it could not be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from keepwarm.daemon import portrait
from keepwarm.daemon.web.reading import Reading
from keepwarm.outputs.page.contact import contact_html
from keepwarm.outputs.page.door import missing_html
from keepwarm.outputs.page.signals import signals_asked, signals_html
from keepwarm.storage import signals

if TYPE_CHECKING:
    from starlette.requests import Request

    from keepwarm.daemon.web.site import Site
    from keepwarm.outputs.page.forms import Typed


def html(text: str, code: int = 200) -> Response:
    """Give a page as an answer."""
    return Response(text, code, media_type="text/html")


def contact_answer(site: Site, request: Request, contact_id: str, typed: Typed) -> Response:
    """Show a contact, with what was typed into a form that could not be done."""
    with site.tools() as workshop, site.database.reading() as connection:
        reading = Reading.begun(site, connection, request)
        found = portrait.of(connection, workshop, contact_id, reading.now)
        if found is None:
            return _gone(reading, contact_id)
        frame = reading.frame("", [found.contact])
        bands = site.configuration.bands
        floors = (("close", bands.close), ("happy_medium", bands.happy_medium), ("cool", bands.cool), ("cold", 0.0))
        known = sorted({one.label for one in site.configuration.labels} | {"client", "prospect"})
    return html(contact_html(frame, found, floors, known, typed), 422 if typed.form else 200)


def _gone(reading: Reading, contact_id: str) -> Response:
    """Send to the contact that somebody is part of now, or say that nobody is known."""
    if home := reading.part_of(contact_id):
        return RedirectResponse(f"/contacts/{home}", status_code=302)
    if reading.was_forgotten(contact_id):
        return html(missing_html(reading.frame("", ()), 410, "forgotten"), 410)
    return html(missing_html(reading.frame("", ()), 404, "contact"), 404)


def signals_answer(site: Site, request: Request, typed: Typed) -> Response:
    """Show the open signals, with what was typed into a form that could not be done."""
    with site.database.reading() as connection:
        reading = Reading.begun(site, connection, request)
        found = signals.views(connection, reading.now)
        frame = reading.frame("signals", ())
    wanted = signals_asked(dict(request.query_params))
    return html(signals_html(frame, found, wanted, typed), 422 if typed.form else 200)
