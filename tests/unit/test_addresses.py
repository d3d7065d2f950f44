from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.connectors.addresses import MAX_NAME, parties
from keepwarm.storage.observations import Party


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("ana@acme.example", [Party("ana@acme.example")]),
        ("<Ana@ACME.example>", [Party("ana@acme.example")]),
        ("Ana Lu <ana@acme.example>", [Party("ana@acme.example", "Ana Lu")]),
        ('"Lu, Ana" <ana@acme.example>', [Party("ana@acme.example", "Lu, Ana")]),
        (r'"Ana \"Annie\" Lu" <ana@acme.example>', [Party("ana@acme.example", 'Ana "Annie" Lu')]),
        ("ana@acme.example (Ana Lu)", [Party("ana@acme.example", "Ana Lu")]),
        ("ana@acme.example (Lu, Ana)", [Party("ana@acme.example", "Lu, Ana")]),
        ("'ana@acme.example' <ana@acme.example>", [Party("ana@acme.example")]),
        ("a@x.example, b@x.example;c@x.example", [Party(f"{name}@x.example") for name in "abc"]),
        ("Team: Ana <a@x.example>, b@x.example;", [Party("a@x.example", "Ana"), Party("b@x.example")]),
        ("undisclosed-recipients:;", []),
        ("root, , MAILER", []),
        ("<>", []),
        ("mailto:ana@acme.example", [Party("ana@acme.example")]),
        ("<@relay.example:ana@acme.example>", [Party("ana@acme.example")]),
        ("=?utf-8?q?J=C3=B6rg=2C_Dr=2E?= <j@x.example>", [Party("j@x.example", "Jörg, Dr.")]),
        ('"=?utf-8?q?J=C3=B6rg?=" <j@x.example>', [Party("j@x.example", "Jörg")]),
        ("jörg@müller.example", [Party("jörg@müller.example")]),
        ("Ana\u202e\u2066 Lu\x1b <a@x.example>", [Party("a@x.example", "Ana Lu")]),
        ('"Broken, quote <a@x.example>, b@x.example', [Party("a@x.example", "quote"), Party("b@x.example")]),
        ("a b@x.example", []),
        ("a@x.example@y.example", []),
        ("a@\u202ex.example", []),
        ("no-reply@x.example", [Party("no-reply@x.example", robot=True)]),
    ],
)
def test_an_address_field_names_these_people(field: str, expected: list[Party]) -> None:
    assert parties(field) == (tuple(expected), len(expected))


def test_a_name_is_bounded() -> None:
    ((party,), _) = parties(f"{'long ' * 1000} <a@x.example>")
    assert 0 < len(party.name) <= MAX_NAME


@settings(deadline=None)
@given(st.text(alphabet='ab@.,;:"\\()<> =?', max_size=80))
def test_whatever_is_found_is_an_address(field: str) -> None:
    people, count = parties(field)
    assert len(people) == count
    for party in people:
        local, _, domain = party.address.rpartition("@")
        assert local
        assert domain
        assert party.address == party.address.lower().strip()
