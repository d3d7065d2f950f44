"""The page's parts by themselves: its words in each language, where the marks of the sonar are, what is asked for."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from importlib.resources import files
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest

from keepwarm.outputs.desk import desk_of
from keepwarm.outputs.page.forms import Typed
from keepwarm.outputs.page.frame import Frame, page_words
from keepwarm.outputs.page.signals import MOST_SHOWN, signals_asked, signals_html
from keepwarm.outputs.page.sonar import asked, sonar_html
from keepwarm.outputs.page.sonar_picture import CENTRE_X, CENTRE_Y, HEIGHT, RADIUS, WIDTH, picture
from keepwarm.outputs.sonar import direction_of
from keepwarm.storage.everybody import Everybody
from tests.unit import views_samples as samples
from tests.unit.test_report_languages import SLOT, texts

if TYPE_CHECKING:
    from keepwarm.storage.views import ContactView

LANGUAGES = sorted(
    file.name.removesuffix(".toml") for file in files("keepwarm.outputs.page.texts").iterdir() if ".toml" in file.name
)


def crowd(count: int) -> list[ContactView]:
    """People as they are: a few warm ones, a crowd that is cold and steady."""
    return [
        samples.contact(
            number,
            f"Person {number}",
            warmth=0.0 if number % 4 else (number * 7 % 1000) / 10,
            trend=((number * 13) % 31 - 15) * (0.1 if number % 3 else 1.0),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_of_the_page_and_fills_in_nothing_else(language: str) -> None:
    english, other = dict(texts(page_words("en").catalogue)), dict(texts(page_words(language).catalogue))
    assert other.keys() == english.keys()
    for key, text in english.items():
        if isinstance(text, str):
            assert set(SLOT.findall(other[key])) <= set(SLOT.findall(text)), key


@pytest.mark.parametrize("count", [1, 69, 2000])
def test_nobodys_mark_covers_another_and_all_are_within_the_dial(count: int) -> None:
    drawn = picture(crowd(count), lambda one: one.name)
    assert {mark.contact.id for mark in drawn.marks} == {one.id for one in crowd(count)}
    by_cell: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for mark in drawn.marks:
        assert math.hypot(mark.x - CENTRE_X, mark.y - CENTRE_Y) <= RADIUS
        by_cell.setdefault((int(mark.x // 40), int(mark.y // 40)), []).append((mark.x, mark.y, mark.size))
    for some in by_cell.values():
        for (x, y, size), (other_x, other_y, _) in combinations(some, 2):
            assert math.hypot(x - other_x, y - other_y) >= 1.9 * size


def test_who_is_warmer_is_further_in_and_who_warms_is_on_the_right() -> None:
    drawn = picture(crowd(300), lambda one: one.name)
    order = {band: at for at, band in enumerate(("close", "happy_medium", "cool", "cold"))}
    far: dict[str, list[float]] = {}
    for mark in drawn.marks:
        far.setdefault(mark.contact.band, []).append(math.hypot(mark.x - CENTRE_X, mark.y - CENTRE_Y))
    bands = sorted(far, key=order.__getitem__)
    for inner, outer in pairwise(bands):
        assert max(far[inner]) < min(far[outer])
    angles: dict[str, list[float]] = {}
    for mark in drawn.marks:
        angles.setdefault(direction_of(mark.contact), []).append(math.atan2(mark.x - CENTRE_X, CENTRE_Y - mark.y))
    assert max(angles["cooling"]) < min(angles["steady"])
    assert max(angles["steady"]) < min(angles["warming"])


def test_names_are_of_who_moved_and_stay_in_the_picture() -> None:
    people = crowd(69)
    drawn = picture(people, lambda one: one.name)
    moved = {one.name for one in people if abs(one.trend) >= 3}
    assert drawn.labels
    for label in drawn.labels:
        assert label.text in moved
        assert 0 <= label.x <= WIDTH
        assert 0 <= label.y <= HEIGHT


@pytest.mark.parametrize("sort", ["", "name", "heard", "longest", "change", "nonsense", "' OR 1=1"])
def test_an_address_may_ask_for_anything(sort: str) -> None:
    people = crowd(12)
    everybody = Everybody(people=tuple(people), heard={people[3].id: samples.AS_OF - timedelta(days=2)})
    desk = desk_of(samples.week(tuple(people)), page_words("en"))
    frame = Frame(desk=desk, view="sonar", csrf="x", provisional=False)
    page = sonar_html(frame, everybody, asked({"sort": sort, "q": "\x00\u202e<b>", "label": "x" * 500}))
    assert len(re.findall(r'class="other"', page)) == len(people)
    assert "<b>" not in page


def test_of_many_signals_the_strongest_are_shown_and_a_link_leads_to_the_rest() -> None:
    people = crowd(100)
    found = [
        samples.signal(
            one, "gone_quiet", "not_into_you", f"{one.name} went quiet.", strength="weak" if at else "strong"
        )
        for at, one in enumerate(people)
    ]
    frame = Frame(
        desk=desk_of(samples.week(tuple(people)), page_words("en")), view="signals", csrf="x", provisional=False
    )
    page = signals_html(frame, found, signals_asked({}), Typed())
    assert "100 open signals" in page
    assert page.count("<article") == MOST_SHOWN
    assert people[0].name in page
    assert '<a class="button" href="/signals?kind=not_into_you">76 more</a>' in page
    whole = signals_html(frame, found, signals_asked({"kind": "not_into_you"}), Typed())
    assert whole.count("<article") == 100


def test_a_first_read_that_goes_on_is_said() -> None:
    people = crowd(3)
    desk = desk_of(samples.week(tuple(people)), page_words("en"))
    for provisional in (True, False):
        frame = Frame(desk=desk, view="sonar", csrf="x", provisional=provisional)
        page = sonar_html(frame, Everybody(people=tuple(people), heard={}), asked({}))
        assert ("is provisional until it is done" in page) is provisional
