"""Grants: kept in the keyring, else in a file; never in both, and never readable by others."""

from __future__ import annotations

import resource
import stat
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError, PasswordDeleteError

from keepwarm.daemon.grants import Grants
from keepwarm.daemon.secret import SecretError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Drawer(KeyringBackend):
    """A keyring in memory, or one that fails."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self, error: Exception | None = None) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail()
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.json"))


def test_a_grant_goes_to_the_keyring_and_to_no_file(drawer: Drawer, tmp_path: Path) -> None:
    grants = Grants("work", tmp_path / "grants")
    grants.save("secret-word")
    assert list(drawer.held.values()) == ["secret-word"]
    assert files(tmp_path) == []
    assert grants.load() == "secret-word"
    assert grants.forget()
    assert (grants.load(), drawer.held) == ("", {})
    assert not grants.forget()


def test_without_a_keyring_it_goes_to_a_file_of_the_users_own(drawer: Drawer, tmp_path: Path) -> None:
    drawer.error = NoKeyringError()
    grants = Grants("work", tmp_path / "grants")
    assert grants.load() == ""
    grants.save("secret-word")
    [file] = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert grants.load() == "secret-word"
    assert Grants("play", tmp_path / "grants").load() == ""
    assert grants.forget()
    assert files(tmp_path) == []


def test_a_keyring_that_comes_later_takes_the_grant_over(drawer: Drawer, tmp_path: Path) -> None:
    drawer.error = NoKeyringError()
    grants = Grants("work", tmp_path / "grants")
    grants.save("old")
    drawer.error = None
    grants.save("new")
    assert files(tmp_path) == []
    assert grants.load() == "new"


def test_a_locked_keyring_is_told_and_not_taken_for_an_empty_one(drawer: Drawer, tmp_path: Path) -> None:
    grants = Grants("work", tmp_path / "grants")
    grants.save("secret-word")
    drawer.error = KeyringLocked()
    with pytest.raises(SecretError, match="locked"):
        grants.load()


def test_no_core_is_dumped_of_who_holds_a_grant(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    Grants("work", tmp_path / "grants").load()
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] <= 1
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_an_account_may_have_any_name(tmp_path: Path) -> None:
    for name in ("../x", "a/b", "Büro 1", "x" * 64):
        grants = Grants(name, tmp_path / "grants")
        grants.save(name)
        assert grants.load() == name
    assert {file.parent for file in files(tmp_path)} == {tmp_path / "grants"}
