"""The page in a real browser: what axe-core finds, what the policy forbids, what keys reach, what a form does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from keepwarm.storage.database import Database
from keepwarm.storage.tables import address, contact
from tests.tab import tab
from tests.unit.views_samples import HOSTILE
from tests.web import website

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser import Browser
    from tests.keepwarm import Keepwarm
    from tests.practice.world import World
    from tests.tab import Tab
    from tests.web import Website

LISTENING = '\n[web]\nlisten = "127.0.0.1:0"\n'
HERE = "location.pathname + location.search + location.hash"


class Desk:
    """An owner before their browser."""

    def __init__(self, tab: Tab, site: Website, keepwarm: Keepwarm) -> None:
        self.tab = tab
        self.site = site
        self.keepwarm = keepwarm
        token = site.seal.link_token(site.served.instance)
        assert tab.visit(f"{site.served.origin}/open?token={token}") == 200
        known = keepwarm.json("contacts")
        self.people = {one["name"]: one["id"] for one in known}  # two of them have the same name
        self.everybody = [one["id"] for one in known]

    def visit(self, target: str, status: int = 200) -> None:
        assert self.tab.visit(self.site.served.origin + target) == status

    def fill(self, form: str, **fields: str) -> None:
        """Type into the fields of a form, as a person does, and send it."""
        for name, text in fields.items():
            self.tab.ask(f"document.querySelector('{form} [name={name}]').focus()")
            if self.tab.ask("document.activeElement.type") == "date":
                self.tab.ask(f"document.activeElement.value = '{text}'")
            else:
                self.tab.type(text)
        self.tab.do(f"document.querySelector('{form} button').click()")


@pytest.fixture
def desk(browser: Browser, world: World, tmp_path: Path) -> Iterator[Desk]:
    mine = world.copy(tmp_path / "mine")
    config = mine.practice.config
    config.write_text(config.read_text() + LISTENING)
    with website(config, mine.practice.as_of) as site, tab(browser) as opened:
        found = Desk(opened, site, mine.keepwarm)
        yield found
        assert opened.complaints == []  # of scripts, and of the policy
        assert {urlsplit(one).netloc for one in opened.asked_for if one.startswith("http")} == {site.host}


def test_axe_finds_nothing_on_any_view(desk: Desk) -> None:
    who = desk.people["Quentin Mercier"]
    for target in ("/", "/?q=nordwind", f"/contacts/{who}", "/signals?kind=warming", "/attention", "/accounts"):
        desk.visit(target)
        assert desk.tab.axe() == [], target
    desk.tab.looks(width=375, dark=True)
    for target in ("/", f"/contacts/{who}", "/signals?kind=warming", "/attention", "/accounts"):
        desk.visit(target)
        desk.tab.ask("document.querySelectorAll('details:not(.older, .past)').forEach(one => { one.open = true })")
        assert desk.tab.axe() == [], target
        assert desk.tab.wider() == [], target


def test_the_keyboard_reaches_the_content_the_search_and_everybody(desk: Desk) -> None:
    desk.visit("/")
    desk.tab.press("Tab")
    assert desk.tab.ask("document.activeElement.getAttribute('href')") == "#content"
    assert desk.tab.ask("getComputedStyle(document.activeElement).left") != "-9999px"
    desk.tab.press("/")
    assert desk.tab.ask("document.activeElement.name") == "q"
    seen, last = set(), ""
    for _ in range(3 * len(desk.everybody) + 20):
        desk.tab.press("Tab")
        last = desk.tab.ask("document.activeElement.getAttribute('href') ?? ''")
        seen.add(last)
        if last == f"/contacts/{desk.people['Marco Bianchi']}" and desk.tab.ask(
            "document.activeElement.closest('table') !== null"
        ):
            break
    assert {f"/contacts/{one}" for one in desk.everybody} <= seen  # the marks come before the list
    assert desk.tab.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    desk.tab.press("Enter", leads_on=True)
    assert desk.tab.ask(HERE) == last


def test_typing_filters_the_sonar_at_once_and_the_address_keeps_it(desk: Desk) -> None:
    desk.visit("/")
    desk.tab.press("/")
    desk.tab.type("nordwind")
    desk.tab.comes_true("document.querySelectorAll('.people tbody tr').length < 10")
    assert desk.tab.ask("location.search") == "?q=nordwind"
    assert desk.tab.ask("document.activeElement.name") == "q"
    assert desk.tab.ask("document.querySelectorAll('.mark, .other').length") == len(desk.everybody)


def test_a_mark_on_the_line_leads_to_its_change_even_where_that_is_folded_away(desk: Desk) -> None:
    desk.visit(f"/contacts/{desk.people['Quentin Mercier']}")
    first = desk.tab.ask("document.querySelector('.stop').getAttribute('href')")
    assert desk.tab.ask(f"document.querySelector('{first}').closest('details').open") is False
    desk.tab.ask("document.querySelector('.stop').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    desk.tab.comes_true(f"document.querySelector('{first}').closest('details').open")
    desk.tab.comes_true(f"document.activeElement.id === '{first[1:]}'")


def test_each_form_does_what_its_command_does(desk: Desk) -> None:
    who = desk.people["Lars Behrens"]
    desk.visit(f"/contacts/{who}")
    desk.fill("#notes form.add", text="His daughter Ida starts school.", on="2026-12-01")
    assert desk.tab.ask(HERE) == f"/contacts/{who}?done=note#notes"
    desk.fill("#promises form.add", text="Send the offer", due="2026-12-03")
    desk.fill("#labels form.add", label="friend")
    desk.tab.ask("document.querySelector('#ping-days').value = ''")
    desk.fill("#ping form.add", days="45")
    desk.fill("#meetings form.add")
    [note], [promise] = desk.keepwarm.json("note", "--list", who), desk.keepwarm.json("promise", "--list", who)
    assert (note["text"], note["on"]) == ("His daughter Ida starts school.", "2026-12-01")
    assert (promise["text"], promise["due"]) == ("Send the offer", "2026-12-03")
    row = next(one for one in desk.keepwarm.json("contacts") if one["id"] == who)
    assert "friend" in row["labels"]
    assert row["ping_interval_days"] == 45
    assert len(desk.keepwarm.json("noshow", "--list")) == 1
    desk.tab.ask("document.querySelector('#ping-days').value = ''")
    desk.tab.ask("document.querySelector('#ping-days').focus()")
    desk.tab.type("often")
    desk.tab.do("document.querySelector('#ping form.add button').click()")
    assert "no number of days" in desk.tab.ask("document.querySelector('[role=alert]').textContent")
    assert desk.tab.ask("document.querySelector('#ping-days').value") == "often"
    assert any("422" in one for one in desk.tab.complaints)
    desk.tab.complaints.clear()  # the browser notes the status


def test_a_signal_is_dismissed_with_a_reason_and_the_word_is_taken_back(desk: Desk) -> None:
    one = next(found for found in desk.keepwarm.json("signals") if found["rule"] == "gone_quiet")
    desk.visit("/signals")
    form = f"#{one['id']} form"
    desk.tab.ask(f"document.querySelector('{form}').closest('details').open = true")
    desk.tab.ask(f"document.querySelector('{form} [name=reason]').focus()")
    desk.tab.type("On a sabbatical")
    desk.tab.do(f"document.querySelector('{form} [value=dismiss]').click()")
    assert desk.tab.ask(HERE) == f"/signals?done=dismissed#{one['id']}"
    said = {found["id"]: found for found in desk.keepwarm.json("signals", "--all")}[one["id"]]
    assert said["verdict"]["reason"] == "On a sabbatical"
    desk.visit("/signals?hidden=1")
    desk.tab.do(f"document.querySelector('{form} [value=undo]').click()")
    assert one["id"] in {found["id"] for found in desk.keepwarm.json("signals")}


def test_a_hostile_name_is_only_a_name(desk: Desk, tmp_path: Path) -> None:
    who = desk.people["Quentin Mercier"]
    database = Database(f"sqlite:///{tmp_path / 'mine' / 'keepwarm.db'}")
    with database.writing() as connection:
        connection.execute(contact.update().where(contact.c.id == who).values(name=HOSTILE))
        connection.execute(address.update().where(address.c.contact_id == who).values(name=HOSTILE))
    database.close()
    for target in ("/", f"/contacts/{who}", "/signals", "/attention"):
        desk.visit(target)
        assert "<script>alert(1)</script>" in desk.tab.ask("document.body.textContent")
        text = desk.tab.ask("document.documentElement.outerHTML")
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
        assert desk.tab.ask("[...document.scripts].every(one => one.src.endsWith('/static/page.js'))")
        assert desk.tab.wider() == []


def test_on_a_phone_the_list_is_there_instead_of_the_dial(desk: Desk) -> None:
    desk.tab.looks(width=375, height=800)
    desk.visit("/")
    assert desk.tab.ask("getComputedStyle(document.querySelector('.dial')).display") == "none"
    assert desk.tab.ask("document.querySelectorAll('.people tbody tr').length") == len(desk.everybody)
    assert desk.tab.wider() == []


def test_what_is_missing_and_who_is_not_let_in_get_a_page_of_their_own(desk: Desk) -> None:
    desk.visit("/contacts/c_0000", 404)
    assert desk.tab.axe() == []
    desk.tab.complaints.clear()  # the browser notes the status
