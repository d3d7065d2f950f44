"""Cards and the question of the evening as text and HTML: what a mailbox says in them is text and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from keepwarm.outputs.brief import brief
from keepwarm.outputs.columns import WIDTH, width
from keepwarm.outputs.html_brief import html_brief
from keepwarm.outputs.html_question import html_question
from keepwarm.outputs.question import question
from keepwarm.outputs.text_brief import text_brief
from keepwarm.outputs.text_question import text_question
from tests.unit.card_samples import hostile_brief, hostile_question


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
