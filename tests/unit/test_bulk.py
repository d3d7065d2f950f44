from __future__ import annotations

import pytest

from keepwarm.connectors.bulk import BULK_FIELDS, kind_of
from keepwarm.connectors.robots import is_robot_address
from keepwarm.storage.observations import MessageKind

PERSON = "ana@acme.example"
HUMAN, LIST, AUTOMATED = MessageKind.HUMAN, MessageKind.LIST, MessageKind.AUTOMATED


def kind(*, author: str = PERSON, subject: str = "Lunch", **fields: str) -> MessageKind:
    named = {name.replace("_", "-"): [value] for name, value in fields.items()}
    assert set(named) <= {field.lower() for field in BULK_FIELDS}, "a field that is not fetched proves nothing"
    return kind_of(named, author=author, subject=subject)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, HUMAN),
        ({"content_type": "multipart/alternative; boundary=x"}, HUMAN),
        ({"list_id": "<news.x.example>"}, LIST),
        ({"list_unsubscribe": "<mailto:u@x.example>"}, LIST),
        ({"list_post": "<mailto:l@x.example>"}, LIST),
        ({"precedence": "list"}, LIST),
        ({"precedence": "bulk"}, AUTOMATED),
        ({"precedence": "junk"}, AUTOMATED),
        ({"precedence": "first-class"}, HUMAN),
        ({"auto_submitted": "auto-generated"}, AUTOMATED),
        ({"auto_submitted": "auto-replied"}, AUTOMATED),
        ({"auto_submitted": "auto-notified; owner-email=x"}, AUTOMATED),
        ({"auto_submitted": "no"}, HUMAN),
        ({"auto_submitted": "No (a person)"}, HUMAN),
        ({"return_path": "<>"}, AUTOMATED),
        ({"return_path": "<ana@acme.example>"}, HUMAN),
        ({"feedback_id": "42:campaign:shop"}, AUTOMATED),
        ({"feedback_id": "i1234:Fastmail"}, HUMAN),
        ({"feedback_id": "1234:user:proton"}, HUMAN),
        ({"x_auto_response_suppress": "All"}, HUMAN),
        ({"x_auto_response_suppress": "All", "author": "support@shop.example"}, AUTOMATED),
        ({"author": "support@shop.example"}, HUMAN),
        ({"author": "no-reply@shop.example"}, AUTOMATED),
        ({"rt_ticket": "acme #12"}, AUTOMATED),
        ({"x_github_reason": "mention"}, AUTOMATED),
        ({"content_type": "multipart/report; report-type=delivery-status"}, AUTOMATED),
        ({"content_type": "text/calendar; method=REQUEST", "list_id": "x"}, MessageKind.INVITATION),
    ],
)
def test_the_header_says_who_wrote(fields: dict[str, str], expected: MessageKind) -> None:
    assert kind(**fields) is expected


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Automatic reply: Offer", {}),
        ("Automatische Antwort: Angebot", {"auto_submitted": "auto-generated"}),
        ("Offer", {"auto_submitted": "auto-replied (vacation)", "precedence": "bulk"}),
        ("Re: Offer", {"auto_submitted": "auto-replied", "x_autoreply": "yes", "precedence": "bulk"}),
        ("Offer", {"x_autorespond": "Offer"}),
        ("Out of office until Monday", {"auto_submitted": "auto-replied"}),
        ("Im Urlaub bis 3. August", {"return_path": "<>"}),
    ],
)
def test_an_answering_machine_is_out_of_office(subject: str, fields: dict[str, str]) -> None:
    assert kind(subject=subject, **fields) is MessageKind.OUT_OF_OFFICE


@pytest.mark.parametrize(
    "subject",
    ["Out of office next week - can we talk?", "Urlaub", "Re: Automatic reply: Offer", "Auto: which one?"],
)
def test_a_person_who_writes_about_an_absence_is_a_person(subject: str) -> None:
    assert kind(subject=subject) is HUMAN


def test_a_help_desk_that_confirms_receipt_is_not_out_of_office() -> None:
    received = "Automatic reply: your ticket"
    assert kind(subject=received, author="support@x.example", auto_submitted="auto-replied") is AUTOMATED


@pytest.mark.parametrize(
    "subject",
    [
        "Invoice 2026-014",
        "Rechnung Nr. 12",
        "Your invoice #88",
        "Rechnung",
        "Invoice: INV-7",
        "Mahnung RE-2026/3",
        "Invoice for October",
        "Invoice May 2026",
        "Monthly invoice \N{EN DASH} October",
        "Your invoice is attached",
        "Attached: invoice 88",
        "Invoice no. INV-7 from Carter Consulting",
        "Rechnung März 2026",
        "Rechnung für den Monat Oktober",
        "Rechnungsnummer 2026-12",
        "Anbei: Rechnung 12 vom 3. Mai",
        "Rechnung im Anhang",
    ],
)
def test_invoices_by_their_title(subject: str) -> None:
    assert kind(subject=subject) is MessageKind.INVOICE


@pytest.mark.parametrize(
    "subject",
    [
        "Invoice question",
        "Did you get invoice 12?",
        "Invoice 12?",
        "Re: Invoice 2026-014",
        "Rechnung stimmt nicht",
        "Question about invoice 12",
        "Invoicing in 2026",
        "Invoice may be late",
        "Invoice for the workshop: who pays?",
        "Invoice for October is wrong",
        "Rechnung März fehlt",
        "Attached",
    ],
)
def test_talk_about_an_invoice_is_human(subject: str) -> None:
    assert kind(subject=subject) is HUMAN


def test_an_invoice_in_a_conversation_is_human() -> None:
    assert kind(subject="Invoice 12", in_reply_to="<a@x>") is HUMAN


@pytest.mark.parametrize(
    "local",
    [
        "noreply", "no-reply", "no_reply", "No.Reply", "donotreply", "do-not-reply", "alerts-noreply",
        "mailer-daemon", "postmaster", "bounce", "bounces", "bounces+42-ana=acme.example",
        "list-bounces", "notification",
        "notifications", "calendar-notification", "newsletter", "alerts", "notify2", "cron",
    ],
)  # fmt: skip
def test_a_role_is_a_robot(local: str) -> None:
    assert is_robot_address(f"{local}@x.example")


@pytest.mark.parametrize(
    "local",
    [
        "info", "office", "hello", "contact", "team", "sales", "ana", "support", "kontakt", "joe.root",
        "alertina", "norbert.reply", "mailerich",
    ],
)  # fmt: skip
def test_a_small_firms_address_is_a_person(local: str) -> None:
    assert not is_robot_address(f"{local}@x.example")
