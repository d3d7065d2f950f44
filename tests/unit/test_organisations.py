"""Organisations: the registrable domain, unless anybody can have a mailbox there."""

from __future__ import annotations

import pytest

from keepwarm.storage.organisations import organisation_of


@pytest.mark.parametrize(
    ("address", "organisation"),
    [
        ("ana@acme.com", "acme.com"),
        ("ana@mail.eu.acme.com", "acme.com"),
        ("ana@acme.co.uk", "acme.co.uk"),
        ("ana@team.acme.co.uk", "acme.co.uk"),
        ("ana@acme.example", "acme.example"),
        ("ana@acme.com.", "acme.com"),
        ("cy@gmail.com", None),
        ("cy@googlemail.com", None),
        ("cy@web.de", None),
        ("cy@hotmail.co.uk", None),
        ("root@localhost", None),
        ("nobody", None),
        ("nobody@", None),
        ("nobody@.", None),
    ],
)
def test_an_organisation_is_a_domain_of_its_own(address: str, organisation: str | None) -> None:
    assert organisation_of(address) == organisation
