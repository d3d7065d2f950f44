"""Atom: a feed reader takes it, shows each signal once, and again when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from defusedxml.ElementTree import fromstring

from keepwarm.outputs.atom import NEWEST, atom
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from keepwarm.storage.views import SignalView

A = "{http://www.w3.org/2005/Atom}"
OWNER = ("sam@carter.example",)
SIGNALS = samples.busy_signals()


def parsed(signals: tuple[SignalView, ...] | list[SignalView] = SIGNALS) -> Element:
    feed: Element = fromstring(atom(signals, OWNER).encode())
    return feed


def text(element: Element, tag: str) -> str:
    (found,) = element.findall(f"{A}{tag}")
    return found.text or ""


def test_it_has_all_that_rfc_4287_asks_for() -> None:
    feed = parsed()
    entries = feed.findall(f"{A}entry")
    assert feed.tag == f"{A}feed"
    assert text(feed.findall(f"{A}author")[0], "name")
    for one in (feed, *entries):
        assert text(one, "id").startswith("urn:uuid:")
        assert text(one, "title")
        assert datetime.fromisoformat(text(one, "updated")).tzinfo is not None
    for entry in entries:
        assert text(entry, "content")  # without a link an entry must have content (4.1.2)
        assert text(entry, "summary")
    ids = [text(entry, "id") for entry in entries]
    assert len(ids) == len(set(ids)) == len(SIGNALS)


def test_the_newest_come_first_and_the_feed_is_as_new_as_they_are() -> None:
    feed = parsed()
    published = [text(entry, "published") for entry in feed.findall(f"{A}entry")]
    assert published == sorted(published, reverse=True)
    assert text(feed, "updated") == max(text(entry, "updated") for entry in feed.findall(f"{A}entry"))
    assert text(parsed([]), "updated") == "1970-01-01T00:00:00Z"


def test_ids_are_those_of_the_signals_and_differ_by_owner() -> None:
    (entry,) = parsed([SIGNALS[0]]).findall(f"{A}entry")
    later = replace(SIGNALS[0], cleared=samples.AS_OF, sentence="Otherwise.")
    (again,) = parsed([later]).findall(f"{A}entry")
    assert text(entry, "id") == text(again, "id")
    assert text(again, "updated") == "2026-11-22T17:00:00Z"
    assert text(again, "title") == "Over: Otherwise."
    assert text(fromstring(atom([], ["jo@x.example"])), "id") != text(parsed([]), "id")
    assert atom(SIGNALS, OWNER) == atom(tuple(reversed(SIGNALS)), OWNER)


@pytest.mark.parametrize("bad", [samples.HOSTILE, "]]></content><entry/>&amp;", "\x00\ud83d\ufffe\uffff\x0b"])
def test_hostile_text_stays_text(bad: str) -> None:
    eve = replace(samples.ref(samples.ANA), name=bad)
    one = replace(SIGNALS[0], sentence=bad, advice=bad, contact=eve, evidence=(samples.evidence(bad),))
    feed = parsed([one])
    (entry,) = feed.findall(f"{A}entry")
    assert {child.tag.removeprefix(A) for child in entry} == {
        *("id", "title", "updated", "published", "category", "summary", "content")
    }
    assert all(len(child) == 0 for child in entry)


def test_so_many_signals_and_no_more() -> None:
    many = [
        replace(SIGNALS[0], id=f"sig_{number}", opened=samples.AS_OF - timedelta(hours=number)) for number in range(300)
    ]
    entries = parsed(many).findall(f"{A}entry")
    assert len(entries) == NEWEST == 200
    assert text(entries[0], "published") == "2026-11-22T17:00:00Z"
