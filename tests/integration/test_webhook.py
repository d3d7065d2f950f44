"""The webhook: each line arrives at least once, signed, in order for each contact, and what does not is told."""

from __future__ import annotations

import random
import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.daemon.webhook_delivery import MOST_JITTER, RESTS, WAITS
from keepwarm.daemon.webhook_post import NotTaken, Post, Taken
from keepwarm.outputs.feed import line as feed_line
from keepwarm.storage import feed
from tests.keepwarm import Keepwarm
from tests.servers.web import Page, Web, certificate
from tests.webhooks import BEGAN, PATH, QUERY, TAKEN, Posting, Receiver, signal, warmth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANA, BOB, CY = "ana@acme.test", "bob@acme.test", "cy@acme.test"
SEED = 9


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver; all that it gets must be signed well."""
    receiver = Receiver()
    yield receiver
    receiver.web.stop()
    assert receiver.faults == []


@pytest.fixture
def posting(tmp_path: Path, receiver: Receiver) -> Posting:
    """Give somebody whose webhook has begun."""
    posting = Posting(tmp_path, receiver.url)
    posting.post()
    return posting


def refusing(*ids: str, status: int = 500) -> Callable[[dict[str, Any]], Page]:
    return lambda line: Page(status=status) if line["id"] in ids else TAKEN


def test_a_line_is_posted_as_the_feed_has_it(posting: Posting, receiver: Receiver) -> None:
    posting.tell(signal("sig_1", sentence='J\u00f6rg "J" \u202e said \x1b[2J'), signal("sig_1.2"))
    assert posting.post().sent == 2
    with posting.workshop.database.reading() as connection:
        expected = [feed_line(entry) for entry in feed.entries(connection)]
    assert [asked.body.decode() for asked in receiver.web.asked] == expected
    assert receiver.web.asked[0].headers["content-type"] == "application/json"
    assert posting.post().sent == 0
    assert posting.state["posted"] == 2


def test_a_new_webhook_begins_with_what_is_told_from_then_on(tmp_path: Path, receiver: Receiver) -> None:
    posting = Posting(tmp_path, receiver.url)
    posting.tell(signal("before"))
    posting.post()
    posting.tell(signal("after"))
    posting.post()
    assert receiver.ids == ["after"]


def test_another_address_begins_anew(posting: Posting, receiver: Receiver) -> None:
    receiver.answer = refusing("lost")
    posting.tell(signal("lost"))
    posting.post()
    posting.tell(signal("between"))
    posting.configure(receiver.url + "&v=2")
    posting.post()
    posting.tell(signal("after"))
    posting.post()
    assert receiver.ids == ["after"]


def test_only_the_chosen_types_are_posted(tmp_path: Path, receiver: Receiver) -> None:
    posting = Posting(tmp_path, receiver.url, 'events = ["warmth.changed"]')
    posting.post()
    posting.tell(warmth("new", at=BEGAN + timedelta(hours=1)), signal("sig_1"))
    posting.post()
    assert receiver.ids == ["new"]


def test_by_default_signals_are_posted(posting: Posting, receiver: Receiver) -> None:
    posting.tell(warmth("new", at=BEGAN + timedelta(hours=1)), signal("sig_1"))
    posting.post()
    assert receiver.ids == ["sig_1"]


def test_a_line_that_is_not_taken_holds_back_only_what_follows_about_the_same_contact(
    posting: Posting, receiver: Receiver
) -> None:
    receiver.answer = refusing("ana_1")
    posting.tell(signal("ana_1"), signal("ana_2"))
    posting.tell(signal("bob_1"), signal("bob_2"), who=BOB)
    posting.post()
    assert receiver.ids == ["bob_1", "bob_2"]
    receiver.answer = lambda _line: TAKEN
    posting.until_all_is_posted()
    assert receiver.ids == ["bob_1", "bob_2", "ana_1", "ana_2"]


def test_whatever_fails_each_contacts_lines_arrive_in_order(posting: Posting, receiver: Receiver) -> None:
    chance = random.Random(SEED)
    lost = [0]

    def moody(line: dict[str, Any]) -> Page:
        mood = chance.random()
        if mood < 0.15:
            lost[0] += 1
            receiver.taken.append(line)  # it takes it, and says that it has not
        return TAKEN if mood > 0.5 else Page(status=chance.choice((400, 404, 429, 500, 503)))

    receiver.answer = moody
    for number in range(60):
        posting.tell(signal(f"{number:03d}"), who=(ANA, BOB, CY)[number % 3])
        if chance.random() < 0.3:
            posting.post()
            posting.now += timedelta(seconds=chance.uniform(1, 600))
    posting.until_all_is_posted()
    assert lost[0]
    assert [ids == sorted(ids) for ids in receiver.first_taken.values()] == [True] * 3
    assert len(set(receiver.ids)) >= 60 - posting.state["dead"]


def test_a_line_is_tried_for_three_days_then_given_up_and_told_with_the_cure(
    posting: Posting, receiver: Receiver
) -> None:
    receiver.answer = refusing("bad")
    posting.tell(signal("bad"), signal("good"))
    tried = []
    while not posting.state["dead"]:
        before = len(receiver.seen)
        done = posting.post()
        tried += [posting.now] * sum(line["id"] == "bad" for line in receiver.seen[before:])
        posting.now = done.again
    waits = [after - before for before, after in pairwise(tried)]
    assert all(least <= wait <= least * MOST_JITTER for least, wait in zip(WAITS, waits, strict=True))
    assert tried[-1] - tried[0] >= timedelta(days=3)
    posting.until_all_is_posted()
    assert receiver.ids == ["good"]  # it holds nothing back any more
    keepwarm = Keepwarm(posting.config)
    assert "1 line for the webhook was given up after ten tries" in keepwarm.run("status").out
    assert keepwarm.json("status")["webhook"]["dead_letters"][0]["attempts"] == 10
    told = next(one for one in keepwarm.json("doctor", status=1) if one["about"] == "webhook")
    assert "keepwarm webhook retry" in told["cure"]
    receiver.answer = lambda _line: TAKEN
    assert "1 line posted." in keepwarm.run("webhook", "retry").out
    assert receiver.ids == ["good", "bad"]
    assert keepwarm.json("status")["webhook"]["dead"] == 0


def test_what_was_given_up_can_be_let_go_of_and_that_undone(posting: Posting, receiver: Receiver) -> None:
    receiver.answer = refusing("bad", status=400)
    posting.tell(signal("bad"))
    posting.until_all_is_posted()
    keepwarm = Keepwarm(posting.config)
    assert "GIVEN UP" in keepwarm.run("webhook").out
    undo = keepwarm.run("webhook", "drop").out.partition("Undo: keepwarm ")[2].split()
    assert keepwarm.json("webhook")["dead"] == 0
    receiver.answer = lambda _line: TAKEN
    keepwarm.run(*undo)
    assert receiver.ids == ["bad"]


def test_a_receiver_that_asks_to_wait_is_left_alone_for_so_long(posting: Posting, receiver: Receiver) -> None:
    receiver.answer = lambda _line: Page(status=429, headers=(("Retry-After", "7200"),))
    posting.tell(signal("ana_1"))
    posting.tell(signal("bob_1"), who=BOB)
    done = posting.post()
    assert len(receiver.seen) == 1
    assert done.again >= posting.now + timedelta(hours=2)
    posting.now += timedelta(minutes=119)
    posting.post()
    assert len(receiver.seen) == 1
    receiver.answer = lambda _line: TAKEN
    posting.now += timedelta(hours=1)
    posting.until_all_is_posted()
    assert sorted(receiver.ids) == ["ana_1", "bob_1"]


def test_a_receiver_that_is_gone_is_not_posted_to_until_the_owner_says_so(posting: Posting, receiver: Receiver) -> None:
    receiver.answer = lambda _line: Page(status=410)
    posting.tell(signal("ana_1"))
    posting.tell(signal("bob_1"), who=BOB)
    posting.post()
    posting.now += timedelta(days=20)
    posting.post()
    assert len(receiver.seen) == 1
    keepwarm = Keepwarm(posting.config)
    assert "wants nothing any more (HTTP 410)" in keepwarm.run("status").out
    assert "webhook retry" in keepwarm.run("doctor", status=1).out
    receiver.answer = lambda _line: TAKEN
    keepwarm.run("webhook", "retry")
    assert receiver.ids == ["ana_1", "bob_1"]


def test_no_redirect_is_followed(posting: Posting, receiver: Receiver) -> None:
    elsewhere = Web({"/": TAKEN})
    receiver.answer = lambda _line: Page(status=307, headers=(("Location", elsewhere.url("/")),))
    posting.tell(signal("sig_1"))
    posting.post()
    assert elsewhere.asked == []
    assert "is not followed" in posting.state["problem"]
    assert posting.waiting == 1
    elsewhere.stop()


def test_an_endpoint_that_is_down_is_asked_once_and_rests(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    posting = Posting(tmp_path, f"http://127.0.0.1:{port}{PATH}{QUERY}")
    posting.post()
    for who in (ANA, BOB, CY):
        posting.tell(signal(f"to {who}"), who=who)
    done = posting.post()
    assert done.failed == 1
    assert posting.state["problem"] == f"http://127.0.0.1:{port} cannot be reached."
    for least in RESTS[1:]:
        posting.now = done.again
        done = posting.post()
        assert done.again - posting.now >= least


def post(url: str, **more: Any) -> Any:
    found = Post(url, private=False, **more)
    try:
        return found.send(b"{}", {})
    finally:
        found.close()


def test_an_answer_without_end_is_taken_by_its_status(receiver: Receiver) -> None:
    receiver.web.pages["/"] = Page(status=200, pieces=(b"x" * 1000,) * 100_000)
    assert post(receiver.web.url("/")) == Taken()


def test_a_receiver_that_says_nothing_is_left_in_time() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        outcome = post(f"http://127.0.0.1:{server.getsockname()[1]}/", whole_seconds=0.3)
    assert isinstance(outcome, NotTaken)
    assert outcome.of_endpoint
    assert "did not answer in time" in outcome.problem


def test_a_name_that_leads_into_a_private_network_needs_the_owners_word(tmp_path: Path, receiver: Receiver) -> None:
    port = receiver.web.port
    posting = Posting(tmp_path, f"https://127.1:{port}{PATH}{QUERY}")  # no address as it is written, and yet one
    posting.post()
    posting.tell(signal("sig_1"))
    posting.post()
    assert "private address" in posting.state["problem"]
    assert "allow_private = true in [webhook]" in posting.state["what_to_do"]
    assert receiver.web.asked == []
    outcome = Post(f"http://127.1:{port}/", private=True).send(b"{}", {})
    assert isinstance(outcome, NotTaken)
    assert "HTTP 404" in outcome.problem  # it was reached


def test_the_certificate_is_verified(tmp_path: Path) -> None:
    context, ca_file = certificate(tmp_path)
    web = Web({"/": TAKEN}, tls=context)
    outcome = post(web.url("/"))
    assert isinstance(outcome, NotTaken)
    assert "certificate" in outcome.problem
    assert web.asked == []
    assert post(web.url("/"), ca_file=ca_file) == Taken()
    web.stop()


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("whsec_!!!not base64!!!aaaaaaaaaaaaaaaaaaaaaaaaaa", "is not base64"),
        ("whsec_c2hvcnQ=", "has 5 bytes; 24 to 64 are allowed"),
        ("whsk_" + "A" * 44, "is not base64"),
    ],
)
def test_a_secret_that_cannot_sign_is_told_and_nothing_is_posted(
    tmp_path: Path, receiver: Receiver, secret: str, why: str
) -> None:
    posting = Posting(tmp_path, receiver.url, secret=secret)
    posting.post()
    posting.tell(signal("sig_1"))
    posting.post()
    assert receiver.web.asked == []
    told = Keepwarm(posting.config).run("doctor", status=1).out
    assert why in told
    assert secret not in told
    assert posting.waiting == 1  # and nothing was tried in vain
    assert posting.state["failing"] == []


def test_neither_the_address_nor_the_secret_is_kept_or_told(posting: Posting, receiver: Receiver) -> None:
    receiver.answer = refusing("sig_1")
    posting.tell(signal("sig_1"))
    keepwarm = Keepwarm(posting.config)
    told = keepwarm.run("webhook", "retry", status=1)
    told_more = [keepwarm.run("--verbose", *one).out for one in (("status",), ("webhook", "--json"))]
    posting.workshop.close()
    files = b"".join(file.read_bytes() for file in (posting.folder / "data").iterdir())
    with closing(sqlite3.connect(posting.folder / "data" / "keepwarm.db")) as connection:
        assert connection.execute("SELECT count(*) FROM webhook_line").fetchone() == (1,)
    for hidden in (PATH, QUERY, posting.secret):
        assert hidden not in "".join((told.out, told.err, *told_more))
        assert hidden.encode() not in files


def test_two_at_once_post_each_line_once(posting: Posting, receiver: Receiver) -> None:
    posting.tell(signal("ana_1"))
    posting.tell(signal("bob_1"), who=BOB)
    others = []

    def meanwhile(line: dict[str, Any]) -> Page:
        if line["id"] == "ana_1":
            others.append(posting.post("another"))
        return TAKEN

    receiver.answer = meanwhile
    posting.post()
    assert [(other.elsewhere, other.sent) for other in others] == [(True, 0)]
    assert receiver.ids == ["ana_1", "bob_1"]
    posting.tell(signal("ana_2"))
    posting.post("another")  # the first has let go
    assert receiver.ids == ["ana_1", "bob_1", "ana_2"]


def test_what_is_wiped_from_the_feed_is_not_posted(posting: Posting, receiver: Receiver) -> None:
    receiver.answer = refusing("sig_1")
    posting.tell(signal("sig_1"))
    posting.post()
    with posting.workshop.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM feed_entry")
    receiver.answer = lambda _line: TAKEN
    posting.until_all_is_posted()
    assert receiver.ids == []


def test_without_a_webhook_the_command_says_so(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[database]\nurl = "sqlite:///data/keepwarm.db"\n')
    assert "no webhook" in Keepwarm(config).run("webhook", status=2).err
    assert Keepwarm(config).json("status")["webhook"] is None
