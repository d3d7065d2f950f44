"""Case 34: two processes renew one grant at once, one spends the refresh token of the other: both are out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon.grants import Grants
from tests.signing import signing_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing import Signing


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    with signing_at(tmp_path, monkeypatch) as found:
        found.identity.lasts = 60  # so soon over that it is renewed at each use
        found.identity.spends = True
        found.sign_in()
        yield found


def test_whoever_renews_reads_first_what_the_other_one_has_renewed(signing: Signing) -> None:
    both = signing.tokens(), signing.tokens()  # two processes
    for _ in range(3):
        for tokens in both:
            assert tokens.token() in signing.graph.scopes_of


def test_at_once_they_wait_for_each_other(signing: Signing) -> None:
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda tokens: tokens.token(), [signing.tokens() for _ in range(8)]))
    assert len(set(given)) == 8
    assert signing.tokens().token()


def test_a_sign_in_meanwhile_counts_before_the_grant_is_given_up(signing: Signing) -> None:
    old = Grants.of("work").load()
    signing.tokens().token()  # spends the refresh token in the old one
    new = Grants.of("work").load()

    class Slow(Grants):
        """What a process sees that read the grant just before another one renewed it."""

        reads: list[str] = [old, new, new]  # noqa: RUF012 - of this one test

        def load(self) -> str:
            return self.reads.pop(0)

    tokens = signing.tokens()
    tokens.grants = Slow(tokens.grants.account, tokens.grants.folder)
    assert tokens.token()
