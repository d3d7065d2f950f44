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


def test_two_folders_of_one_name_are_both_read(microsoft: Microsoft) -> None:
    outer = microsoft.mailbox.add_folder("A")
    folders = [microsoft.mailbox.add_folder("B", outer), microsoft.mailbox.add_folder("A/B")]
    numbers = {microsoft.mailbox.add(message(index), folder) for index, folder in enumerate(folders)}
    names = [stream.name for stream in microsoft.mail().streams() if stream.name.startswith("A/B")]
    assert len(set(names)) == 2
    assert {key for name in names for key in keys(pull(microsoft.mail(), name=name))} == numbers


def test_the_inbox_keeps_its_stream_beside_a_folder_that_is_called_so(microsoft: Microsoft) -> None:
    other = microsoft.mailbox.add_folder("inbox")
    microsoft.mailbox.add(message(1), other)
    [inbox, name] = [stream.name for stream in microsoft.mail().streams() if stream.name.startswith("inbox")]
    assert inbox == "inbox"
    assert keys(pull(microsoft.mail(), name=name)) == ["immutable1"]
