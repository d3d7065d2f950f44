"""Which folders are read: correspondence by default, and whatever the owner says instead."""

from __future__ import annotations

import pytest

from keepwarm.connectors.imap_folders import EVERYTHING, Folder, choose
from keepwarm.connectors.imap_values import BrokenAnswerError, values


def listed(*lines: str) -> list[Folder]:
    return [Folder.of(values([line.encode()])) for line in lines]


def chosen(*lines: str, include: tuple[str, ...] = EVERYTHING, exclude: tuple[str, ...] = ()) -> list[str]:
    return choose(listed(*lines), include, exclude)


GMAIL = (
    '() "/" INBOX',
    r'(\Noselect \HasChildren) "/" "[Gmail]"',
    r'(\All) "/" "[Gmail]/All Mail"',
    r'(\Junk) "/" "[Gmail]/Spam"',
    r'(\Trash) "/" "[Gmail]/Bin"',
    r'(\Drafts) "/" "[Gmail]/Drafts"',
    r'(\Sent) "/" "[Gmail]/Sent Mail"',
    '() "/" "Lists/python"',
)


def test_all_mail_stands_for_all_labels() -> None:
    assert chosen(*GMAIL) == ["[Gmail]/All Mail"]


def test_excluding_a_label_means_not_reading_all_mail() -> None:
    assert chosen(*GMAIL, exclude=("Lists/*",)) == ["INBOX", "[Gmail]/Sent Mail"]


def test_excluding_what_is_never_read_changes_nothing() -> None:
    assert chosen(*GMAIL, exclude=("[Gmail]/Spam",)) == ["[Gmail]/All Mail"]


def test_all_mail_can_be_excluded() -> None:
    assert chosen(*GMAIL, exclude=("*/All Mail",)) == ["INBOX", "Lists/python", "[Gmail]/Sent Mail"]


def test_include_names_exactly_what_is_read() -> None:
    assert chosen(*GMAIL, include=("INBOX", "[Gmail]/S*"), exclude=("*Sent*",)) == ["INBOX", "[Gmail]/Spam"]


def test_the_inbox_is_named_in_any_case() -> None:
    assert chosen('() "/" Inbox', '() "/" Other', include=("INBOX",)) == ["Inbox"]


def test_a_special_use_counts_for_the_folders_below() -> None:
    assert chosen(r'(\Trash) "/" Cestino', '() "/" Cestino/2024', '() "/" Cestinone') == ["Cestinone"]


def test_without_a_hierarchy_a_name_is_no_beginning_of_another() -> None:
    assert chosen(r"(\Junk) NIL Ads", "() NIL Adsense") == ["Adsense"]


@pytest.mark.parametrize("flag", [r"\Noselect", r"\NonExistent", r"\NOSELECT"])
def test_folders_that_only_hold_folders_are_not_read(flag: str) -> None:
    assert chosen(f'({flag}) "/" Clients', '() "/" Clients/Acme') == ["Clients/Acme"]


def test_names_are_decoded_and_a_broken_one_is_kept_as_it_is() -> None:
    names = ("&AOQ-", "a &- b", "&2AA-", "&AAA-", "&2")
    folders = listed(*(f'() "/" "{name}"' for name in names))
    assert [folder.name for folder in folders] == ["ä", "a & b", "&2AA-", "&AAA-", "&2"]


def test_what_is_no_line_of_list_is_told() -> None:
    with pytest.raises(BrokenAnswerError):
        listed('"/" INBOX')
