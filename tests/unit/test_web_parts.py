"""The parts of the site that need no server: tokens that end, the kernel's table of sockets, what a client wants."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from keepwarm.daemon.settings import Configuration, Database
from keepwarm.daemon.values import Listen
from keepwarm.daemon.web import news as waiting
from keepwarm.daemon.web import peers
from keepwarm.daemon.web.answers import wanted
from keepwarm.daemon.web.news import News
from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.web.seal import LINK_SECONDS, SESSION_SECONDS, Seal
from keepwarm.daemon.web.sockets import bound, origin_of
from keepwarm.daemon.web.whereabouts import Served, Whereabouts

if TYPE_CHECKING:
    from pathlib import Path

SERVED = Served(origin="http://127.0.0.1:8642", instance="1")


def request(accept: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"accept", accept.encode())]})


def test_a_link_and_a_session_end_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seal = Seal(tmp_path / "secret")
    link, session, now = seal.link_token("run"), seal.session_token(), time.time()
    assert seal.is_session(session)
    monkeypatch.setattr(time, "time", lambda: now + LINK_SECONDS + 1)
    assert not seal.use_link(link, "run")
    assert seal.is_session(session)
    monkeypatch.setattr(time, "time", lambda: now + SESSION_SECONDS + 1)
    assert not seal.is_session(session)


def test_a_link_that_many_use_at_once_is_good_for_one(tmp_path: Path) -> None:
    seal, good = Seal(tmp_path / "secret"), []
    link = seal.link_token("run")
    threads = [threading.Thread(target=lambda: good.append(seal.use_link(link, "run"))) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert good.count(True) == 1


def test_two_who_make_the_secret_at_once_have_the_same(tmp_path: Path) -> None:
    tokens: list[str] = []
    threads = [
        threading.Thread(target=lambda: tokens.append(Seal(tmp_path / "new" / "secret").program_token()))
        for _ in range(20)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(tokens)) == 1
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["secret"]


@pytest.mark.parametrize("token", ["", ".", "..", "x.y.z", "nan.x.y", "\xe9.x", "9" * 500])
def test_what_is_no_token_is_none(tmp_path: Path, token: str) -> None:
    seal = Seal(tmp_path / "secret")
    assert not seal.use_link(token, "run")
    assert not seal.is_session(token)
    assert not seal.is_program(token)


@pytest.mark.parametrize("name", ["127.0.0.1", "::1"])
def test_the_kernel_tells_whose_a_connection_is(name: str) -> None:
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    with (
        socket.create_server((name, 0), family=family) as listening,
        socket.create_connection(listening.getsockname()[:2]) as peer,
    ):
        here, there = listening.getsockname()[:2], peer.getsockname()[:2]
        assert peers.user_of(there, here) == os.getuid()
        assert peers.user_of((name, 1), here) is None


def test_a_system_that_does_not_tell_leaves_it_to_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for content in (None, b"", b"sl local_address\n", b"0: nonsense\n", b"\xff\xfe\n"):
        table = tmp_path / "tcp"
        table.unlink(missing_ok=True)
        if content is not None:
            table.write_bytes(content)
        monkeypatch.setattr(peers, "_TABLES", {4: table, 6: table})
        assert peers.user_of(("127.0.0.1", 1), ("127.0.0.1", 2)) is None


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("text/*", "text/event-stream"),
        ("TEXT/event-stream;q=0.5, application/json;q=0.4", "text/event-stream"),
        ("application/json;q=0, */*", "text/event-stream"),
        ("text/event-stream;q=x, */*;q=0.1", "application/json"),
        (",,;q=1,application/json ; q=0.1", "application/json"),
    ],
)
def test_a_client_is_given_the_kind_that_it_wants_most(accept: str, kind: str) -> None:
    assert wanted(request(accept), ("application/json", "text/event-stream")) == kind


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "application/json;q=0", "nonsense"])
def test_a_client_that_takes_none_is_told(accept: str) -> None:
    with pytest.raises(Problem) as told:
        wanted(request(accept), ("application/json",))
    assert told.value.status == 406


def test_where_it_is_served_is_told_by_the_last_run_and_taken_back_by_that_alone(tmp_path: Path) -> None:
    where, newer = Whereabouts(tmp_path / "keepwarm"), Served(origin=SERVED.origin, instance="2")
    assert where.told() is None
    where.tell(SERVED)
    where.tell(newer)
    where.forget(SERVED)
    assert where.told() == newer
    where.forget(newer)
    assert where.told() is None
    for broken in ("", "[]", "{}", '"x"', "{" * 10_000):
        (tmp_path / "keepwarm.web.json").write_text(broken)
        assert where.told() is None


def test_two_databases_have_files_of_their_own(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db", "postgresql+psycopg://h/a"]
    urls.append("postgresql+psycopg://me:secret@h/b")
    places = [Whereabouts.of(Configuration(database=Database(url=url))) for url in urls]
    assert len({one.stem for one in places}) == 4
    assert not any("secret" in str(one.stem) for one in places)


def test_an_address_is_written_as_a_browser_has_it() -> None:
    with bound(Listen("::1", 0)) as six, bound(Listen("localhost", 0)) as named:
        assert origin_of(Listen("::1", 0), six) == f"http://[::1]:{six.getsockname()[1]}"
        assert origin_of(Listen("localhost", 0), named) == f"http://localhost:{named.getsockname()[1]}"


def test_many_who_wait_ask_the_database_as_often_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_LOOKS_EACH", 3600.0)
    looks: list[int] = []
    newest = [0]

    async def wait() -> None:
        news = News(lambda: looks.append(1) or newest[0])  # type: ignore[func-returns-value]
        clients = [asyncio.create_task(news.wait(0, 3600.0)) for _ in range(30)]
        while not looks:
            await asyncio.sleep(0.01)
        newest[0] = 1
        news.tell()
        await asyncio.gather(*clients)

    asyncio.run(wait())
    assert len(looks) <= 3
