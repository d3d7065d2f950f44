"""Atom (RFC 4287): the newest signals, for a feed reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from keepwarm.outputs.json_views import utc_text
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from keepwarm.storage.views import SignalView

NEWEST = 200
"""Entries at most: what is older is in the feed itself."""

_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = UUID("6f0c2d0e-3f55-5d0b-9d0a-8f5c3a1c7e42")  # of our own, so that nobody else's names make the same ids
_LONGEST_TITLE = 240
_LONGEST_LINE = 400
_MOST_EVIDENCE = 12


def atom(signals: Iterable[SignalView], owner: Collection[str]) -> str:
    """Give the newest signals, open or cleared, the newest first; ``owner`` are the owner's addresses.

    The id of an entry is that of its signal, and ``updated`` says when that was opened or cleared: a reader shows it
    once, and again when it was cleared. The same signals give the same text.
    """
    newest = sorted(signals, key=lambda one: (one.opened, one.id), reverse=True)[:NEWEST]
    ET.register_namespace("", _ATOM)
    feed = ET.Element(_name("feed"))
    _text(feed, "id", _id("feed", *sorted(owner)))
    _text(feed, "title", "Keepwarm: signals")
    _text(feed, "updated", utc_text(max(map(_updated, newest), default=datetime(1970, 1, 1, tzinfo=UTC))))
    _text(feed, "generator", "Keepwarm")
    _text(ET.SubElement(feed, _name("author")), "name", "Keepwarm")
    for one in newest:
        _entry(feed, one)
    ET.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _entry(feed: ET.Element, one: SignalView) -> None:
    entry = ET.SubElement(feed, _name("entry"))
    _text(entry, "id", _id("signal", one.id))
    _text(entry, "title", _plain(f"Over: {one.sentence}" if one.cleared else one.sentence, _LONGEST_TITLE), type="text")
    _text(entry, "updated", utc_text(_updated(one)))
    _text(entry, "published", utc_text(one.opened))
    for term in (one.rule, one.family, one.strength, *(("cleared",) if one.cleared else ())):
        ET.SubElement(entry, _name("category"), {"term": _plain(term, _LONGEST_LINE)})
    _text(entry, "summary", _plain(f"{one.contact.name}: {one.advice or one.sentence}", _LONGEST_LINE), type="text")
    lines = [one.sentence, one.advice, *(f"{item.time:%Y-%m-%d} {item.what}" for item in one.evidence[:_MOST_EVIDENCE])]
    _text(entry, "content", "\n".join(_plain(line, _LONGEST_LINE) for line in lines if line), type="text")


def _updated(one: SignalView) -> datetime:
    return one.cleared or one.opened


def _id(*parts: str) -> str:
    return uuid5(_NAMES, "\n".join(parts)).urn


def _name(tag: str) -> str:
    return f"{{{_ATOM}}}{tag}"


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _name(tag), attributes).text = text


def _plain(text: str, limit: int) -> str:
    """Give a text that XML can hold: of what ``one_line`` leaves, U+FFFE and U+FFFF are no characters of XML's."""
    return one_line(text, limit).translate({0xFFFE: "\ufffd", 0xFFFF: "\ufffd"})
