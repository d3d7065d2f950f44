"""Subjects: reply prefixes in many languages, and a hash that means nothing without the key."""

from __future__ import annotations

import pytest

from keepwarm.storage.subjects import Subject, subject_hash, taken_apart


@pytest.mark.parametrize(
    ("text", "bare", "is_reply"),
    [
        ("Offer", "Offer", False),
        ("Re: Offer", "Offer", True),
        ("RE: Re: AW: Offer", "Offer", True),
        ("Re[2]: Offer", "Offer", True),
        ("Antwort: Fwd: Offer", "Offer", True),
        ("Fwd: Re: Offer", "Offer", False),
        ("WG: Offer", "Offer", False),
        ("re : Offer", "Offer", True),
        ("  Re:Offer  and   more ", "Offer and more", True),
        ("Regarding: Offer", "Regarding: Offer", False),
        ("Re-opening the offer", "Re-opening the offer", False),
        ("Re:", "", True),
        ("", "", False),
    ],
)
def test_reply_prefixes_are_taken_off(text: str, bare: str, is_reply: bool) -> None:
    assert taken_apart(text) == Subject(bare=bare, is_reply=is_reply)


def test_a_thousand_prefixes_are_taken_off_in_no_time() -> None:
    assert taken_apart("Re: " * 20_000 + "Offer").bare == "Offer"


def test_the_hash_threads_whatever_the_case_but_only_with_the_same_key() -> None:
    assert subject_hash(b"key", "Offer") == subject_hash(b"key", "OFFER")
    assert subject_hash(b"key", "Offer") != subject_hash(b"key", "Offers")
    assert subject_hash(b"key", "Offer") != subject_hash(b"other", "Offer")


def test_an_empty_subject_threads_nothing() -> None:
    assert subject_hash(b"key", "") is None
