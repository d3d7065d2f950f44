"""The page beside the daemon: opened by a command, in nobody's way, and gone with it."""

from __future__ import annotations

import os
import re
import socket
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from keepwarm.daemon.configuration import load
from keepwarm.daemon.web import server
from keepwarm.daemon.web.seal import Seal
from keepwarm.daemon.web.server import WebServer
from keepwarm.daemon.web.sockets import bound
from keepwarm.daemon.web.whereabouts import Served, Whereabouts
from keepwarm.daemon.workshop import Workshop
from tests import serving
from tests.daemon import PATIENCE, SETTINGS, Daemon, end, running, until
from tests.keepwarm import Keepwarm
from tests.letters import ME

if TYPE_CHECKING:
    from pathlib import Path

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "BROWSER": ""}
LINK = re.compile(r"http://127\.0\.0\.1:\d+/open\?token=\S+")


@pytest.fixture
def keepwarm(tmp_path: Path) -> Keepwarm:
    """A daemon with an empty mailbox."""
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
    config = tmp_path / "config.toml"
    config.write_text(f'{SETTINGS}[[account]]\nname = "work"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n')
    return Keepwarm(config, environment=NO_DISPLAY)


def served(daemon: Daemon) -> None:
    until(lambda: "the page is served" in daemon.logged, daemon)


def visited(link: str) -> tuple[int, str]:
    """Follow a link once; gives status and cookie."""
    parts = urlsplit(link)
    assert parts.hostname
    connection = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers.get("Set-Cookie", "")


def test_a_link_of_the_command_lets_a_browser_in_once(keepwarm: Keepwarm) -> None:
    with running(keepwarm) as daemon:
        served(daemon)
        done = keepwarm.run("open")
        assert LINK.fullmatch(done.out.strip())
        assert "No browser" in done.err
        link = keepwarm.run("open", "--print").out.strip()
        status, cookie = visited(link)
        assert status == 303
        assert "HttpOnly" in cookie
        assert visited(link)[0] == 401
        assert visited(done.out.strip())[0] == 303
        logged = end(daemon)
    assert link.partition("token=")[2] not in logged
    assert "level=warning" not in logged


def test_the_browser_of_the_environment_is_opened_and_the_link_is_not_printed(
    keepwarm: Keepwarm, tmp_path: Path
) -> None:
    browser, got = tmp_path / "browser", tmp_path / "got"
    browser.write_text(f'#!/bin/sh\necho "$1" > {got}.part && mv {got}.part {got}\n')
    browser.chmod(0o700)
    at_a_desk = Keepwarm(keepwarm.config, environment={**NO_DISPLAY, "BROWSER": str(browser)})
    with running(keepwarm) as daemon:
        served(daemon)
        done = at_a_desk.run("open")
        assert "token" not in done.out + done.err
        until(got.exists, daemon)
        assert visited(got.read_text().strip())[0] == 303
        end(daemon)


def test_status_and_doctor_tell_where_the_page_is_and_that_it_is_gone(keepwarm: Keepwarm) -> None:
    with running(keepwarm) as daemon:
        served(daemon)
        origin = keepwarm.json("status")["page"]
        assert origin.startswith("http://127.0.0.1:")
        assert f"served at {origin}" in keepwarm.run("status").out
        assert f"served at {origin}" in str(keepwarm.json("doctor"))
        end(daemon)
    assert keepwarm.json("status")["page"] is None
    assert "The page is not served" in keepwarm.run("status").out
    done = keepwarm.run("open", status=1)
    assert "the daemon does not run" in done.err
    assert "keepwarm run" in done.err
    assert "keepwarm service install" in done.err


def test_open_clients_keep_nobody_from_stopping_in_time(keepwarm: Keepwarm) -> None:
    token = keepwarm.run("open", "--token").out.strip()
    with running(keepwarm) as daemon:
        served(daemon)
        parts = urlsplit(keepwarm.json("status")["page"])
        assert parts.hostname
        assert parts.port
        held = [socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) for _ in range(20)]
        head = f"GET /v1/feed HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        for one in held[:10]:
            one.sendall(f"{head}Accept: text/event-stream\r\n\r\n".encode())
            assert one.recv(65_536).startswith(b"HTTP/1.1 200")
        for one in held[10:15]:
            one.sendall(head.encode())
        end(daemon)
        for one in held:
            one.close()


def test_a_port_that_is_taken_is_told_once_with_the_cure_and_the_daemon_goes_on(keepwarm: Keepwarm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        keepwarm.config.write_text(keepwarm.config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        with running(keepwarm) as daemon:
            until(lambda: "the page is not served" in daemon.logged, daemon)
            until(lambda: keepwarm.json("status")["accounts"] != [], daemon)
            assert "another port" in str([one for one in keepwarm.json("doctor", status=1) if one["about"] == "page"])
            assert "does not run, or could not listen" in keepwarm.run("open", status=1).err
            logged = end(daemon)
    assert logged.count("cannot be listened on") == 1
    assert f"127.0.0.1:{port}" in logged


def test_two_daemons_want_one_port_and_the_second_has_it_when_the_first_ends(
    keepwarm: Keepwarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_TRIES_EACH", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    texts = [SETTINGS.replace("127.0.0.1:0", f"127.0.0.1:{port}").replace("data/", f"data{n}/") for n in (1, 2)]
    settings = []
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.toml").write_text(text)
        settings.append(load(tmp_path / f"{number}.toml"))
    first, second = (Workshop(one) for one in settings)
    servers = [WebServer(one, lambda: datetime.now(UTC)) for one in (first, second)]
    told = [Whereabouts.of(one).told for one in settings]
    servers[0].start()
    serving.until(lambda: told[0]() is not None)
    servers[1].start()
    servers[0].end()
    serving.until(lambda: told[1]() is not None)
    assert told[0]() is None
    servers[1].end()
    for one in servers:
        one.join(PATIENCE)
        assert not one.is_alive()
    first.close()
    second.close()


def test_no_browser_is_sent_to_a_program_that_has_taken_the_port(keepwarm: Keepwarm) -> None:
    where = Whereabouts.of(load(keepwarm.config))
    with bound(load(keepwarm.config).web.listen) as impostor:
        impostor.settimeout(PATIENCE)
        where.tell(Served(origin=f"http://127.0.0.1:{impostor.getsockname()[1]}", instance="00"))
        process = keepwarm.start("open")
        connection, _ = impostor.accept()
        with connection:
            asked = connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "not served" in said
    assert b"token" not in asked  # nothing was shown to it by which it could come in
    assert where.seal.program_token().encode() not in asked


def test_the_token_is_the_same_until_it_is_renewed_and_its_file_is_the_owners_alone(keepwarm: Keepwarm) -> None:
    first = keepwarm.run("open", "--token").out
    assert keepwarm.run("open", "--token").out == first
    assert keepwarm.run("open", "--token", "--renew").out != first
    path = Whereabouts.of(load(keepwarm.config)).seal.path
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert "--renew" in keepwarm.run("open", "--token", status=1).err
    keepwarm.run("open", "--token", "--renew")
    path.write_bytes(b"short")
    assert "damaged" in keepwarm.run("open", "--token", status=1).err
    assert "exclude" in keepwarm.run("open", "--token", "--print", status=2).err


def test_another_user_is_told_that_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seal = Seal(tmp_path / "secret")
    token = seal.program_token()
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    with pytest.raises(Exception, match="belongs to another user") as told:
        seal.program_token()
    assert "user whose Keepwarm this is" in told.value.what_to_do  # type: ignore[attr-defined]
    monkeypatch.undo()
    assert seal.program_token() == token
