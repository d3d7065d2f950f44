"""HTML question: set as one self-contained mail, in the report's dress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.html_report import html_page

if TYPE_CHECKING:
    from keepwarm.outputs.question import Question


def html_question(question: Question) -> str:
    """Set ``question`` as one HTML document."""
    return html_page("question.html.j2", page=question, words=question.words)
