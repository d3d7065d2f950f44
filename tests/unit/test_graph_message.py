"""Messages as Graph tells them: the same mail that IMAP shows, told from lists as well as the scope allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.connectors.graph_message import MessageMaker, moment_of
from keepwarm.connectors.headers import message_from_headers
from keepwarm.connectors.own_mail import OwnMail
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.tables import message as message_table
from tests.microsoft import ME, START, Microsoft, Reading, keys, message, person, pull
from tests.servers.graph import TOKEN, error

NOT_THERE = error(404, "ErrorItemNotFound", "The specified object was not found in the store.")

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.observations import MessageSeen

MAKER = MessageMaker("Inbox", frozenset({ME}))


def made(told: dict[str, Any], maker: MessageMaker = MAKER) -> MessageSeen:
    seen, rejected = maker.made({"id": "one", **told})
    assert rejected is None
    assert seen is not None
    return seen


def headers(**fields: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in fields.items()]


def test_it_is_the_same_mail_as_by_imap() -> None:
    raw = (
        "From: =?utf-8?q?Ana_M=C3=BCller?= <Ana@Acme.example>\r\n"
        "To: Me <me@example.com>\r\n"
        "Date: Mon, 2 Mar 2026 10:05:00 +0100\r\n"
        "Message-ID: <5@acme.example>\r\n"
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        "References: <1@acme.example>\r\n\r\n"
    )
    by_imap = message_from_headers(raw.encode(), source_key="one", stored_at=START, size=0)
    told = message(5, subject="Grüße", **{"from": person("Ana@Acme.example", "Ana Müller")})
    by_graph = made({**told, "internetMessageHeaders": headers(References="<1@acme.example>")})
    assert by_graph == by_imap
    assert made(told).dedupe_key == by_imap.dedupe_key  # without the header too


def test_the_same_mail_by_graph_and_by_imap_is_stored_once(microsoft: Microsoft, tmp_path: Path) -> None:
    raw = (
        "From: ana@acme.example\r\nTo: me@example.com\r\nDate: Mon, 2 Mar 2026 09:05:00 +0000\r\n"
        "Message-ID: <5@acme.example>\r\nSubject: Message 5\r\n\r\n"
    )
    reading = Reading(tmp_path)
    reading.store.pull(message_from_headers(raw.encode(), source_key="1:5", stored_at=START, size=0))
    microsoft.mailbox.add(message(5))
    microsoft.mailbox.add(message(6), "archive")
    reading.poll(microsoft.mail(), "inbox")
    reading.poll(microsoft.mail(), "archive")
    subjects = reading.store.rows(select(message_table.c.subject))
    assert sorted(subjects) == [("Message 5",), ("Message 6",)]


def test_what_people_write_cannot_break_the_header() -> None:
    told = message(1, subject="Hello\r\nBcc: all@evil.example", **{"from": person("ana@acme.example", 'A"\r\nTo: x <')})
    seen = made(told)
    assert [party.address for party in (*seen.to, *seen.bcc)] == [ME]
    assert seen.author is not None
    assert seen.author.address == "ana@acme.example"


KINDS: dict[str, tuple[dict[str, Any], MessageKind]] = {
    "a person": ({}, MessageKind.HUMAN),
    "a list, by its header": ({"internetMessageHeaders": headers(List_Id="<x.y>")}, MessageKind.LIST),
    "a robot, by its header": (
        {"internetMessageHeaders": headers(Auto_Submitted="auto-generated")},
        MessageKind.AUTOMATED,
    ),
    "a robot, by its address": ({"from": person("no-reply@shop.example")}, MessageKind.AUTOMATED),
    "an absence": ({"subject": "Automatic reply: Hello"}, MessageKind.OUT_OF_OFFICE),
    "an invitation": ({"@odata.type": "#microsoft.graph.eventMessageRequest"}, MessageKind.INVITATION),
    "answers go to a robot": ({"replyTo": [person("no-reply@shop.example")]}, MessageKind.LIST),
    "put aside, and to nobody here": (
        {"inferenceClassification": "other", "toRecipients": [person("all@shop.example")]},
        MessageKind.LIST,
    ),
    "put aside, and to the owner": ({"inferenceClassification": "other"}, MessageKind.HUMAN),
    "to a group": ({"toRecipients": [person("team@acme.example")]}, MessageKind.HUMAN),
}


@pytest.mark.parametrize("name", KINDS)
def test_people_are_told_from_lists_and_robots(name: str) -> None:
    more, kind = KINDS[name]
    assert made({**message(1), **more}).kind is kind


def test_a_header_that_shows_no_list_outweighs_what_outlook_puts_aside() -> None:
    told = message(1, inferenceClassification="other", toRecipients=[person("all@shop.example")])
    assert made({**told, "internetMessageHeaders": headers(Received="x")}).kind is MessageKind.HUMAN


BROKEN: list[dict[str, Any]] = [
    {},
    {"subject": 7, "from": [], "toRecipients": "x", "internetMessageHeaders": {"a": 1}},
    {"sentDateTime": "never"},
]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_none_is_rejected(broken: dict[str, Any]) -> None:
    seen, rejected = MAKER.made({"id": "one", **broken})
    assert seen is None
    assert rejected is not None
    assert rejected.source_key == "one"


@pytest.mark.parametrize("text", [None, 7, "", "never", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_no_time_is_no_time(text: object) -> None:
    assert moment_of(text) is None or moment_of(text).tzinfo is UTC  # type: ignore[union-attr]


def test_headers_are_asked_for_and_done_without_where_they_are_refused(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1, internetMessageHeaders=headers(List_Id="<x.y>")))
    connector = microsoft.mail()
    assert pull(connector)[0].seen[0].kind is MessageKind.LIST  # type: ignore[union-attr]
    microsoft.mailbox.headers = "refused"
    connector = microsoft.mail()
    [batch] = pull(connector)
    assert batch.seen[0].kind is MessageKind.HUMAN  # type: ignore[union-attr]
    microsoft.mailbox.headers = "left out"
    assert len(keys(pull(microsoft.mail()))) == 1


def test_only_what_is_used_is_asked_for_and_by_immutable_id(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1))
    pull(microsoft.mail())
    [asked] = [one for one in microsoft.graph.asked if one.path.endswith("/delta")]
    assert "body" not in asked.query["$select"].lower()
    assert asked.immutable
    assert "$filter" not in asked.query  # it would stop at 5,000 messages


def test_the_texts_of_sent_mail_are_read_only_where_the_owner_says_so(microsoft: Microsoft) -> None:
    microsoft.graph.scopes_of["token-of-the-tests"] = frozenset({"Mail.Read"})
    body = {"contentType": "html", "content": "<p>I will send you the offer by Friday.</p>"}
    microsoft.mailbox.add(message(1, sender=ME, to=["ana@acme.example"], body=body), "sentitems")
    own = OwnMail(frozenset({ME}), UTC)
    [silent] = pull(microsoft.mail(), name="sentitems")
    [read] = pull(microsoft.mail(own_mail=own), name="sentitems")
    assert silent.seen[0].promised_due is None  # type: ignore[union-attr]
    assert read.seen[0].promised_due == datetime(2026, 3, 6).date()  # type: ignore[union-attr]  # noqa: DTZ001 - a day
    pull(microsoft.mail(own_mail=own), name="inbox")
    asked = [one for one in microsoft.graph.asked if one.path.endswith("/delta")]
    assert ["body" in one.query["$select"].split(",") for one in asked] == [False, True, False]


def test_junk_deleted_mail_and_drafts_are_left_out(microsoft: Microsoft) -> None:
    clients = microsoft.mailbox.add_folder("Kunden", microsoft.mailbox.folder("inbox").id)
    microsoft.mailbox.add_folder("Acme", clients)
    microsoft.mailbox.add_folder("Old", microsoft.mailbox.folder("deleteditems").id)
    microsoft.mailbox.add_folder("Hidden", hidden=True)
    microsoft.mailbox.add(message(1, isDraft=True))
    names = [stream.name for stream in microsoft.mail().streams()]
    assert names == ["inbox", "archive", "inbox/Kunden", "inbox/Kunden/Acme", "sentitems"]
    assert keys(pull(microsoft.mail())) == []
    chosen = microsoft.mail(include=("Inbox*", "calendar:Work"), exclude=("*/Acme",)).streams()
    assert [stream.name for stream in chosen] == ["inbox", "inbox/Kunden"]


def test_a_poll_with_nothing_new_is_one_request(microsoft: Microsoft) -> None:
    for number in range(450):
        microsoft.mailbox.add(message(number))
    connector = microsoft.mail()
    [*_, last] = pull(connector)
    microsoft.graph.paths()
    assert pull(connector, last.cursor) == []
    assert len(microsoft.graph.paths()) == 1


def test_more_than_five_thousand_messages_are_all_read_and_old_ones_left_out(microsoft: Microsoft) -> None:
    for number in range(5_300):
        microsoft.mailbox.add(message(number))
    since = START + timedelta(minutes=100)
    assert len(keys(pull(microsoft.mail(since=since)))) == 5_200


def test_a_mail_that_was_opened_is_no_broken_one(microsoft: Microsoft) -> None:
    number = microsoft.mailbox.add(message(1))
    [*_, last] = pull(microsoft.mail())
    microsoft.mailbox.change(number, isRead=True)
    [batch] = pull(microsoft.mail(), last.cursor)
    assert (batch.seen, batch.rejected, batch.looked_at) == ((), (), 1)


QUESTION = "reflect.2026-03-02@keepwarm.invalid"
ASKED = OwnMail(frozenset({ME}), UTC, promises=False, asked=lambda one: one == QUESTION)


def answer(
    number: int, text: str, sender: str = ME, to: tuple[str, ...] = (ME,), about: str = QUESTION
) -> dict[str, Any]:
    body = {"contentType": "text", "content": text}
    return message(number, sender, to, body=body, internetMessageHeaders=headers(In_Reply_To=f"<{about}>"))


def test_an_answer_to_a_question_of_ours_is_read_where_it_arrives_and_no_other_text_is_asked_for(
    microsoft: Microsoft,
) -> None:
    microsoft.graph.scopes_of[TOKEN] = frozenset({"Mail.Read"})
    wanted = microsoft.mailbox.add(answer(1, "4 she wants the offer"))
    others = (
        answer(2, "3 forged", sender="eve@evil.example"),
        answer(3, "2 told to somebody else", to=(ME, "eve@evil.example")),
        answer(4, "1 of another thread", about="else@acme.example"),
        message(5, ME, (ME,)),
    )
    for one in others:
        microsoft.mailbox.add(one)
    seen = {one.source_key: one for batch in pull(microsoft.mail(own_mail=ASKED)) for one in batch.seen}
    assert {key for key, one in seen.items() if getattr(one, "answer", None) is not None} == {wanted}
    assert seen[wanted].answer == "4 she wants the offer"
    asked = [one for one in microsoft.graph.asked if one.path.startswith("/me/messages/")]
    assert [one.path.rpartition("/")[2] for one in asked] == [wanted]
    assert not any("body" in one.query.get("$select", "") for one in microsoft.graph.asked if one not in asked)


@pytest.mark.parametrize("obstacle", ["the scope", "deleted meanwhile"])
def test_an_answer_whose_text_is_not_handed_over_is_a_mail_all_the_same(microsoft: Microsoft, obstacle: str) -> None:
    microsoft.graph.scopes_of[TOKEN] = frozenset({"Mail.ReadBasic" if obstacle == "the scope" else "Mail.Read"})
    key = microsoft.mailbox.add(answer(1, "4 she wants the offer"))
    if obstacle == "deleted meanwhile":
        microsoft.graph.parts.insert(0, lambda asked: NOT_THERE if asked.path.startswith("/me/messages/") else None)
    [batch] = pull(microsoft.mail(own_mail=ASKED))
    assert [(one.source_key, one.answer) for one in batch.seen] == [(key, None)]
