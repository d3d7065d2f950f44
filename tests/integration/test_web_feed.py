"""The feed by HTTP: at once, after waiting, and as a stream that is cut, taken up again, and ended with the daemon."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from keepwarm.daemon.configuration import load
from keepwarm.daemon.web import feed_route, news
from keepwarm.daemon.workshop import Workshop
from keepwarm.outputs import feed as feed_text
from keepwarm.storage import feed
from keepwarm.storage.tables import contact
from tests.daemon import PATIENCE, SETTINGS
from tests.letters import ME, weekly_exchange, write_maildir
from tests.serving import sync_once, until
from tests.web import Website, website

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from http.client import HTTPResponse
    from pathlib import Path

NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A mailbox that was read and judged."""
    return read(tmp_path, "sqlite:///data/keepwarm.db")


def read(tmp_path: Path, url: str) -> Path:
    """Read a mailbox into a database, and judge."""
    write_maildir(tmp_path / "mail", weekly_exchange("Mia <mia@kept.test>", NOW - timedelta(weeks=40), weeks=28))
    config = tmp_path / "config.toml"
    settings = SETTINGS.replace("sqlite:///data/keepwarm.db", url)
    config.write_text(f'{settings}[[account]]\nname = "work"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n')
    sync_once(config, NOW)
    return config


@pytest.fixture
def site(config: Path) -> Iterator[Website]:
    with website(config, NOW) as served:
        yield served


def append(workshop: Workshop, *names: str) -> None:
    """Add lines to the feed, as any process may."""
    with workshop.database.writing() as connection:
        who = connection.execute(contact.select()).first()
        assert who is not None
        lines = [
            {
                "id": f"new_{name}",
                "type": "contact.added",
                "time": NOW,
                "contact_id": who.id,
                "data": {},
                "scope": "contact",
            }
            for name in names
        ]
        feed.stage_more(connection, lines)
        assert feed.publish(connection) == len(names)


def everything(site: Website) -> list[dict[str, Any]]:
    """The whole feed."""
    found = site.ask("/v1/feed?limit=1000").json
    assert found["more"] is False
    return list(found["entries"])


@dataclass(frozen=True)
class Listener:
    """A client of the stream."""

    answer: HTTPResponse
    connection: HTTPConnection

    def take(self, number: int) -> list[dict[str, Any]]:
        """Take so many events; each must have the number of its line."""
        found: list[dict[str, Any]] = []
        seq = 0
        while len(found) < number:
            said = self.answer.readline().decode()
            assert said, "it was cut"
            if said.startswith("id: "):
                seq = int(said[4:])
            elif said.startswith("data: "):
                found.append(json.loads(said[6:]))
                assert found[-1]["seq"] == seq
        return found

    def cut(self) -> None:
        """Die."""
        self.connection.close()
        self.answer.close()


def listen(site: Website, query: str = "", headers: Mapping[str, str] | None = None) -> Listener:
    """Begin to listen."""
    connection = HTTPConnection(*site.address, timeout=PATIENCE)
    connection.request("GET", f"/v1/feed{query}", headers={**site.headers, **STREAM, **(headers or {})})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers.get_content_type() == "text/event-stream"
    return Listener(answer, connection)


def test_pages_of_the_feed_are_the_whole_feed_and_each_line_is_as_the_command_prints_it(site: Website) -> None:
    whole, since, pages = everything(site), 0, []
    while True:
        page = site.ask(f"/v1/feed?since={since}&limit=50").json
        pages += page["entries"]
        since = page["next"]
        if not page["more"]:
            break
    assert pages == whole
    assert len(whole) > 20
    with site.workshop.database.reading() as connection:
        lines = "".join(f"{feed_text.line(entry)}\n" for entry in feed.entries(connection))
    found = site.ask("/v1/feed?limit=1000", headers={"Accept": "application/jsonl"})
    assert found.body.decode() == lines
    valid = jsonschema.Draft202012Validator(feed_text.schema())
    assert all(map(valid.is_valid, whole))
    end = site.ask(f"/v1/feed?since={since}").json
    assert end == {"entries": [], "next": since, "more": False}


def test_a_cursor_beyond_the_end_is_told_however_it_is_asked(site: Website) -> None:
    beyond = len(everything(site)) + 1
    for query, headers in (
        (f"?since={beyond}", {}),
        (f"?since={beyond}&wait=60", {}),
        (f"?since={beyond}", STREAM),
        ("", {**STREAM, "Last-Event-ID": str(beyond)}),
        ("?since=9223372036854775807", {}),
    ):
        answer = site.ask(f"/v1/feed{query}", headers=headers)
        assert answer.status == 409
        assert "Begin again at 0" in answer.said
    assert site.ask("/v1/feed?since=9223372036854775808").status == 400
    assert site.ask("/v1/feed", headers={**STREAM, "Last-Event-ID": "-1"}).status == 400


@pytest.mark.parametrize("tells", [True, False], ids=["told by the daemon", "from another process"])
def test_who_waits_is_answered_when_there_is_a_line(
    site: Website, config: Path, tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tells:  # it must not be found by looking
        monkeypatch.setattr(news, "_LOOKS_EACH", 2 * PATIENCE)
    last = len(everything(site))
    answers: list[Any] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(site.ask(f"/v1/feed?since={last}&wait=60").json))
        for _ in range(5)
    ]
    for one in waiting:
        one.start()
    other = Workshop(load(config))
    try:
        append(other, "line")
    finally:
        other.close()
    if tells:
        site.server.tell()
    for one in waiting:
        one.join(PATIENCE)
    assert [[entry["id"] for entry in one["entries"]] for one in answers] == [["new_line"]] * 5
    assert {one["next"] for one in answers} == {last + 1}


def test_postgresql_serves_and_wakes_as_sqlite_does(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    with website(read(tmp_path, postgresql_url), NOW) as site:
        whole = everything(site)
        assert site.ask("/v1/contacts/c_%00").status == 404
        assert site.ask(f"/v1/contacts/{whole[0]['contact']['id']}").json["contact"]["name"] == "Mia"
        client = listen(site, f"?since={len(whole)}")
        append(site.workshop, "line")
        assert [one["id"] for one in client.take(1)] == ["new_line"]
        client.cut()


def test_who_waits_in_vain_is_answered_with_nothing_and_the_same_cursor(site: Website) -> None:
    last = len(everything(site))
    answer = site.ask(f"/v1/feed?since={last}&wait=1").json
    assert answer == {"entries": [], "next": last, "more": False}


def test_a_stream_that_is_cut_anywhere_misses_nothing_and_repeats_nothing(site: Website) -> None:
    whole = everything(site)
    taken: list[dict[str, Any]] = []
    for number in (1, 3, 7, 2):
        came_to = {"Last-Event-ID": str(taken[-1]["seq"])} if taken else {}
        client = listen(site, "?limit=4", came_to)
        taken += client.take(number)
        client.cut()
        append(site.workshop, f"during-{number}")
    whole = everything(site)
    client = listen(site, "?since=0", {"Last-Event-ID": str(taken[-1]["seq"])})
    taken += client.take(len(whole) - len(taken))
    append(site.workshop, "live-1", "live-2")
    site.server.tell()
    taken += client.take(2)
    client.cut()
    assert taken == everything(site)
    assert [one["id"] for one in taken[-2:]] == ["new_live-1", "new_live-2"]


def test_a_stream_says_each_few_seconds_that_it_is_there(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_route, "_HEARTBEAT", 0.2)
    client = listen(site, f"?since={len(everything(site))}")
    said = [client.answer.readline() for _ in range(6)]
    client.cut()
    assert said[0] == b"retry: 2000\n"
    assert said.count(b": still here\n") == 2


def test_streams_and_waiting_clients_do_not_keep_the_daemon_from_ending(config: Path) -> None:
    with website(config, NOW) as site:
        last = len(everything(site))
        clients = [listen(site, f"?since={last}") for _ in range(5)]
        for one in clients:
            assert one.answer.readline() == b"retry: 2000\n"
        answers: list[Any] = []
        waiting = threading.Thread(target=lambda: answers.append(site.ask(f"/v1/feed?since={last}&wait=60").json))
        waiting.start()
        until(lambda: len(site.server._news._waiting) == 6)  # type: ignore[union-attr]
        site.server.end()
        site.server.join(PATIENCE)
        assert not site.server.is_alive()
        waiting.join(PATIENCE)
        assert answers == [{"entries": [], "next": last, "more": False}]
        for one in clients:
            assert one.answer.read() == b"\n"  # ended as it should, not cut
            one.cut()


def test_a_stream_ends_when_the_secret_is_renewed(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_route, "_HEARTBEAT", 0.2)
    client = listen(site, f"?since={len(everything(site))}")
    site.seal.renew()
    while client.answer.readline():
        pass
    client.cut()


def test_more_streams_than_are_held_are_refused_and_the_rest_is_served(site: Website) -> None:
    last = len(everything(site))
    clients = [listen(site, f"?since={last}") for _ in range(news._MOST)]
    for one in clients:
        assert one.answer.readline() == b"retry: 2000\n"
        assert one.answer.readline() == b"\n"
    refused = site.ask(f"/v1/feed?since={last}&wait=60")
    assert refused.status == 503
    assert refused.headers["retry-after"]
    assert site.ask("/v1/feed").status == 200
    for one in clients:
        one.cut()


def test_a_hostile_name_is_only_a_name(tmp_path: Path) -> None:
    write_maildir(tmp_path / "mail", weekly_exchange("Mia <mia@kept.test>", NOW - timedelta(weeks=4), weeks=4))
    config = tmp_path / "config.toml"
    config.write_text(f'{SETTINGS}[[account]]\nname = "work"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n')
    sync_once(config, NOW)
    with website(config, NOW) as site:
        hostile = 'Mia \u202e"</script>\x1b[2J\r\n\r\ndata: {"seq": 0}\n\nid: 99\u2028'
        with site.workshop.database.writing() as connection:
            connection.execute(contact.update().values(name=hostile))
        append(site.workshop, "hostile")
        for target in ("/v1/contacts", "/v1/feed", "/v1/contacts?q=mia"):
            answer = site.ask(target)
            assert answer.headers["content-type"] == "application/json"
            assert b"\x1b" not in answer.body
            assert "\u202e" not in answer.body.decode()
        assert site.ask("/v1/contacts").json[0]["name"] == hostile
        client = listen(site, f"?since={len(everything(site)) - 1}")
        (one,) = client.take(1)
        client.cut()
        assert one["contact"]["name"] == hostile
