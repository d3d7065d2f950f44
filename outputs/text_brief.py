"""Text brief: cards set for a terminal, in at most 76 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.columns import WIDTH, clip, spread, wrap
from keepwarm.outputs.text_report import appointment_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.outputs.brief import Brief, Card
    from keepwarm.outputs.wording import Wording

_INDENT = "  "
_HANGING = "    "


def text_brief(brief: Brief) -> str:
    """Set ``brief`` as plain text, ending in a newline."""
    words = brief.words
    lines = [spread(words.say("brief.heading").upper(), brief.day), "═" * WIDTH, "", *wrap(brief.headline)]
    lines += wrap(brief.questions) if brief.questions else ()
    for card in brief.cards:
        lines += ["", "", *_card(words, card)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _card(words: Wording, card: Card) -> Iterator[str]:
    yield clip(card.when, WIDTH)
    yield from wrap(card.title)
    yield "─" * WIDTH
    for number, row in enumerate(card.rows):
        if number:
            yield ""
        yield from appointment_lines(words, row)
    if card.also:
        yield from ("", *wrap(card.also, _INDENT, _HANGING))
    for link in card.links:
        # Never broken: a terminal could not open it.
        yield f"{_INDENT}{words.say('brief.links')}: {link.text}  {link.url}"
