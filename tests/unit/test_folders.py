from __future__ import annotations

import pytest

from keepwarm.connectors.folders import decoded_name, is_left_out


@pytest.mark.parametrize(
    "name",
    ["Junk", ".Spam", "Trash/2024", "[Gmail].Papierkorb", "Drafts", "Entw&APw-rfe", "Gel&APY-schte Elemente"],
)
def test_junk_trash_and_drafts_are_left_out(name: str) -> None:
    assert is_left_out(name)


@pytest.mark.parametrize("name", ["INBOX", ".Sent", ".Archive.2024", "Clients/Spamco", "Draft contracts", ""])
def test_all_else_is_read(name: str) -> None:
    assert not is_left_out(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Entw&APw-rfe", "Entwürfe"), ("R&-D", "R&D"), ("a&b", "a&b"), ("a&A-", "a&A-"), ("a&ü-", "a&ü-")],
)
def test_modified_utf7_is_decoded_where_it_is_some(name: str, expected: str) -> None:
    assert decoded_name(name) == expected
