"""Mails without a Message-ID were taken for one: each gets a key of its own, made from its header."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keepwarm.connectors.headers import message_from_headers

MAIL = b"""From: Ana <ana@acme.example>
To: sam@carter.example
Subject: Numbers
Date: Mon, 2 Mar 2026 12:00:00 +0000
"""


def key(raw: bytes) -> str:
    stored_at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return message_from_headers(raw, source_key="k", stored_at=stored_at, size=0).dedupe_key


@pytest.mark.parametrize(
    "change",
    [
        (b"ana@", b"bob@"),
        (b"sam@", b"tom@"),
        (b"Numbers", b"Figures"),
        (b"12:00:00", b"12:00:01"),
        (b"Subject: Numbers\n", b""),
    ],
)
def test_two_mails_without_an_id_stay_two(change: tuple[bytes, bytes]) -> None:
    assert key(MAIL.replace(*change)) != key(MAIL)


@pytest.mark.parametrize("empty", [b"Message-ID:\n", b"Message-ID: <>\n", b"Message-ID: \t \n"])
def test_an_empty_id_is_no_id(empty: bytes) -> None:
    assert key(MAIL + empty) == key(MAIL)


def test_the_same_mail_keeps_its_key_in_every_place() -> None:
    elsewhere = b"Received: by mx; Mon, 2 Mar 2026 12:00:03 +0000\r\nX-Spam: no\r\n" + MAIL.replace(b"\n", b"\r\n")
    assert key(elsewhere.replace(b"Subject: ", b"Subject:\r\n\t")) == key(MAIL)


def test_two_notices_without_id_and_date_are_told_apart_by_their_receipt() -> None:
    undated = MAIL.partition(b"Date:")[0]
    keys = {key(b"Received: by mx id %d; Mon, 2 Mar 2026 12:00:00 +0000\n" % n + undated) for n in range(2)}
    assert len(keys) == 2


def test_an_id_cannot_pretend_to_be_the_hash_of_a_header() -> None:
    assert key(MAIL + b"Message-ID: <fields>\n") != key(MAIL)
