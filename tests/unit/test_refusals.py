"""Refusals: a password that was refused is left alone; another one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import SignInNeeded
from keepwarm.daemon.accounts import ImapAccount, MaildirAccount
from keepwarm.daemon.refusals import Refusals
from keepwarm.daemon.sign_in_words import sign_in_cure

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600.0


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


def test_nothing_stands_against_an_account_that_was_not_refused(account: ImapAccount) -> None:
    assert not Refusals().stands(account, 0.0)


def test_the_same_password_is_offered_again_after_an_hour_and_then_once_a_day(account: ImapAccount) -> None:
    refusals, now = Refusals(), 0.0
    for pause in (HOUR, 24 * HOUR, 24 * HOUR):
        refusals.note(account, now)
        assert refusals.stands(account, now + pause - 1)
        now += pause
        assert not refusals.stands(account, now)


def test_another_password_is_offered_at_once(account: ImapAccount, secret: Path) -> None:
    refusals = Refusals()
    refusals.note(account, 0.0)
    refusals.note(account, HOUR)
    secret.write_text("hunter3\n")
    assert not refusals.stands(account, HOUR)
    refusals.note(account, HOUR)  # refused too: its own hour
    assert refusals.stands(account, 2 * HOUR - 1)
    assert not refusals.stands(account, 2 * HOUR)


def test_who_was_signed_in_starts_anew(account: ImapAccount) -> None:
    refusals = Refusals()
    refusals.note(account, 0.0)
    refusals.forget(account)
    refusals.forget(account)
    assert not refusals.stands(account, 1.0)


def test_a_password_that_cannot_be_had_is_no_refused_one(account: ImapAccount, secret: Path) -> None:
    refusals = Refusals()
    refusals.note(account, 0.0)
    secret.unlink()
    assert not refusals.stands(account, 1.0)
    refusals.note(account, 1.0)


def test_an_account_without_a_password_is_never_held_back() -> None:
    fields = {"kind": "maildir", "name": "work", "address": "me@kept.test", "path": "/mail"}
    refusals, account = Refusals(), MaildirAccount.model_validate(fields)
    refusals.note(account, 0.0)
    assert not refusals.stands(account, 0.0)


def test_nothing_of_a_password_shows(account: ImapAccount) -> None:
    refusals = Refusals()
    refusals.note(account, 0.0)
    assert "hunter2" not in repr(refusals)


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
