"""Refusals: a password that was refused is left alone; another one is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import SignInNeeded
from keepwarm.daemon.accounts import ImapAccount, MaildirAccount
from keepwarm.daemon.refusals import Refusals, StillRefused
from keepwarm.daemon.sign_in_words import sign_in_cure
from keepwarm.storage import refusals as stored
from keepwarm.storage.database import Database
from keepwarm.storage.schema import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keepwarm.daemon.accounts import Account


def imap(password: dict[str, object]) -> ImapAccount:
    fields = {"kind": "imap", "name": "work", "address": "me@kept.test", "host": "mail.test", "password": password}
    return ImapAccount.model_validate(fields)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("hunter2\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def account(secret: Path) -> ImapAccount:
    return imap({"file": str(secret)})


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.hours = 0.0

    def __call__(self) -> datetime:
        return datetime(2026, 11, 16, 9, tzinfo=UTC) + timedelta(hours=self.hours)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def refusals(tmp_path: Path, clock: Clock) -> Iterator[Refusals]:
    database = Database(f"sqlite:///{tmp_path / 'keepwarm.db'}")
    upgrade(database)
    yield Refusals(database, clock)
    database.close()


def refused(refusals: Refusals, account: Account) -> None:
    refusals.note(account, SignInNeeded("It was refused.", "Check it."))


def stands(refusals: Refusals, account: Account) -> bool:
    try:
        refusals.check(account)
    except StillRefused:
        return True
    return False


def test_nothing_stands_against_an_account_that_was_not_refused(refusals: Refusals, account: ImapAccount) -> None:
    assert not stands(refusals, account)


def test_the_same_password_is_offered_again_after_an_hour_and_then_once_a_day(
    refusals: Refusals, account: ImapAccount, clock: Clock
) -> None:
    for hours in (1.0, 24.0, 24.0):
        refused(refusals, account)
        clock.hours += hours - 0.01
        assert stands(refusals, account)
        clock.hours += 0.01
        assert not stands(refusals, account)


def test_another_process_knows_of_it(refusals: Refusals, account: ImapAccount, clock: Clock) -> None:
    refused(refusals, account)
    with pytest.raises(StillRefused, match="not offered again before 2026-11-16 10:00 UTC") as told:
        Refusals(refusals.database, clock).check(account)
    assert told.value.what_to_do == "Check it."


def test_another_password_is_offered_at_once(
    refusals: Refusals, account: ImapAccount, secret: Path, clock: Clock
) -> None:
    refused(refusals, account)
    clock.hours = 1.0
    refused(refusals, account)
    secret.write_text("hunter3\n")
    assert not stands(refusals, account)
    refused(refusals, account)  # that one, too: it has its own hour
    clock.hours = 1.9
    assert stands(refusals, account)
    clock.hours = 2.0
    assert not stands(refusals, account)


def test_who_was_signed_in_starts_anew(refusals: Refusals, account: ImapAccount) -> None:
    refused(refusals, account)
    refusals.forget(account)
    refusals.forget(account)
    assert not stands(refusals, account)


def test_a_clock_that_was_set_back_holds_nobody_back_for_long(
    refusals: Refusals, account: ImapAccount, clock: Clock
) -> None:
    clock.hours = 1000.0
    refused(refusals, account)
    clock.hours = 0.0
    assert not stands(refusals, account)


def test_a_password_that_cannot_be_had_is_no_refused_one(
    refusals: Refusals, account: ImapAccount, secret: Path
) -> None:
    refused(refusals, account)
    secret.unlink()
    assert not stands(refusals, account)
    refused(refusals, account)


def test_an_account_without_a_password_is_never_held_back(refusals: Refusals) -> None:
    fields = {"kind": "maildir", "name": "work", "address": "me@kept.test", "path": "/mail"}
    account = MaildirAccount.model_validate(fields)
    refused(refusals, account)
    assert not stands(refusals, account)


def test_what_is_kept_of_a_password_fits_thousands_of_others(
    refusals: Refusals, account: ImapAccount, tmp_path: Path
) -> None:
    refused(refusals, account)
    with refusals.database.reading() as connection:
        kept = stored.of_account(connection, "work")
    assert kept is not None
    assert 0 <= int(kept.mark, 16) < 4096
    assert b"hunter2" not in (tmp_path / "keepwarm.db").read_bytes()


@pytest.mark.parametrize(
    ("password", "place"),
    [
        ({"file": "/a b/secret"}, "the file '/a b/secret'"),
        ({"env": "MAIL_PASSWORD"}, "the environment variable MAIL_PASSWORD"),
        ({"keyring": True}, "keyring set keepwarm work"),
        ({"credential": "mail"}, "the systemd credential mail"),
        ({"command": "echo hunter2"}, "the command in the configuration"),
    ],
)
def test_the_cure_says_where_the_password_is_taken_from(password: dict[str, object], place: str) -> None:
    cure = sign_in_cure(imap(password), SignInNeeded("It was refused.", "Check it."))
    assert cure.startswith("Check it. It is taken from ")
    assert place in cure
    assert "hunter2" not in cure
