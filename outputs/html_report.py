"""HTML report: an edition set as one self-contained mail, styles inlined, nothing loaded from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

import css_inline
from markupsafe import Markup

from keepwarm.outputs.templating import html_templates

if TYPE_CHECKING:
    from jinja2 import Template

    from keepwarm.outputs.edition import Edition

_TEMPLATES = "keepwarm.outputs.templates"


def html_report(edition: Edition) -> str:
    """Set ``edition`` as one HTML document."""
    return html_page("report.html.j2", edition=edition, words=edition.words)


def html_page(template: str, **values: object) -> str:
    """Set one of the templates as an HTML document."""
    return css_inline.inline(_template(template).render(**values), load_remote_stylesheets=False, minify_css=True)


@cache
def _template(name: str) -> Template:
    environment = html_templates(_TEMPLATES)
    environment.filters["mailto"] = _mailto
    environment.globals["stylesheet"] = _stylesheet
    return environment.get_template(name)


def _stylesheet(name: str) -> Markup:
    return Markup(files(_TEMPLATES).joinpath(name).read_text("utf-8"))  # noqa: S704 - a file of this package, not of a mailbox


def _mailto(address: str, subject: str = "") -> str:
    """Make a mailto: address of one recipient, with a subject if there is one (RFC 6068, 2)."""
    link = "mailto:" + quote(address, safe="@")
    return f"{link}?subject={quote(subject, safe='')}" if subject else link
