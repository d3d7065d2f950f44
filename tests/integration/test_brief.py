"""The cards before a meeting, from the real command on the practice, and the links that the owner keeps for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.keepwarm import Keepwarm
    from tests.practice.world import World

MORNING = "2026-11-23T07:30:00+01:00"
RASMUS, ELBTAL = "rasmus.holm@stadtwerke-elbtal.example", "stadtwerke-elbtal.example"
NEWS = "https://stadtwerke-elbtal.example/news?a=1&b=2"


@pytest.fixture(scope="module")
def keepwarm(world: World, tmp_path_factory: pytest.TempPathFactory) -> Keepwarm:
    """Give the command on a Monday morning, after the owner has noted, promised and kept something."""
    folder: Path = tmp_path_factory.mktemp("brief")
    mine = world.copy(folder / "mine").keepwarm.at(MORNING)
    mine.run("note", RASMUS, "his brother's \x1b[31mwedding", "--on", "2026-12-12")
    mine.run("promise", RASMUS, "the new draft", "--due", "2026-11-25")
    mine.run("promise", RASMUS, "the figures", "--due", "2026-11-27", "--by", "them")
    mine.run("contacts", "link", ELBTAL, NEWS, "--title", "News")
    return mine


def test_a_card_asks_the_two_questions_and_tells_what_is_between_the_two(keepwarm: Keepwarm) -> None:
    text = keepwarm.run("brief").out
    assert "What do they need from me in this meeting?" in " ".join(text.split())
    assert "How can I help, given their emotional signals?" in " ".join(text.split())
    card = text.partition("Today, Mon 23 Nov, 10:00 to 11:30")[2].partition("\n\n\n")[0]
    assert "Catch-up Rasmus / Sam" in card
    assert "Since you met (23 October): 2 messages from them and 2 from you." in card
    assert "You noted, for 12 December: his brother's wedding" in card
    assert "You promised, by 25 November: the new draft" in card
    assert "They promised, by 27 November: the figures" in card
    assert "Nothing open between you." not in card  # there are promises
    assert f"At hand: News  {NEWS}" in card
    assert len(card.strip().splitlines()) <= 10  # it is read in ten seconds
    assert "\x1b" not in text


def test_it_tells_of_today_and_tomorrow_as_far_as_they_are_not_over(keepwarm: Keepwarm) -> None:
    assert [card["start"][:10] for card in keepwarm.json("brief")] == ["2026-11-23", "2026-11-23", "2026-11-24"]
    noon = keepwarm.at("2026-11-23T12:00:00+01:00").json("brief")
    assert [card["title"] for card in noon] == ["Project meeting Lena / Sam", "Project meeting Sophie / Sam"]


def test_another_meeting_can_be_asked_for_and_of_a_series_the_next(keepwarm: Keepwarm) -> None:
    [card] = keepwarm.json("brief", "--meeting", "Weekly Zephyr")
    assert (card["title"], card["start"][:10]) == ("Weekly Zephyr-Robotics", "2026-11-25")
    assert [card] == keepwarm.json("brief", "--meeting", card["meeting"])
    assert "No meeting is known" in keepwarm.run("brief", "--meeting", "no such", status=2).err


def test_a_day_without_meetings_says_so(keepwarm: Keepwarm) -> None:
    assert "today or tomorrow" in keepwarm.at("2026-11-28T07:30:00+01:00").run("brief").out
    assert keepwarm.at("2026-11-28T07:30:00+01:00").json("brief") == []


def test_a_card_is_told_whole_as_json(keepwarm: Keepwarm) -> None:
    card = keepwarm.json("brief")[0]
    assert card.keys() == {"meeting", "title", "start", "end", "all_day", "people", "others", "links"}
    assert card["links"] == [{"url": NEWS, "title": "News"}]
    [person] = card["people"]
    assert (person["name"], person["organisation"], person["band"]) == ("Rasmus Holm", ELBTAL, "happy_medium")
    assert person["since"] == {
        "met": "2026-10-23T09:00:00Z",
        "messages_from_them": 2,
        "messages_from_you": 2,
        "moved": {},
        "cancelled": {},
        "logged": [],
    }
    assert person["promised_by_you"] == [{"text": "the new draft", "day": "2026-11-25"}]
    assert person["promised_by_them"] == [{"text": "the figures", "day": "2026-11-27"}]
    assert [note["day"] for note in person["notes"]] == ["2026-12-12"]


def test_links_are_listed_corrected_and_taken_back(world: World, tmp_path: Path) -> None:
    keepwarm = world.copy(tmp_path / "mine").keepwarm.at(MORNING)
    first = keepwarm.json("contacts", "link", RASMUS, NEWS)
    assert (first["organisation"], first["title"]) == (ELBTAL, "")
    assert keepwarm.json("contacts", "link", ELBTAL, NEWS, "--title", "News")["id"] == first["id"]
    keepwarm.run("contacts", "link", "nordwind.example", "https://nordwind.example/")
    assert [one["url"] for one in keepwarm.json("contacts", "link", "--list", ELBTAL)] == [NEWS]
    changed = keepwarm.json("contacts", "link", "--edit", str(first["id"]), "--url", "https://elbtal.example/")
    assert (changed["url"], changed["title"]) == ("https://elbtal.example/", "News")
    keepwarm.run("contacts", "link", "--remove", str(first["id"]))
    assert [one["organisation"] for one in keepwarm.json("contacts", "link", "--list")] == ["nordwind.example"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((ELBTAL, "javascript:alert(1)"), "is no address of a page"),
        ((ELBTAL, "https://x.example/\x1b[31m"), "is no address of a page"),
        ((ELBTAL, "https://[x"), "is no address of a page"),
        (("gmail.com", "https://x.example/"), "No organisation is known"),
        ((ELBTAL,), "Give ORGANISATION and URL"),
        (("--remove", "99"), "There is no link 99"),
        (("--edit", "1"), "give --title or --url"),
    ],
)
def test_what_is_no_link_is_refused(keepwarm: Keepwarm, arguments: tuple[str, ...], why: str) -> None:
    assert why in keepwarm.run("contacts", "link", *arguments, status=2).err
