"""Report: the week as the owner reads it, as plain text and as HTML. Pure functions of the week; no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.edition import edition
from keepwarm.outputs.html_report import html_report
from keepwarm.outputs.text_report import text_report

if TYPE_CHECKING:
    from keepwarm.storage.views import WeekView


def render_text(week: WeekView, language: str = "en") -> str:
    """Give the report as plain text of at most 76 columns, ending in a newline.

    Raises FileNotFoundError for a language without a catalogue, ZoneInfoNotFoundError for an unknown zone.
    """
    return text_report(edition(week, language))


def render_html(week: WeekView, language: str = "en", page_url: str = "") -> str:
    """Give the report as one HTML document below 100 KB: no script, nothing remote, styles inlined.

    Each name leads to the local page at ``page_url``, "http://127.0.0.1:8642", if there is one. Raises
    FileNotFoundError for a language without a catalogue, ZoneInfoNotFoundError for an unknown zone.
    """
    return html_report(edition(week, language, page_url))
