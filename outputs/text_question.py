"""Text question: set for a terminal, and for the answer that quotes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.columns import WIDTH, spread, wrap

if TYPE_CHECKING:
    from keepwarm.outputs.question import Question


def text_question(question: Question) -> str:
    """Set ``question`` as plain text, ending in a newline."""
    lines = [spread(question.headline.upper(), question.day), "═" * WIDTH, "", *wrap(question.lead), ""]
    for row in question.rows:
        number = f"{row.number}: " if row.number else ""
        lines += wrap(f"{number}{row.who}", "  ", "     ") + wrap(row.when, "     ")
    lines += [question.more] if question.more else []
    for said in (question.example, question.think, question.unread, question.privacy):
        lines += ["", *wrap(said)] if said else []
    return "\n".join(line.rstrip() for line in lines) + "\n"
