"""HTML brief: cards set as one self-contained mail, in the report's dress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.html_report import html_page

if TYPE_CHECKING:
    from keepwarm.outputs.brief import Brief


def html_brief(brief: Brief) -> str:
    """Set ``brief`` as one HTML document."""
    return html_page("brief.html.j2", page=brief, words=brief.words)
