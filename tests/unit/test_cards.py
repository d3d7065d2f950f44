"""Cards and the question of the evening as text and HTML: what a mailbox says in them is text and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from keepwarm.outputs.brief import brief
from keepwarm.outputs.columns import WIDTH, width
from keepwarm.outputs.html_brief import html_brief
from keepwarm.outputs.html_question import html_question
from keepwarm.outputs.question import question
from keepwarm.outputs.text_brief import text_brief
from keepwarm.outputs.text_question import text_question
from keepwarm.storage.views import LoggedView
from tests.unit.card_samples import full_brief, hostile_brief, hostile_question
from tests.unit.views_samples import AS_OF


class Elements(HTMLParser):
    """Notes which elements a page has, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("language", ["en", "de"])
def test_text_is_within_its_columns_and_steers_no_terminal(language: str) -> None:
    for text in (
        text_brief(brief(hostile_brief(), language)),
        text_question(question(hostile_question(), language)),
    ):
        assert all(character == "\n" or character.isprintable() for character in text)
        lines = [line for line in text.splitlines() if "https://" not in line]
        assert max(map(width, lines)) <= WIDTH
        assert "Bcc:" not in [line[:4] for line in lines]


@pytest.mark.parametrize("language", ["en", "de"])
def test_html_has_no_element_of_a_mailbox_and_loads_nothing(language: str) -> None:
    for page in (
        html_brief(brief(hostile_brief(), language)),
        html_question(question(hostile_question(), language)),
    ):
        seen = Elements(page)
        assert not seen.tags & {"script", "img", "iframe", "object", "form", "link"}
        assert not any(name.startswith("on") for name in seen.attributes)
        assert all(link.startswith("https://x.example/") for link in seen.links)
        assert f'<html lang="{language}"' in page
        assert len(page) < 100_000


def test_what_came_since_the_last_meeting_is_one_sentence() -> None:
    text = " ".join(text_brief(brief(hostile_brief())).split())
    assert (
        "Since you met (13 November): 1 message from them, 0 from you, they moved 2 meetings, and you cancelled"
        " 1 meeting."
    ) in text


def test_of_many_people_seven_have_a_card_and_the_others_are_counted() -> None:
    this = brief(hostile_brief(people=12, others=0))
    assert len(this.cards[0].rows) == 7
    assert this.cards[0].also.endswith("1 more")


def test_one_is_asked_about_without_a_number_and_several_with() -> None:
    assert "1:" not in text_question(question(hostile_question(1))).replace("1 more", "")
    text = text_question(question(hostile_question(3)))
    assert [line[:4] for line in text.splitlines() if line[2:4] in ("1:", "2:", "3:")] == ["  1:", "  2:", "  3:"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "lunch (Friday), and a call (13 November)"),
        ("de", "ein Mittagessen (Freitag) und ein Anruf (13. November)"),
    ],
)
def test_what_was_logged_by_hand_is_told_with_what_came_since(language: str, said: str) -> None:
    view = full_brief()
    [meeting] = view.meetings
    logged = (
        LoggedView(kind="lunch", at=AS_OF - timedelta(days=2)),
        LoggedView(kind="call", at=AS_OF - timedelta(days=9)),
    )
    there = {
        who: replace(card, since=card.since and replace(card.since, logged=logged))
        for who, card in meeting.cards.items()
    }
    text = text_brief(brief(replace(view, meetings=(replace(meeting, cards=there),)), language))
    assert said in " ".join(text.split())


def test_a_name_leads_to_the_local_page_if_there_is_one() -> None:
    pages = Elements(html_brief(brief(full_brief(), page_url="http://127.0.0.1:8642")))
    assert [link for link in pages.links if "/contacts/" in link] == [
        "http://127.0.0.1:8642/contacts/c_0001",
        "http://127.0.0.1:8642/contacts/c_0002",
    ]
    assert not [link for link in Elements(html_brief(brief(full_brief()))).links if "/contacts/" in link]
