"""Which folders are read: correspondence by default, and whatever the owner says instead."""

from __future__ import annotations

import unicodedata

import pytest
from imapclient import imap_utf7

from keepwarm.connectors.imap_folders import Folder, choose, sent_among
from keepwarm.connectors.imap_values import BrokenAnswerError, values


def listed(*lines: str) -> list[Folder]:
    return [Folder.of(values([line.encode()])) for line in lines]


def encoded(name: str) -> str:
    return bytes(imap_utf7.encode(name)).decode()


def chosen(*lines: str, include: tuple[str, ...] = ("*",), exclude: tuple[str, ...] = ()) -> list[str]:
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
    assert chosen(*GMAIL, exclude=("*/All Mail",)) == ["INBOX", "[Gmail]/Sent Mail", "Lists/python"]


def test_include_names_exactly_what_is_read() -> None:
    assert chosen(*GMAIL, include=("INBOX", "[Gmail]/S*"), exclude=("*Sent*",)) == ["INBOX", "[Gmail]/Spam"]


def test_a_star_beside_other_globs_adds_them_to_what_is_read_anyway() -> None:
    assert chosen(*GMAIL, include=("*", "*/Spam")) == ["[Gmail]/All Mail", "[Gmail]/Spam"]


def test_the_inbox_is_named_in_any_case() -> None:
    assert chosen('() "/" Inbox', '() "/" Other', include=("INBOX",)) == ["Inbox"]


def test_a_special_use_counts_for_the_folders_below() -> None:
    assert chosen(r'(\Trash) "/" Cestino', '() "/" Cestino/2024', '() "/" Cestinone') == ["Cestinone"]


@pytest.mark.parametrize(
    "name",
    [
        "Gelöschte Elemente", "Spamverdacht", "Corbeille", "Courrier indésirable", "Papelera", "Borradores",
        "Cestino", "Posta indesiderata", "Lixeira", "Rascunhos", "Prullenbak", "Concepten", "Kosz",
        "Wersje robocze", "Koš", "Piszkozatok", "Skräppost", "Kladder", "Roskaposti", "Çöp Kutusu",
        "Корзина", "Черновики", "Спам", "Кошик", "垃圾邮件", "草稿箱", "ゴミ箱", "迷惑メール", "휴지통", "אשפה",
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["{}", "INBOX.{}", "[Google Mail].{}", "{}.2019"])
def test_providers_names_for_junk_trash_and_drafts_are_known_in_many_languages(name: str, where: str) -> None:
    path = encoded(where.format(name.replace(".", "")))
    assert chosen('() "." INBOX', f'() "." "{path}"') == ["INBOX"]


def test_a_point_is_part_of_a_name_where_it_parts_no_levels() -> None:
    assert chosen('() "/" "acme.draft"', '() "/" "acme/draft"') == ["acme.draft"]


def test_a_special_use_counts_more_than_a_name() -> None:
    assert chosen(r'(\Sent) "/" Outbox', r'(\Archive) "/" Bin', r'(\Trash) "/" Done') == ["Outbox", "Bin"]


def test_folders_that_show_others_mail_again_are_not_read() -> None:
    assert chosen('() "/" INBOX', r'(\Flagged) "/" Starred', r'(\Important) "/" Important') == ["INBOX"]


def test_letters_that_were_taken_apart_are_the_same_letters() -> None:
    apart = unicodedata.normalize("NFD", "Kunden/Müller")
    assert chosen(f'() "/" "{encoded(apart)}"', '() "/" Other', exclude=("Kunden/Müller",)) == ["Other"]
    assert chosen(f'() "/" "{encoded(unicodedata.normalize("NFD", "Entwürfe"))}"') == []


SENT = ('() "." INBOX', '() "." "INBOX.Gesendete Objekte"', '() "." INBOX.Postausgang', '() "." INBOX.Trash.Sent')


def test_what_was_sent_is_found_without_a_special_use() -> None:
    assert sent_among(listed(*SENT)) == "INBOX.Gesendete Objekte"
    assert chosen(*SENT) == ["INBOX", "INBOX.Gesendete Objekte"]


def test_a_special_use_tells_where_what_was_sent_is() -> None:
    assert sent_among(listed(*SENT, r'(\Sent) "." INBOX.Raus')) == "INBOX.Raus"


def test_an_outbox_is_read_where_nothing_else_holds_what_was_sent() -> None:
    assert chosen('() "/" INBOX', '() "/" Postausgang', '() "/" A') == ["INBOX", "Postausgang", "A"]


@pytest.mark.parametrize("name", ["Sent", "Envoyés", "Inviata", "Verzonden", "Wysłane", "Отправленные", "已发送"])
def test_names_of_what_was_sent_are_known_in_many_languages(name: str) -> None:
    assert sent_among(listed('() "/" INBOX', f'() "/" "{encoded(name)}"')) == name


def test_names_may_come_in_utf8_agreed_upon_or_not() -> None:
    line = values(['() "/" "Größe &AOQ-"'.encode()])
    assert [Folder.of(line, utf8=utf8).name for utf8 in (True, False)] == ["Größe &AOQ-"] * 2
    assert Folder.of(values([b'() "/" "&AOQ-"']), utf8=True).name == "&AOQ-"


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
