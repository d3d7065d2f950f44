"""Case 35: the token endpoint has an outage, which was called a bad password. It is waited for; nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later
from keepwarm.daemon.grants import Grants
from tests.servers.graph_identity import OUT
from tests.signing import signing_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing import Signing

OUTAGES = {
    "503": OUT,
    "500": replace(OUT, status=500, error="server_error"),
    "429": replace(OUT, status=429, error="throttled"),
    "a passing error as 400": replace(OUT, status=400),
    "an error that nobody knows": replace(OUT, status=400, error="something_new", description="AADSTS999999: New."),
}


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    with signing_at(tmp_path, monkeypatch) as found:
        found.identity.lasts = 60
        found.sign_in()
        yield found


@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_is_waited_for(signing: Signing, name: str) -> None:
    kept = Grants.of("work").load()
    signing.identity.fails = OUTAGES[name]
    with pytest.raises(Later):
        signing.tokens().token()
    assert Grants.of("work").load() == kept
    signing.identity.fails = None
    assert signing.tokens().token()


def test_a_platform_that_cannot_be_reached_is_waited_for(signing: Signing) -> None:
    signing.identity.stop()
    with pytest.raises(Later):
        signing.tokens().token()
    assert Grants.of("work").load()
