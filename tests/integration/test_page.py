"""The page by HTTP: each view, each form, and what the commands know of it afterwards."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from keepwarm.storage.tables import feed_entry
from tests.web import website

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.keepwarm import Keepwarm
    from tests.practice.world import World
    from tests.web import Answer, Website

LISTENING = '\n[web]\nlisten = "127.0.0.1:0"\n'


class Visit:
    """A browser's visit, without the browser."""

    def __init__(self, site: Website, keepwarm: Keepwarm) -> None:
        self.now = datetime.fromisoformat(keepwarm.as_of)
        self.site = site
        self.keepwarm = keepwarm
        self.cookie = site.visit()

    def see(self, target: str, status: int = 200) -> str:
        answer = self.site.ask(target, headers={**self.cookie, "Accept": "text/html"}, anonymous=True)
        assert answer.status == status, (target, answer.status, answer.body[:500])
        return answer.body.decode()

    def send(self, target: str, status: int = 303, **fields: str) -> Answer:
        """Send a form of a page as a browser does."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.see("/signals"))
        assert csrf
        body = urlencode({"csrf": csrf[1], **fields}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.site.served.origin}
        answer = self.site.ask(
            target, method="POST", body=body, headers={**self.cookie, **headers, "Accept": "text/html"}, anonymous=True
        )
        assert answer.status == status, (target, answer.status, answer.body[:2000])
        return answer


@pytest.fixture
def visit(world: World, tmp_path: Path) -> Iterator[Visit]:
    mine = world.copy(tmp_path / "mine")
    config = mine.practice.config
    config.write_text(config.read_text() + LISTENING)
    with website(config, mine.practice.as_of) as site:
        yield Visit(site, mine.keepwarm)


def _who(visit: Visit, name: str) -> str:
    return next(one["id"] for one in visit.keepwarm.json("contacts") if one["name"] == name)


def _text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_sonar_has_everybody_as_a_mark_and_as_a_row(visit: Visit) -> None:
    everybody = {one["id"] for one in visit.keepwarm.json("contacts")}
    page = visit.see("/")
    assert set(re.findall(r'<a href="/contacts/(\w+)" class="mark', page)) == everybody
    assert set(re.findall(r'<th scope="row" class="name"><a href="/contacts/(\w+)"', page)) == everybody


@pytest.mark.parametrize("query", ["label=client", "organisation=nordwind.example", "q=bjorn", "q=nord+client"])
def test_a_filter_keeps_everybody_else_on_the_dial(visit: Visit, query: str) -> None:
    everybody = visit.keepwarm.json("contacts")
    page = visit.see(f"/?{query}")
    marks, others = len(re.findall(r'class="mark ', page)), len(re.findall(r'class="other"', page))
    assert marks + others == len(everybody)
    assert marks == page.count('<th scope="row" class="name">')
    if query == "label=client":
        assert marks == sum("client" in one["labels"] for one in everybody)
    if query == "organisation=nordwind.example":
        assert marks == sum(one["organisation"] == "nordwind.example" for one in everybody)


def test_the_list_is_sorted_as_the_address_says(visit: Visit) -> None:
    def names(sort: str) -> list[str]:
        return re.findall(r'class="name"><a href="/contacts/\w+"><bdi>([^<]+)', visit.see(f"/?sort={sort}"))

    warmest = [one["name"] for one in visit.keepwarm.json("contacts")]
    assert [unescape(name) for name in names("warmth")] == warmest
    assert names("name") == sorted(names("name"), key=str.casefold)
    assert names("no-such-order") == names("warmth")
    assert names("coldest")[-1] == names("warmth")[0]


def test_each_step_of_the_warmth_is_on_the_contacts_page_and_a_mark_points_to_one(visit: Visit) -> None:
    who = _who(visit, "Quentin Mercier")
    page = visit.see(f"/contacts/{who}")
    listed = set(re.findall(r'<li id="change-(\d+)"', page))
    pointed = set(re.findall(r'href="#change-(\d+)"', page))
    assert pointed
    assert pointed <= listed
    ledger = visit.keepwarm.json("contacts", "show", who)["warmth"]
    year = [str(step["seq"]) for step in ledger if step["at"] >= "2025-11-24"]
    assert set(year) <= listed


def test_the_contacts_page_tells_what_the_command_tells(visit: Visit) -> None:
    who = _who(visit, "Quentin Mercier")
    said, page = visit.keepwarm.json("contacts", "show", who), _text(visit.see(f"/contacts/{who}"))
    for signal in said["signals"]:
        assert signal["sentence"] in page
        for item in signal["evidence"]:
            assert " ".join(item["what"].split()) in page
    for meeting in said["meetings"]:
        assert meeting["line"] in page


def test_a_note_is_added_corrected_and_removed(visit: Visit) -> None:
    who = _who(visit, "Lars Behrens")
    answer = visit.send(f"/contacts/{who}/notes", text="His daughter Ida starts school.", on="2026-12-01")
    assert answer.headers["location"] == f"/contacts/{who}?done=note#notes"
    [note] = visit.keepwarm.json("note", "--list", who)
    assert (note["text"], note["on"]) == ("His daughter Ida starts school.", "2026-12-01")
    assert "Noted." in visit.see(f"/contacts/{who}?done=note")
    visit.send(f"/contacts/{who}/notes/{note['id']}", do="change", text="His daughter Ida has started.", on="")
    [note] = visit.keepwarm.json("note", "--list", who)
    assert (note["text"], note["on"]) == ("His daughter Ida has started.", None)
    visit.send(f"/contacts/{who}/notes/{note['id']}", do="remove")
    assert visit.keepwarm.json("note", "--list", who) == []


def test_what_cannot_be_done_is_told_and_nothing_typed_is_lost(visit: Visit) -> None:
    who = _who(visit, "Lars Behrens")
    page = visit.send(f"/contacts/{who}/notes", 422, text="His <b>bold</b> plan", on="soonish").body.decode()
    assert "&#39;soonish&#39; is no day." in page
    assert "His &lt;b&gt;bold&lt;/b&gt; plan</textarea>" in page
    assert 'value="soonish"' in page
    assert visit.keepwarm.json("note", "--list", who) == []
    page = visit.send(f"/contacts/{who}/ping", 422, days="often").body.decode()
    assert "is no number of days." in page
    assert 'value="often"' in page


def test_a_promise_is_added_kept_and_opened_again(visit: Visit) -> None:
    who = _who(visit, "Lars Behrens")
    visit.send(f"/contacts/{who}/promises", text="Send the offer", due="2026-12-01", by="owner")
    [promise] = visit.keepwarm.json("promise", "--list", who)
    assert (promise["text"], promise["due"], promise["by"], promise["kept_at"]) == (
        "Send the offer", "2026-12-01", "owner", None,
    )  # fmt: skip
    visit.send(f"/contacts/{who}/promises/{promise['id']}", do="kept")
    assert visit.keepwarm.json("promise", "--list", who)[0]["kept_at"]
    visit.send(f"/contacts/{who}/promises/{promise['id']}", do="open")
    assert visit.keepwarm.json("promise", "--list", who)[0]["kept_at"] is None
    assert "is not said by when" in visit.send(f"/contacts/{who}/promises", 422, text="Call").body.decode()


def test_a_label_and_a_ping_interval_are_set_and_taken_back(visit: Visit) -> None:
    who = _who(visit, "Marco Bianchi")

    def row() -> dict[str, object]:
        return next(one for one in visit.keepwarm.json("contacts") if one["id"] == who)

    learnt = row()["ping_interval_days"]
    visit.send(f"/contacts/{who}/labels", do="add", label="friend")
    visit.send(f"/contacts/{who}/ping", do="set", days="45")
    assert (row()["labels"], row()["ping_interval_days"]) == (["friend"], 45)
    visit.send(f"/contacts/{who}/labels", do="remove", label="friend")
    visit.send(f"/contacts/{who}/ping", do="learn")
    assert (row()["labels"], row()["ping_interval_days"]) == ([], learnt)


def test_a_missed_meeting_is_kept_and_taken_back(visit: Visit) -> None:
    who = _who(visit, "Lars Behrens")
    meeting = re.search(r'<option value="(mt_\w+)"', visit.see(f"/contacts/{who}"))
    assert meeting
    visit.send(f"/contacts/{who}/missed", meeting=meeting[1])
    [said] = visit.keepwarm.json("noshow", "--list")
    assert (said["meeting"], said["who"]) == (meeting[1], "lars.behrens@quarry-legal.example")
    visit.send(f"/contacts/{who}/missed/{said['id']}", do="remove")
    assert visit.keepwarm.json("noshow", "--list") == []


def test_a_verdict_said_on_the_page_counts_in_a_backtest(visit: Visit) -> None:
    one = next(found for found in visit.keepwarm.json("signals") if found["rule"] == "gone_quiet")

    def counted(word: str) -> int:
        rows = visit.keepwarm.json("rules", "backtest")["rules"]
        return int(next(row[word] for row in rows if row["rule"] == "gone_quiet"))

    before = counted("dismissed")
    answer = visit.send(f"/signals/{one['id']}", do="dismiss", reason="On a sabbatical", back="signals")
    assert answer.headers["location"] == f"/signals?done=dismissed#{one['id']}"
    assert counted("dismissed") == before + 1
    assert one["id"] not in visit.see("/signals")
    assert "On a sabbatical" in visit.see("/signals?hidden=1")
    who = one["contact"]["id"]
    back = visit.send(f"/signals/{one['id']}", do="undo", back=who)
    assert back.headers["location"] == f"/contacts/{who}?done=undone#{one['id']}"
    assert counted("dismissed") == before
    assert (
        "no date and no span"
        in visit.send(f"/signals/{one['id']}", 422, do="snooze", until="x", back=who).body.decode()
    )


def test_signals_are_filtered_and_say_why(visit: Visit) -> None:
    found = visit.keepwarm.json("signals")
    page = visit.see("/signals")
    assert set(re.findall(r'id="(sig_\w+)"', page)) == {one["id"] for one in found}
    strong = visit.see("/signals?strength=strong")
    assert set(re.findall(r'id="(sig_\w+)"', strong)) == {one["id"] for one in found if one["strength"] == "strong"}
    one = found[0]
    condition = visit.keepwarm.json("why", one["id"])["rule_in_force"]["when"][0]
    assert condition in unescape(page)


def test_attention_and_accounts_show_what_the_commands_show(visit: Visit) -> None:
    page = _text(visit.see("/attention"))
    for share in visit.keepwarm.json("contacts", "attention")["shares"]:
        assert share["contact"]["name"] in page
    page = visit.see("/accounts")
    for account in visit.keepwarm.json("status")["accounts"]:
        assert f"<bdi>{account['name']}</bdi>" in page


def test_a_form_without_the_sessions_token_does_nothing(visit: Visit) -> None:
    who = _who(visit, "Lars Behrens")
    visit.send(f"/contacts/{who}/notes", 403, text="x", csrf="0" * 64)
    assert visit.keepwarm.json("note", "--list", who) == []


def test_somebody_who_was_merged_leads_to_who_they_are_part_of(visit: Visit) -> None:
    first, second = [one["id"] for one in visit.keepwarm.json("contacts") if one["name"] == "Emil Sørensen"]
    visit.keepwarm.run("contacts", "merge", first, second)
    answer = visit.site.ask(f"/contacts/{second}", headers=visit.cookie, anonymous=True)
    assert (answer.status, answer.headers["location"]) == (302, f"/contacts/{first}")
    visit.see(f"/contacts/{first}")


def test_somebody_who_was_forgotten_is_gone_and_nobody_asks_who_they_were(visit: Visit) -> None:
    line = {"id": "feed_1", "type": "contact.forgotten", "time": visit.now, "contact_id": "c_forgotten", "data": {}}
    with visit.site.workshop.database.writing() as connection:
        connection.execute(feed_entry.insert().values(**line, contact={"id": "c_forgotten"}))
    assert "This contact was forgotten" in visit.see("/contacts/c_forgotten", 410)


def test_what_is_not_there_is_said_on_a_page_to_people_and_as_a_problem_to_programs(visit: Visit) -> None:
    assert "Nobody is known by this id" in visit.see("/contacts/c_0000", 404)
    assert "There is nothing here" in visit.see("/no/such/page", 404)
    assert "There is nothing here" in visit.site.ask("/v1/no-such").said


def test_nothing_is_shown_to_who_is_not_let_in(visit: Visit) -> None:
    for target in ("/", "/signals", "/attention", "/accounts", f"/contacts/{_who(visit, 'Lars Behrens')}"):
        answer = visit.site.ask(target, headers={"Accept": "text/html"}, anonymous=True)
        assert answer.status == 401
        assert b"Lars" not in answer.body


def test_an_empty_sonar_says_what_to_do(world: World, tmp_path: Path) -> None:
    mine = world.unread(tmp_path / "unread")
    config = mine.practice.config
    config.write_text(config.read_text() + LISTENING)
    with website(config, mine.practice.as_of) as site:
        page = Visit(site, mine.keepwarm).see("/")
    assert "Nobody is on the sonar yet" in page
    assert "keepwarm sync" in page


def test_a_page_speaks_the_owners_language(world: World, tmp_path: Path) -> None:
    mine = world.copy(tmp_path / "mine")
    config = mine.practice.config
    config.write_text(config.read_text().replace("[report]", '[report]\nlanguage = "de"') + LISTENING)
    with website(config, mine.practice.as_of) as site:
        visit = Visit(site, mine.keepwarm)
        page = visit.see(f"/contacts/{_who(visit, 'Quentin Mercier')}")
        assert '<html lang="de">' in page
        assert "Antwortzeiten" in page
        assert "Treffen mit Ihnen abgesagt" in _text(page)
        for view in ("/", "/signals", "/attention", "/accounts"):
            assert '<html lang="de">' in visit.see(view)
