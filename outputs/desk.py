"""Desk: what every part of a report is written with: the week, the words, the owner's dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from keepwarm.outputs.owner_dates import OwnerDates
from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.wording import Wording, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.storage.views import ContactRef, ContactView, WeekView

AT_MOST = 7
"""Rows of a section; what is more is counted."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the parts of one report share."""

    week: WeekView
    words: Wording
    dates: OwnerDates
    contacts: dict[str, ContactView]  # by id
    page_url: str = ""  # of the local page, "http://127.0.0.1:8642"; "" if there is none

    def name(self, contact: ContactRef | ContactView) -> str:
        """Give a contact's name, or the address of one without."""
        candidates = (contact.name, *contact.addresses[:1], self.words.get("somebody"))
        return next(name for name in (one_line(text, 60) for text in candidates) if name)

    def link(self, contact: ContactRef | ContactView) -> str:
        """Give where the local page shows a contact; "" if there is none."""
        return f"{self.page_url.rstrip('/')}/contacts/{quote(contact.id, safe='')}" if self.page_url else ""

    def about(self, contact: ContactRef | ContactView) -> str:
        """Say where a contact belongs: "acme.example · client"; "" if nothing is known."""
        labels = [self.words.name_of("labels", label) for label in contact.labels[:3]]
        return " · ".join(one_line(part, 40) for part in (contact.organisation or "", *labels) if part)

    def more(self, total: int, command: str) -> str:
        """Say how many of ``total`` rows are not shown, and which command shows them; "" if none."""
        return self.words.count("row.more", total - AT_MOST, command=command) if total > AT_MOST else ""

    def counted(self, table: str, counts: dict[str, int]) -> Sequence[str]:
        """Say each count of ``counts`` that is not zero, most first, with the words of ``table``."""
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [self._counted(table, key, n) for key, n in ranked if n > 0]

    def _counted(self, table: str, key: str, n: int) -> str:
        if key in self.words.get(table):
            return self.words.count(f"{table}.{key}", n)
        return f"{self.words.number(n)} {key.replace('_', ' ')}"


def desk(week: WeekView, language: str = "en", page_url: str = "") -> Desk:
    """Lay out a report of ``week``; raises FileNotFoundError for a language without a catalogue."""
    return desk_of(week, wording(language), page_url)


def desk_of(week: WeekView, words: Wording, page_url: str = "") -> Desk:
    """Lay out a report of ``week`` in these words."""
    by_id = {contact.id: contact for contact in week.contacts}
    return Desk(week, words, OwnerDates(words, week.as_of, week.timezone), by_id, page_url)
