"""The door: what who is not let in, or has lost their way, is shown; nothing of the owner's is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.page.frame import html, html_alone, page_words

if TYPE_CHECKING:
    from keepwarm.outputs.page.frame import Frame


def problem_html(language: str, status: int, why: str, what_to_do: str = "") -> str:
    """Set a problem as a page by itself."""
    words = page_words(language)
    known = words.get("page.problems")
    title = known.get(str(status), known["other"])
    return html_alone("problem.html.j2", words, status=status, title=title, why=why, what_to_do=what_to_do)


def missing_html(frame: Frame, status: int, key: str) -> str:
    """Set a page for what is not there (any more): ``key`` is one of page.missing."""
    return html("missing.html.j2", frame, status=status, key=key)
