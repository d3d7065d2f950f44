"""The report as a mail: whatever a mailbox holds, it is one mail to one owner, and nothing in it runs or steers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keepwarm.outputs.edition import edition
from keepwarm.outputs.html_report import html_report
from keepwarm.outputs.letter import Envelope, letter
from keepwarm.outputs.tasks import tasks
from keepwarm.outputs.text_report import text_report
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from keepwarm.storage.views import WeekView

AT = datetime(2026, 11, 23, 7, tzinfo=UTC)
ENVELOPE = Envelope(
    sender="me@example.com",
    recipient="me@example.com",
    sender_name="Keepwarm",
    subject="Keepwarm, 16 to 22 November 2026",
    language="en",
    message_id="keepwarm.report.2026-W47.0@example.com",
    at=AT,
    about="report 2026-W47",
)
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
NASTY = [
    "<script>alert(1)</script>",
    "</td></tr></table><img src=x onerror=alert(1)>",
    '"><a href="https://evil.example">click</a>',
    "{{ 7 * 7 }}{% raw %}",
    "Eve\r\nBcc: all@evil.example\r\n\r\nbody",
    "Eve\nSubject: another",
    "\u202egpj.exe\u2066 \u200f",
    "\x1b]0;title\x07\x1b[2J\x9b31m",
    "=?utf-8?q?=0D=0ABcc=3A_x=40evil.example?=",
    "Ж" * 500,
    "a\u0301\u0301\u0301\u0301\u0301" * 100,
    "\ud800 half",
    "\x00",
    "",
    "--=_boundary--",
    ".\r\n.\r\nQUIT",
]
TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "th", "div"}
TAGS |= {"h1", "h2", "p", "b", "br", "span", "bdi", "a"}

texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec=None), max_size=600))


class Page(HTMLParser):
    """Tags and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def hostile(name: str, subject: str, said: str, address: str) -> WeekView:
    """Give a week with every section in it, in which others wrote every word."""
    full = samples.full_week()
    eve = replace(samples.SAM, name=name, organisation=said[:80], addresses=(address, "eve@x.example"))
    mine = samples.ref(eve)
    signals = tuple(
        replace(one, contact=mine, sentence=f"{name} {said}", evidence=(samples.evidence(f"they wrote: “{subject}”"),))
        if one.contact.id == eve.id
        else one
        for one in full.signals
    )
    card = replace(full.cards[samples.JO.id], title=subject, others=(name, said))
    meets = replace(samples.JO, name=name)
    assert full.attention is not None
    shares = tuple(replace(one, contact=mine) for one in full.attention.shares)
    return replace(
        full,
        contacts=tuple({eve.id: eve, meets.id: meets}.get(one.id, one) for one in full.contacts),
        signals=signals,
        cards={samples.JO.id: card},
        last_subjects={eve.id: subject},
        attention=replace(full.attention, shares=shares),
        accounts=(samples.account(name, problem=said),),
    )


def written(week: WeekView, language: str = "en") -> tuple[Any, str, str]:
    """Write the mail, and give it read back, with its two texts."""
    this = edition(week, language)
    raw = letter(ENVELOPE, text_report(this), html_report(this), tasks(week, this.words))
    assert len(raw) < 100_000
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail: Any = message_from_bytes(raw, policy=default)
    both = mail.get_body(("plain",)), mail.get_body(("html",))
    return mail, both[0].get_content(), both[1].get_content()


def check(mail: Any, text: str, html: str) -> None:
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert sorted(mail.keys()) == sorted(set(mail.keys()))
    assert {"bcc", "cc"}.isdisjoint(name.lower() for name in mail)
    assert str(mail["To"]) == "me@example.com"
    assert not STEERING.search(text)
    assert not STEERING.search(html)
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "src"]
    for tag, attributes in page.tags:
        if tag == "a":
            check_link(attributes["href"])
    for todo in icalendar.Calendar.from_ical(mail.get_payload()[1].get_content()).walk("VTODO"):
        assert "\n" not in todo["SUMMARY"]


def check_link(link: str) -> None:
    parts = urlsplit(link)
    assert parts.scheme == "mailto"
    assert re.fullmatch(r"[^\s@,;]+@[^\s@,;]+", unquote(parts.path))
    fields = parse_qsl(parts.query, keep_blank_values=True)
    assert [name for name, _ in fields] in ([], ["subject"])
    assert all("\n" not in value and "\r" not in value for _, value in fields)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts, texts, texts, texts)
def test_whatever_a_mailbox_holds_the_report_is_safe(name: str, subject: str, said: str, address: str) -> None:
    check(*written(hostile(name, subject, said, address)))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("nasty", NASTY)
def test_each_known_attack_is_text_and_nothing_else(nasty: str, language: str) -> None:
    mail, text, html = written(hostile(nasty, nasty, nasty, nasty), language)
    check(mail, text, html)
    assert "evil.example" not in "".join(a.get("href", "") for _, a in Page(html).tags if "subject=" not in str(a))


def test_it_says_that_a_machine_wrote_it_and_which_report_it_is() -> None:
    mail, *_ = written(samples.full_week())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Keepwarm"] == "report 2026-W47"
    assert mail["Message-ID"] == "<keepwarm.report.2026-W47.0@example.com>"
    assert mail["Date"].datetime == AT


def test_the_tasks_are_the_owners_own_follow_ups_and_keep_their_ids() -> None:
    week = samples.full_week()
    words = edition(week).words
    todos = icalendar.Calendar.from_ical(tasks(week, words)).walk("VTODO")
    assert [str(todo["SUMMARY"]) for todo in todos] == [
        "Make good: Ana Brandt",
        "Make good: Tom Ruiz",
        "Write to Sam Okafor",
        "Write to Léa Fontaine",
    ]
    assert str(todos[2]["UID"]) == "sig_c_0004_you_went_quiet@keepwarm"
    assert tasks(samples.quiet_week(), words) == ""


def test_a_mail_for_two_thousand_people_is_below_100_kb() -> None:
    this = edition(samples.crowded_week(2000))
    assert len(letter(ENVELOPE, text_report(this), html_report(this))) < 100_000
