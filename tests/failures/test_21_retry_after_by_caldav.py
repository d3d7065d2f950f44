"""Case 21, by CalDAV: Retry-After as a decimal, or not at all. It is obeyed, within bounds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.connectors.contract import Later
from tests.calendars import connector_to
from tests.servers.scripted_dav import ScriptedDav, Told

CASES = {
    "seconds": ({"Retry-After": "120"}, timedelta(seconds=120)),
    "decimal": ({"Retry-After": "90.5"}, timedelta(seconds=90.5)),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("case", ["seconds", "decimal"])
def test_the_server_says_when_it_may_be_asked_again(status: int, case: str) -> None:
    headers, wait = CASES[case]
    with ScriptedDav(lambda asked: Told(status, headers=headers)) as server, pytest.raises(Later) as caught:
        connector_to(f"{server.url}/work/").streams()
    assert caught.value.after == wait
    assert "/work" not in str(caught.value)


@pytest.mark.parametrize("said", ["", "0", "-5", "soon"])
def test_without_a_usable_time_there_is_a_pause_all_the_same(said: str) -> None:
    headers = {"Retry-After": said} if said else {}
    with ScriptedDav(lambda asked: Told(503, headers=headers)) as server, pytest.raises(Later) as caught:
        connector_to(f"{server.url}/work/").streams()
    assert caught.value.after >= timedelta(seconds=30)
