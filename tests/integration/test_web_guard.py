"""Whom the site lets in: not another site's page, not another user, not who guesses; and nobody without an end."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from keepwarm.daemon.web import app, listening
from keepwarm.daemon.web.forms import LARGEST_FORM, posted
from keepwarm.daemon.web.listening import LONGEST_HEAD
from tests.daemon import SETTINGS
from tests.web import Website, rest, sent, website

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from keepwarm.daemon.web.site import Site

NOW = datetime(2026, 11, 16, 7, tzinfo=UTC)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TARGET = "/v1/status"
BIG = 64 * LONGEST_HEAD


@pytest.fixture(params=["127.0.0.1", "[::1]", "localhost"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Website]:
    """An empty site, on each name of this machine in turn."""
    config = tmp_path / "config.toml"
    config.write_text(SETTINGS.replace("127.0.0.1:0", f"{request.param}:0"))
    with website(config, NOW) as served:
        yield served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    """An empty site, with a form that says what it was sent."""

    def said(_request: Request, form: Mapping[str, str]) -> Response:
        return PlainTextResponse(repr(sorted(form.items())))

    def routes(_site: Site) -> list[BaseRoute]:
        return [Route("/say", posted(said), methods=["POST"])]

    config = tmp_path_factory.mktemp("site") / "config.toml"
    config.write_text(SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "page_routes", routes)
        with website(config, NOW) as served:
            yield served


def test_it_is_reached_by_the_name_it_listens_on_with_the_token_or_a_session(anywhere: Website) -> None:
    assert anywhere.ask(TARGET).status == 200
    assert anywhere.ask(TARGET, headers=anywhere.visit(), anonymous=True).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evil.test:{port}", "127.0.0.1", "127.0.0.1:1", "localhost:{port}", "127.0.0.1:{port}.evil.test", ""],
)
def test_a_name_that_was_rebound_to_this_machine_is_turned_away(site: Website, host: str) -> None:
    named = host.format(port=site.address[1])
    answer = site.ask(TARGET, headers={"Host": named, **site.visit()})
    assert answer.status == 421
    assert site.served.origin in answer.said
    assert site.ask("/open?token=x", headers={"Host": named}, anonymous=True).status == 421


def test_a_second_host_header_is_turned_away(site: Website) -> None:
    token = site.headers["Authorization"]
    with site.wire() as connection:
        head = f"GET {TARGET} HTTP/1.1\r\nHost: {site.host}\r\nHost: evil.test\r\nAuthorization: {token}\r\n\r\n"
        assert b" 400 " in sent(connection, head.encode()).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_another_sites_form_changes_nothing_even_with_the_session(site: Website, headers: dict[str, str]) -> None:
    answer = site.ask("/say", method="POST", headers={**FORM, **headers, **site.visit()}, body=b"a=1", anonymous=True)
    assert answer.status == 403
    assert "this site only" in answer.said


def test_another_sites_script_reads_nothing_and_a_link_from_elsewhere_leads_in_who_has_a_session(site: Website) -> None:
    script = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert site.ask(TARGET, headers={**script, **site.visit()}, anonymous=True).status == 403
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}  # SameSite=Lax: with the cookie
    assert site.ask(TARGET, headers={**link, **site.visit()}, anonymous=True).status == 200
    assert site.ask(TARGET, headers=link, anonymous=True).status == 401


def test_a_form_needs_the_token_of_its_own_session(site: Website) -> None:
    session, other = site.visit(), site.visit()
    token = site.seal.csrf_token(session["Cookie"].partition("=")[2])
    foreign = site.seal.csrf_token(other["Cookie"].partition("=")[2])

    def say(body: str, headers: Mapping[str, str]) -> int:
        sent_with = {**FORM, **session, **headers}
        return site.ask("/say", method="POST", headers=sent_with, body=body.encode(), anonymous=True).status

    assert say(f"a=1&csrf={token}", {}) == 200
    assert say("a=1", {"X-CSRF-Token": token}) == 200
    assert say("a=1", {}) == 403
    assert say(f"a=1&csrf={foreign}", {}) == 403
    assert say("a=1&csrf=", {}) == 403
    assert say("a=1&csrf=%C3%A9", {}) == 403
    program = {**FORM, **site.headers}
    assert site.ask("/say", method="POST", headers=program, body=b"csrf=", anonymous=True).status == 403


def test_a_form_is_bounded_and_must_be_one(site: Website) -> None:
    session = site.visit()
    token = {"X-CSRF-Token": site.seal.csrf_token(session["Cookie"].partition("=")[2])}

    def say(body: bytes, kind: str = FORM["Content-Type"]) -> int:
        headers = {"Content-Type": kind, **session, **token}
        return site.ask("/say", method="POST", headers=headers, body=body, anonymous=True).status

    assert say(b"a=" + b"x" * (LARGEST_FORM - 2)) == 200
    assert say(b"a=" + b"x" * LARGEST_FORM) == 413
    assert say(b"&".join(b"a=1" for _ in range(51))) == 400
    assert say(b"a=%ff") == 400
    assert say(b"\xff") == 400
    assert say(b"{}", "application/json") == 415
    assert say(b"a=1", "text/plain") == 415


@pytest.mark.parametrize(
    "credentials",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic a2VlcHdhcm06eA==", "Bearer \xe9", "Bearer {token}x", "Token {token}"],
)
def test_who_guesses_is_told_how_to_come_in_and_nothing_else(site: Website, credentials: str) -> None:
    given = {"Authorization": credentials.format(token=site.seal.program_token())}
    for target in (TARGET, "/", "/v1/contacts/x", "/nothing/here", "/static/../../etc/passwd"):
        answer = site.ask(target, headers=given, anonymous=True)
        assert answer.status == 401
        assert "keepwarm open" in answer.said
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_look_of_a_page_needs_no_session_and_nothing_else_hides_behind_it(site: Website) -> None:
    assert site.ask("/static/page.css", anonymous=True).status in (200, 404)
    assert site.ask("/static/page.css", headers={"Origin": "https://evil.test"}, anonymous=True).status == 403
    assert site.ask("/static/page.css", headers={"Host": "evil.test"}, anonymous=True).status == 421
    for target in (
        "/static/../v1/status",
        "/static/%2e%2e/v1/status",
        "/static/x/../../v1/status",
        "/static/",
        "/static",
    ):
        assert site.ask(target, anonymous=True).status == 401
    assert site.ask("/static/page.css", method="POST", anonymous=True).status == 401


def test_a_person_is_told_in_plain_words(site: Website) -> None:
    answer = site.ask("/", headers={"Accept": "text/html,*/*;q=0.8"}, anonymous=True)
    assert answer.status == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert b"Run `keepwarm open`" in answer.body


def test_a_link_is_good_once_and_leaves_no_token_in_the_address(site: Website) -> None:
    link = f"/open?token={site.seal.link_token(site.served.instance)}"
    answer = site.ask(link, anonymous=True)
    assert answer.status == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "domain" not in cookie
    assert site.ask(link, anonymous=True).status == 401
    assert "again" in site.ask(link, anonymous=True).said


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_a_link_is_not_used_up_by_what_only_looks(site: Website, method: str) -> None:
    link = f"/open?token={site.seal.link_token(site.served.instance)}"
    assert site.ask(link, method=method, anonymous=True).status == 401
    assert site.ask(link, anonymous=True).status == 303


def test_no_token_is_good_for_anything_else(site: Website) -> None:
    session = site.visit()["Cookie"].partition("=")
    name, value = session[0], session[2]
    link, program = site.seal.link_token(site.served.instance), site.seal.program_token()
    for cookie in (link, program, site.seal.csrf_token(value), value + "x", "9" * 400, f"9999999999.{value}"):
        assert site.ask(TARGET, headers={"Cookie": f"{name}={cookie}"}, anonymous=True).status == 401
    assert site.ask(TARGET, headers={"Cookie": f"other={value}"}, anonymous=True).status == 401
    assert site.ask(TARGET, headers={"Authorization": f"Bearer {value}"}, anonymous=True).status == 401
    for token in (value, program, site.seal.link_token("another run")):
        assert site.ask(f"/open?token={token}", anonymous=True).status == 401


def test_a_new_secret_ends_sessions_tokens_and_links(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(SETTINGS)
    with website(config, NOW) as site:
        session, link = site.visit(), site.seal.link_token(site.served.instance)
        assert site.ask(TARGET, headers=session, anonymous=True).status == 200
        site.seal.renew()
        assert site.ask(TARGET, headers=session, anonymous=True).status == 401
        assert site.ask(TARGET).status == 401
        assert site.ask(f"/open?token={link}", anonymous=True).status == 401


def test_another_users_process_is_turned_away_whatever_it_knows(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    session = site.visit()
    mine = listening._Protocol.owner
    assert mine is not None
    monkeypatch.setattr(listening._Protocol, "owner", mine + 1)  # so that this process is another user's
    for headers in (session, site.headers):
        answer = site.ask(TARGET, headers=headers, anonymous=True)
        assert answer.status == 403
        assert "another user" in answer.said


@pytest.mark.parametrize("target", [TARGET, "/", "/nothing", "/open?token=x"])
def test_every_answer_tells_a_browser_to_be_careful(site: Website, target: str) -> None:
    for answer in (site.ask(target), site.ask(target, anonymous=True)):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] in ("no-store", "private, no-cache")
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/v1/contacts/..%2f..%2fsecret",
        "/v1/contacts/%2e%2e/%2e%2e/etc/passwd",
        "/../../../../etc/passwd",
        "/v1/../../etc/passwd",
        "//etc/passwd",
        "/v1/contacts/%00",
        "/v1/contacts/c_%00",
        "/v1/contacts/%ff%fe",
        "/v1/contacts/c_'%20OR%20'1'='1",
        "/v1/contacts/" + "a" * 8000,
    ],
)
def test_a_path_leads_nowhere_else(site: Website, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 404
    assert b"root:" not in answer.body
    assert answer.said


@pytest.mark.parametrize(
    "query",
    [
        *("labl=x", "band=hot", "limit=0", "limit=1001", "limit=1e3", "limit=%C2%B2", "limit=", "limit=-1"),
        *("limit=" + "9" * 30, "q=", "q=%00", "q=%ff", "q=a&q=b", "q=" + "x" * 201, "after=%00"),
        "&".join(f"x{number}=1" for number in range(30)),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(site: Website, query: str) -> None:
    answer = site.ask(f"/v1/contacts?{query}")
    assert answer.status == 400
    assert answer.said


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_nothing_is_changed_by_the_api(site: Website, method: str) -> None:
    answer = site.ask(TARGET, method=method)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_client_that_takes_another_kind_only_is_told_so(site: Website) -> None:
    assert site.ask(TARGET, headers={"Accept": "text/html"}).status == 406
    assert site.ask(TARGET, headers={"Accept": "application/json;q=0"}).status == 406
    for accept in ("application/*", "text/html, */*;q=0.1", "application/json; charset=utf-8", ""):
        assert site.ask(TARGET, headers={"Accept": accept}).status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * BIG + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * BIG + b"\r\n",
        b"GET /" + b"a" * BIG + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n bad: folded\r\nContent-Length: 1, 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX\0: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        b"\r\n\r\n\xff\xfe\r\n\r\n",
    ],
    ids=["header", "headers", "line", "length", "lengths", "negative", "nul", "blank", "tls", "bytes"],
)
def test_what_is_no_request_is_refused_and_others_are_served_on(site: Website, head: bytes) -> None:
    with site.wire() as connection:
        answer = sent(connection, head)
        assert answer.split(b"\r\n")[0].split()[1:2] in ([b"400"], [b"431"])
        assert b"problem+json" in answer
    assert site.ask(TARGET).status == 200


def test_a_request_hidden_in_anothers_body_is_not_believed(site: Website) -> None:
    token = site.headers["Authorization"].encode()
    hidden = b"GET /v1/contacts HTTP/1.1\r\nHost: evil.test\r\nAuthorization: " + token + b"\r\n\r\n"
    head = b"POST /v1/status HTTP/1.1\r\nHost: " + site.host.encode() + b"\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Length: 4\r\nConnection: close\r\n\r\n0\r\n\r\n"
    with site.wire() as connection:
        answer = sent(connection, head + hidden)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b" 401 " in answer.split(b"\r\n")[0]


def test_who_keeps_a_connection_and_sends_no_request_is_cut_off(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.wire() as idle:
        idle.sendall(f"HEAD {TARGET} HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        assert b" 401 " in idle.recv(65_536)
        monkeypatch.setattr(listening, "_HEAD_WITHIN", 0.3)
        idle.sendall(b"G")  # which must not count as using it
        assert b"HTTP/1.1 " not in rest(idle)
    with site.wire() as silent, site.wire() as dribbling:
        try:
            while True:
                dribbling.sendall(b"G")
                time.sleep(0.05)
        except OSError:
            pass
        assert rest(silent) == b""
    assert site.ask(TARGET).status == 200


def test_who_sends_a_form_slowly_is_cut_off(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepwarm.daemon.web.forms._PATIENCE", 0.3)
    session = site.visit()["Cookie"]
    head = f"POST /say HTTP/1.1\r\nHost: {site.host}\r\nCookie: {session}\r\nContent-Length: 100\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\nConnection: close\r\n\r\na="
    with site.wire() as connection:
        assert b" 408 " in sent(connection, head.encode()).split(b"\r\n")[0]


def test_more_clients_at_once_than_are_served_harm_nobody(site: Website) -> None:
    held = [socket.create_connection(site.address, timeout=60) for _ in range(80)]
    try:
        assert site.ask(TARGET).status == 503
    finally:
        for one in held:
            one.close()
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: site.ask(TARGET), range(120)))
    assert [one.status for one in answers] == [200] * 120
    assert len({one.headers["etag"] for one in answers}) == 1


def test_what_is_unchanged_is_not_sent_again_and_a_head_has_no_body(site: Website) -> None:
    first = site.ask(TARGET)
    again = site.ask(TARGET, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    weak = site.ask(TARGET, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert weak.status == 304
    assert site.ask(TARGET, headers={"If-None-Match": '"x"'}).status == 200
    head = site.ask(TARGET, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(first.body))
    assert head.headers["etag"] == first.headers["etag"]
