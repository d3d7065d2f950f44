"""Secrets: fetched when used, from five kinds of source; each failure has its cure."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError

from keepwarm.daemon.secret import Secret, SecretError, SecretSource, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Drawer(KeyringBackend):
    """A keyring in memory, or one that fails."""

    priority = 1.0

    def __init__(self, passwords: dict[tuple[str, str], str], error: Exception | None = None) -> None:
        super().__init__()
        self.passwords = passwords
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password


@pytest.fixture
def system_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def private(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("hunter2\nsecond line\n")
    file.chmod(0o600)
    return file


def command(line: str) -> Secret:
    return Secret(SecretSource.COMMAND, line)


def test_a_command_gives_its_first_line() -> None:
    assert resolve(command("printf 'hunter2\\nuser: jo\\n'")) == "hunter2"


def test_a_command_may_use_the_shell() -> None:
    assert resolve(command("echo hunter2 | tr h H")) == "Hunter2"


def test_blanks_belong_to_the_secret() -> None:
    assert resolve(command("printf ' a b \\r\\n'")) == " a b "


def test_a_failing_command_is_told_with_its_status_and_last_words() -> None:
    with pytest.raises(SecretError, match=r"status 7: not in the store\Z"):
        resolve(command("printf 'first\\n\\033[1mnot in the store\\n' >&2; exit 7"))


def test_a_silent_command_is_told() -> None:
    with pytest.raises(SecretError, match="empty first line"):
        resolve(command("true"))


def test_a_command_is_not_waited_for_longer_than_its_time() -> None:
    began = time.monotonic()
    with pytest.raises(SecretError, match="no answer"):
        resolve(command("exec sleep 60"), command_seconds=0.2)
    assert time.monotonic() - began < 30


def test_a_command_cannot_take_the_terminals_input() -> None:
    assert resolve(command("cat; echo hunter2")) == "hunter2"


def test_what_is_no_text_is_told_without_showing_it() -> None:
    with pytest.raises(SecretError, match="UTF-8") as told:
        resolve(command("printf 'hunter\\377'"))
    assert "hunter" not in str(told.value)


def test_the_environment_gives_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPWARM_TEST_SECRET", "hunter2")
    secret = Secret(SecretSource.ENV, "KEEPWARM_TEST_SECRET")
    assert resolve(secret) == "hunter2"
    monkeypatch.delenv("KEEPWARM_TEST_SECRET")
    with pytest.raises(SecretError, match="KEEPWARM_TEST_SECRET is not set"):
        resolve(secret)


def test_a_private_file_gives_its_first_line(private: Path) -> None:
    assert resolve(Secret(SecretSource.FILE, str(private))) == "hunter2"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_open_is_refused_with_the_cure(private: Path, mode: int) -> None:
    private.chmod(mode)
    with pytest.raises(SecretError) as told:
        resolve(Secret(SecretSource.FILE, str(private)))
    assert told.value.what_to_do.endswith(f"chmod 600 {private}")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="No such file"):
        resolve(Secret(SecretSource.FILE, str(tmp_path / "none")))


def test_a_named_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SecretError, match="no regular file"):
        resolve(Secret(SecretSource.FILE, str(tmp_path / "pipe")))


def test_a_credential_comes_from_systemds_folder(private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(SecretSource.CREDENTIAL, private.name)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(private.parent))
    assert resolve(secret) == "hunter2"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(SecretError) as told:
        resolve(secret)
    assert f"LoadCredential={private.name}:" in told.value.what_to_do


@pytest.mark.usefixtures("system_keyring")
def test_the_keyring_is_asked_for_the_entry_that_the_secret_is_filed_under() -> None:
    keyring.set_keyring(Drawer({("keepwarm", "work"): "hunter2"}))
    secret = Secret(SecretSource.KEYRING, "")
    assert resolve(secret.filed_under("work")) == "hunter2"
    with pytest.raises(SecretError) as told:
        resolve(secret.filed_under("play time"))
    assert told.value.what_to_do.endswith("-m keyring set keepwarm 'play time'")


def test_only_a_keyring_secret_is_filed_under_a_name() -> None:
    assert Secret(SecretSource.ENV, "PW").filed_under("work").name == "PW"


@pytest.mark.usefixtures("system_keyring")
@pytest.mark.parametrize(
    ("error", "why"),
    [
        (NoKeyringError("x"), "this system has no keyring"),
        (InitError("x"), "the keyring cannot be started"),
        (KeyringLocked("x"), "the keyring is locked"),
        (KeyringError("broken"), "the keyring failed: broken"),
    ],
)
def test_each_failure_of_a_keyring_has_its_own_sentence_and_a_way_round(error: Exception, why: str) -> None:
    keyring.set_keyring(Drawer({}, error))
    with pytest.raises(SecretError, match=why) as told:
        resolve(Secret(SecretSource.KEYRING, "work"))
    assert "use another source" in told.value.what_to_do


def test_repr_shows_the_source_and_not_the_name() -> None:
    assert repr(command("echo hunter2")) == "Secret(source=<SecretSource.COMMAND: 'command'>)"


def test_a_time_out_does_not_carry_the_command_line_into_a_traceback() -> None:
    with pytest.raises(SecretError) as told:
        resolve(command("exec sleep 60 # hunter2"), command_seconds=0.05)
    assert told.value.__suppress_context__
