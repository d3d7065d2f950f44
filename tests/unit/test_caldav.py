"""The CalDAV connector against a scripted server: signing in, and what real servers do only on their bad days."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.contract import CursorLost, Later, Refused, SignInNeeded
from tests.calendars import START, calendar, claims, connector_to, event, gone, keys, poll
from tests.servers.scripted_dav import CALENDAR, OneCalendar, ScriptedDav, Told, missed, response, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted_dav import Asked

BASIC = f"Basic {base64.b64encode(b'jo:secret-word').decode()}"
DIGEST = 'Digest realm="cal", nonce="n1", qop="auth", algorithm={}'


def texts(*names: str) -> dict[str, str]:
    return {f"{name}.ics": calendar(event(name)) for name in names}


def guarded(challenge: str, lets_in: Callable[[str], bool]) -> Callable[[Asked], Told]:
    """Make a server that asks for credentials."""
    behind = OneCalendar(texts("a", "b"))

    def answer(asked: Asked) -> Told:
        if lets_in(asked.headers.get("Authorization", "")):
            return behind(asked)
        return Told(401, headers={"WWW-Authenticate": challenge})

    return answer


# Signing in


def test_basic_is_sent_at_once() -> None:
    with ScriptedDav(guarded('Basic realm="cal"', lambda said: said == BASIC)) as server:
        assert keys(poll(connector_to(f"{server.url}/work/"))) == ["a.ics/", "b.ics/"]
        assert all(asked.headers["Authorization"] == BASIC for asked in server.heard)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("auth", ["any", "digest"])
def test_digest_is_used_where_the_server_wants_it_and_costs_one_refusal(algorithm: str, auth: str) -> None:
    challenge = DIGEST.format(algorithm)
    with ScriptedDav(guarded(challenge, lambda said: said.startswith('Digest username="jo"'))) as server:
        reading = connector_to(f"{server.url}/work/", auth=auth)
        cursor = poll(reading)[-1].cursor
        reading.close()
        assert poll(reading, cursor) == []
        signed = [asked.headers.get("Authorization", "").startswith("Digest") for asked in server.heard]
        assert (signed.count(False), signed[0]) == (1, False)
        counts = [re.search(r"nc=(\w+)", asked.headers["Authorization"]) for asked in server.heard[1:]]
        assert len({found[1] for found in counts if found}) == len(server.heard) - 1


@pytest.mark.parametrize("auth", ["any", "bearer"])
def test_bearer_is_used_where_the_server_offers_nothing_else(auth: str) -> None:
    with ScriptedDav(guarded('Bearer realm="cal"', lambda said: said == "Bearer secret-word")) as server:
        assert len(keys(poll(connector_to(f"{server.url}/work/", auth=auth)))) == 2


def test_the_way_that_is_set_is_the_only_one_that_is_tried() -> None:
    with ScriptedDav(guarded('Digest realm="x", nonce="n"', lambda said: False)) as server:
        with pytest.raises(SignInNeeded):
            connector_to(f"{server.url}/work/", auth="basic").streams()
        assert [asked.headers["Authorization"] for asked in server.heard] == [BASIC]


@pytest.mark.parametrize("challenge", ['Basic realm="x"', DIGEST.format("MD5"), "Bearer", "Negotiate", "", "=,;" * 9])
def test_a_refusal_that_stays_needs_a_sign_in_and_is_not_repeated(challenge: str) -> None:
    with ScriptedDav(guarded(challenge, lambda said: False)) as server:
        with pytest.raises(SignInNeeded) as caught:
            connector_to(f"{server.url}/work/").streams()
        assert len(server.heard) <= 2
        assert "password" in caught.value.what_to_do
        assert "secret-word" not in str(caught.value) + caught.value.what_to_do


def test_the_password_goes_to_no_other_site() -> None:
    elsewhere = "<d:resourcetype/><c:calendar-home-set><d:href>https://evil.example/x/</d:href></c:calendar-home-set>"
    with ScriptedDav(lambda asked: told(response("/", elsewhere))) as server:
        with pytest.raises(Refused) as caught:
            connector_to(f"{server.url}/dav/").streams()
        assert "evil.example" in str(caught.value)


def test_a_path_that_begins_with_two_slashes_leads_to_no_other_host() -> None:
    with ScriptedDav(OneCalendar(texts("a"))) as other:
        path = f"//localhost:{other.url.rpartition(':')[2]}/work/"
        home = told(response("/home/", "<d:resourcetype/>"), response(f"http://any.example{path}", CALENDAR))
        with ScriptedDav(lambda asked: home) as server:
            assert keys(poll(connector_to(f"{server.url}/home/"))) == []
        assert other.heard == []


# Resources


def one_by_one(kept: OneCalendar) -> list[str]:
    with ScriptedDav(kept) as server:
        batches = poll(connector_to(f"{server.url}/work/"))
        assert claims(batches) == [""]
        return keys(batches)


@pytest.mark.parametrize("answer", [Told(403), Told(405), Told(501), Told(200, "<html>"), Told(207, "\0")])
def test_where_multiget_fails_each_resource_is_fetched_by_itself(answer: Told) -> None:
    kept = OneCalendar(texts("a", "b"), instead={"REPORT calendar-multiget": lambda asked: answer})
    assert one_by_one(kept) == ["a.ics/", "b.ics/"]


def test_what_multiget_leaves_out_is_fetched_by_itself() -> None:
    kept = OneCalendar(texts("a", "b"))
    kept.instead["REPORT calendar-multiget"] = lambda asked: told(kept.whole("/work/b.ics"))
    assert one_by_one(kept) == ["a.ics/", "b.ics/"]


def test_absolute_and_otherwise_escaped_hrefs_name_the_same_resource() -> None:
    kept = OneCalendar(texts("a", "b"))
    kept.instead["REPORT calendar-multiget"] = lambda asked: told(
        kept.whole("/work/a.ics").replace("/work/a.ics", "https://cal.example/work/%61.ics"), kept.whole("/work/b.ics")
    )
    with ScriptedDav(kept) as server:
        assert keys(poll(connector_to(f"{server.url}/work/"))) == ["a.ics/", "b.ics/"]
        assert not any(asked.method == "GET" for asked in server.heard)


def test_a_resource_that_is_gone_when_it_is_fetched_is_a_tombstone() -> None:
    kept = OneCalendar(texts("a", "b", "c"))
    listed = kept.instead["PROPFIND 1"] = lambda asked: told(
        *(response(f"/work/{name}.ics", f'<d:getetag>"{name}"</d:getetag>') for name in ("a", "b", "c", "d"))
    )
    with ScriptedDav(kept) as server:
        assert gone(poll(connector_to(f"{server.url}/work/"))) == ["d.ics/"]
    assert listed


@pytest.mark.parametrize("status", [403, 500, 200])
def test_a_resource_that_cannot_be_had_is_rejected_alone_and_tried_again_another_day(status: int) -> None:
    kept = OneCalendar(texts("a", "b", "c"), instead={"REPORT calendar-multiget": lambda asked: Told(501)})
    too_large = "x" * (8 * 1024 * 1024 + 1)
    kept.instead["GET /work/b.ics"] = lambda asked: Told(status, too_large if status == 200 else "")
    with ScriptedDav(kept) as server:
        batches = poll(connector_to(f"{server.url}/work/"))
    [rejected] = (item for batch in batches for item in batch.rejected)
    assert (keys(batches), rejected.source_key) == (["a.ics/", "c.ics/"], "b.ics/")
    assert batches[-1].cursor["daily"] == ([] if status == 200 else ["b.ics"])


def test_a_server_that_fails_altogether_is_tried_again_later() -> None:
    kept = OneCalendar(texts("a", "b", "c"), instead={"REPORT calendar-multiget": lambda asked: Told(503)})
    kept.instead |= {f"GET /work/{name}.ics": lambda asked: Told(503) for name in "abc"}
    with ScriptedDav(kept) as server, pytest.raises(Later):
        poll(connector_to(f"{server.url}/work/"))


def test_a_broken_event_is_rejected_alone_and_its_series_not_called_whole() -> None:
    kept = OneCalendar(texts("a"))
    with ScriptedDav(kept) as server:
        reading = connector_to(f"{server.url}/work/")
        cursor = poll(reading)[-1].cursor
        kept.resources |= {"b.ics": calendar(event("b", "RRULE:FREQ=WEEKLY;BYDAY=XX")), "c.ics": "no calendar"}
        batches = poll(reading, cursor)
    assert sorted(item.source_key for batch in batches for item in batch.rejected) == ["b.ics/", "c.ics/"]
    assert (keys(batches), claims(batches)) == ([], [])


def test_meetings_of_several_uids_in_one_resource_keep_apart() -> None:
    with ScriptedDav(OneCalendar({"a.ics": calendar(event("x"), event("y"))})) as server:
        assert keys(poll(connector_to(f"{server.url}/work/"))) == ["a.ics/", "a.ics/y/"]


def test_meetings_of_long_ago_are_left_out() -> None:
    old = event("old", start=START.replace(year=2010))
    with ScriptedDav(OneCalendar({"old.ics": calendar(old), **texts("a")})) as server:
        assert keys(poll(connector_to(f"{server.url}/work/"))) == ["a.ics/"]


# The server's answers, and the cursor


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html></html>",
        "<d:multistatus xmlns:d='DAV:'>",
        '<!DOCTYPE x [<!ENTITY e "boom">]><d:multistatus xmlns:d="DAV:">&e;</d:multistatus>',
        "<d:multistatus xmlns:d='DAV:'>" + "<x>" * 1000 + "</x>" * 1000 + "</d:multistatus>",
        '<?xml version="1.0" encoding="no-such"?><d:multistatus xmlns:d="DAV:"/>',
    ],
)
def test_an_answer_that_is_no_multistatus_is_tried_again_later(body: str) -> None:
    with ScriptedDav(lambda asked: Told(207, body)) as server, pytest.raises(Later) as caught:
        connector_to(f"{server.url}/secret-path/").streams()
    assert "secret-path" not in str(caught.value)


@pytest.mark.parametrize("status", [403, 404, 405, 200])
def test_an_address_without_calendars_is_refused_with_a_cure(status: int) -> None:
    with ScriptedDav(lambda asked: Told(status)) as server, pytest.raises(Refused) as caught:
        connector_to(f"{server.url}/secret-path/").streams()
    assert "url" in caught.value.what_to_do
    assert "secret-path" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 500])
def test_an_address_that_the_user_gave_is_asked_whatever_the_well_known_one_answers(status: int) -> None:
    def answer(asked: Asked) -> Told:
        if "well-known" in asked.path:
            return Told(status)
        return told(
            response("/", "<c:calendar-home-set><d:href>/h/</d:href></c:calendar-home-set>"),
            response("/h/a/", CALENDAR),
        )

    with ScriptedDav(answer) as server:
        assert [one.name for one in connector_to(server.url).streams()] == ["a"]


def test_one_of_several_homes_may_be_forbidden() -> None:
    homes = "<c:calendar-home-set><d:href>/mine/</d:href><d:href>/theirs/</d:href></c:calendar-home-set>"

    def answer(asked: Asked) -> Told:
        if asked.path == "/theirs/":
            return Told(403)
        return told(response("/p/", homes), response("/mine/a/", CALENDAR))

    with ScriptedDav(answer) as server:
        assert [one.name for one in connector_to(f"{server.url}/p/").streams()] == ["a"]


def test_a_server_that_fails_at_sync_collection_alone_is_read_by_its_list() -> None:
    behind = OneCalendar(texts("a", "b"))
    with ScriptedDav(lambda asked: Told(500) if asked.what == "REPORT sync-collection" else behind(asked)) as server:
        assert keys(poll(connector_to(server.url))) == ["a.ics/", "b.ics/"]


def test_inboxes_and_lists_of_tasks_are_no_calendars() -> None:
    inbox = CALENDAR.replace("<c:calendar/>", "<c:calendar/><c:schedule-inbox/>")
    tasks = CALENDAR + '<c:supported-calendar-component-set><c:comp name="VTODO"/></c:supported-calendar-component-set>'
    answers = told(response("/h/in/", inbox), response("/h/t/", tasks), response("/h/a/", CALENDAR))
    with ScriptedDav(
        lambda asked: answers if asked.headers["Depth"] == "1" else told(response("/h/", "<d:x/>"))
    ) as server:
        assert [one.name for one in connector_to(f"{server.url}/h/").streams()] == ["a"]


@pytest.mark.parametrize("cursor", [{"v": 2}, {"v": 1, "token": "t"}, {"v": 1, "files": "x", "day": ""}, {}])
def test_a_cursor_of_another_make_is_lost(cursor: dict[str, Any]) -> None:
    with ScriptedDav(OneCalendar()) as server, pytest.raises(CursorLost):
        poll(connector_to(f"{server.url}/work/"), cursor)


def test_a_calendar_that_may_not_be_read_is_refused_by_name() -> None:
    answers = {"PROPFIND 1": lambda asked: missed(403, "d:need-privileges")}
    with ScriptedDav(OneCalendar(instead=answers)) as server, pytest.raises(Refused) as caught:
        poll(connector_to(f"{server.url}/work/"))
    assert "exclude" in caught.value.what_to_do
