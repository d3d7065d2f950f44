"""Folders of a mailbox at Microsoft: each is read, whatever it and others are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost
from tests.microsoft import keys, message, pull

if TYPE_CHECKING:
    from tests.microsoft import Microsoft


def test_a_folder_that_took_the_name_of_another_is_read_from_its_beginning(microsoft: Microsoft) -> None:
    before = microsoft.mailbox.add_folder("Clients")
    microsoft.mailbox.add(message(1), before)
    [*_, last] = pull(microsoft.mail(), name="Clients")
    microsoft.mailbox.folders[before].name = "Former clients"
    after = microsoft.mailbox.add_folder("Clients")
    microsoft.mailbox.add(message(2), after)
    with pytest.raises(CursorLost):
        pull(microsoft.mail(), last.cursor, "Clients")
    assert keys(pull(microsoft.mail(), name="Clients")) == ["immutable2"]


def test_a_cursor_without_a_folder_holds_and_gets_it(microsoft: Microsoft) -> None:
    folder = microsoft.mailbox.add_folder("Clients")
    microsoft.mailbox.add(message(1), folder)
    [*_, last] = pull(microsoft.mail(), name="Clients")
    assert last.cursor is not None
    older = {name: value for name, value in last.cursor.items() if name != "folder"}
    [renewed] = pull(microsoft.mail(), older, "Clients")
    assert (renewed.seen, renewed.cursor) == ((), last.cursor)
    assert pull(microsoft.mail(), renewed.cursor, "Clients") == []
