"""Senders of newsletters and robots became contacts: what their headers say keeps them out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keepwarm.connectors.headers import message_from_headers
from keepwarm.storage.observations import MessageKind, MessageSeen

BASE = b"To: sam@carter.example\nDate: Mon, 2 Mar 2026 12:00:00 +0000\nMessage-ID: <1@x.example>\n"


def read(*fields: bytes) -> MessageSeen:
    raw = BASE + b"\n".join(fields) + b"\n"
    return message_from_headers(raw, source_key="k", stored_at=datetime(2026, 3, 2, tzinfo=UTC), size=0)


@pytest.mark.parametrize(
    "fields",
    [
        (b"From: News <hello@shop.example>", b"List-Unsubscribe: <https://shop.example/u>"),
        (b"From: News <ana@shop.example>", b"LIST-ID:\n\tWeekly <weekly.shop.example>"),
        (b"From: Shop <ana@shop.example>", b"Precedence: bulk"),
        (b"From: Shop <ana@shop.example>", b"Feedback-ID: 1:2:3:sender"),
        (b"From: Shop <no-reply@shop.example>",),
        (b"From: =?utf-8?q?Benachrichtigung?= <notifications@shop.example>",),
        (b"From: MAILER-DAEMON@shop.example", b"Return-Path: <>"),
        (b"From: Tickets <help@shop.example>", b"Auto-Submitted: auto-generated"),
    ],
)
def test_mail_from_machines_is_not_human(fields: tuple[bytes, ...]) -> None:
    assert read(*fields).kind in {MessageKind.LIST, MessageKind.AUTOMATED}


@pytest.mark.parametrize(
    "fields",
    [
        (b"From: Ana <ana@acme.example>",),
        (b"From: Office <info@acme.example>", b"Return-Path: <info@acme.example>"),
        (b"From: Ana <ana@fast.example>", b"Feedback-ID: i12:Fastmail"),
        (b"From: Ana <ana@exchange.example>", b"X-Auto-Response-Suppress: DR, OOF, AutoReply"),
    ],
)
def test_mail_from_people_stays_human(fields: tuple[bytes, ...]) -> None:
    assert read(*fields).kind is MessageKind.HUMAN


def test_a_robot_among_the_recipients_is_marked_as_one() -> None:
    message = read(b"From: Sam <sam@carter.example>", b"Cc: noreply@shop.example, Ana <ana@acme.example>")
    assert [party.robot for party in message.cc] == [True, False]
