"""Who signed in at Microsoft: somebody else is refused and nothing changed; another name alone locks nobody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.grants import Grants
from tests.servers.graph_profile import Profile
from tests.signing import signing_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing import Signing

ADDRESS = 'address = "ana.lenz@example.com"\n'
ALIAS = "al17@corp.example"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    with signing_at(tmp_path, monkeypatch) as found:
        yield found


def as_one(signing: Signing, user: str, oid: str = "user", tenant: str = "") -> None:
    signing.identity.user, signing.identity.oid = user, oid
    signing.identity.tenant = tenant or signing.identity.tenant


def test_the_address_itself_is_well(signing: Signing) -> None:
    as_one(signing, "Ana.Lenz@example.com")
    assert signing.sign_in(ADDRESS) == "work: signed in as Ana.Lenz@example.com."


def test_another_name_is_doubted_once_and_lets_in(signing: Signing) -> None:
    as_one(signing, ALIAS)
    assert "The address of this account is ana.lenz@example.com: if" in signing.sign_in(ADDRESS)
    assert Grants.of("work").load()
    assert signing.sign_in(ADDRESS) == f"work: signed in as {ALIAS}."  # the same person as before


def test_an_alias_that_the_directory_knows_is_well(signing: Signing) -> None:
    as_one(signing, ALIAS)
    signing.identity.also = frozenset({"User.Read"})
    signing.graph.parts.append(Profile(ALIAS, proxies=["SMTP:ana@example.com", "smtp:Ana.Lenz@example.com"]))
    assert signing.sign_in(ADDRESS) == f"work: signed in as {ALIAS}."


def test_somebody_whom_the_directory_knows_by_other_addresses_is_refused(signing: Signing) -> None:
    as_one(signing, "bea@example.com")
    signing.identity.also = frozenset({"User.Read"})
    signing.graph.parts.append(Profile("bea@example.com", mail="bea@example.com"))
    with pytest.raises(Failure, match="that is the wrong one") as told:
        signing.sign_in(ADDRESS)
    assert "keepwarm login work" in told.value.what_to_do
    assert not Grants.of("work").load()


def test_personal_accounts_have_aliases_that_nobody_tells(signing: Signing) -> None:
    as_one(signing, "ana@outlook.example", tenant=PERSONAL)
    signing.identity.also = frozenset({"User.Read"})
    signing.graph.parts.append(Profile("ana@outlook.example"))
    assert "if that is not the same person" in signing.sign_in(ADDRESS)


def test_a_directory_that_does_not_answer_locks_nobody_out(signing: Signing) -> None:
    as_one(signing, ALIAS)
    signing.identity.also = frozenset({"User.Read"})
    assert "if that is not the same person" in signing.sign_in(ADDRESS)  # 404


@pytest.mark.parametrize("more", ["", ADDRESS])
def test_somebody_else_than_before_is_refused_and_the_old_grant_kept(signing: Signing, more: str) -> None:
    as_one(signing, ALIAS, oid="ana")
    signing.sign_in(more)
    kept = Grants.of("work").load()
    as_one(signing, "bea@example.com", oid="bea")
    with pytest.raises(Failure, match=r"bea@example\.com signed in; until now it was al17@corp\.example") as told:
        signing.sign_in(more)
    assert "keepwarm logout work" in told.value.what_to_do
    assert Grants.of("work").load() == kept
    Grants.of("work").forget()
    assert "signed in as bea@example.com" in signing.sign_in(more)


def test_the_owner_of_another_account_is_refused(signing: Signing) -> None:
    as_one(signing, "me@example.com")
    other = '\n[[account]]\nname = "private"\nkind = "microsoft"\nclient_id = "x"\naddress = "me@example.com"\n'
    with pytest.raises(Failure, match=r"me@example\.com is the address of another account"):
        signing.sign_in(ADDRESS + other)


def test_a_name_cannot_write_to_the_terminal(signing: Signing) -> None:
    as_one(signing, "a\x1b[31m@example.com")
    assert "\x1b" not in signing.sign_in(ADDRESS)
