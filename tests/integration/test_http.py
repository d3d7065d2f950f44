"""The HTTP client against a server that does all that servers do."""

from __future__ import annotations

import socket
import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import connection

from keepwarm.connectors.contract import ConnectorError, Later, Refused
from keepwarm.connectors.http import MAX_REDIRECTS, Http
from tests.servers.processes import free_port
from tests.servers.web import Asked, Page, Web, certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "/private-0123/basic.ics?token=4567"
PATH = "/private-0123/basic.ics"
LIMIT = 1_000_000


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def other() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


def leads_to(url: str, status: int = 302) -> Page:
    return Page(status=status, headers=(("Location", url),))


def refused(http: Http, url: str, kind: type[ConnectorError] = Refused) -> str:
    """Give the sentence of the error, of which even the traceback must not tell the address."""
    with pytest.raises(kind) as caught:
        http.send("GET", url, limit=LIMIT)
    assert all(part not in "".join(traceback.format_exception(caught.value)) for part in ("private-0123", "4567"))
    return str(caught.value)


@pytest.mark.parametrize("form", [{}, {"packed": True}, {"chunked": True}, {"packed": True, "chunked": True}])
def test_an_answer_comes_whole_whatever_its_form(web: Web, form: dict[str, bool]) -> None:
    web.pages[PATH] = Page(body=b"calendar " * 1000, **form)
    reply = Http().send("GET", web.url(SECRET), limit=LIMIT)
    assert (reply.status, reply.body) == (200, b"calendar " * 1000)
    assert "private-0123" not in repr(reply)
    assert web.asked[0].headers["user-agent"].startswith("keepwarm/")


def test_a_connection_is_used_again_after_an_answer_and_after_closing(web: Web) -> None:
    web.pages[PATH] = Page(body=b"ok", validators=True)
    http = Http()
    etag = http.send("GET", web.url(SECRET), limit=LIMIT).headers["etag"]
    assert http.send("GET", web.url(SECRET), headers={"If-None-Match": etag}, limit=LIMIT).status == 304
    http.close()
    assert http.send("GET", web.url(SECRET), limit=LIMIT).body == b"ok"


def test_of_a_body_no_more_than_the_limit_is_read_nor_unpacked(web: Web) -> None:
    web.pages[PATH] = Page(body=bytes(60 * LIMIT), packed=True)
    assert "more than 1 MB" in refused(Http(), web.url(SECRET))
    web.pages[PATH] = Page(pieces=(b"a" * 10_000,) * 10_000)
    assert "more than 1 MB" in refused(Http(), web.url(SECRET))


def test_a_page_that_is_packed_in_an_unknown_way_is_refused(web: Web) -> None:
    web.pages[PATH] = Page(body=b"x", headers=(("Content-Encoding", "gzip, gzip"),))
    assert "packed" in refused(Http(), web.url(SECRET))
    web.pages[PATH] = Page(body=b"this is not gzip", headers=(("Content-Encoding", "gzip"),))
    refused(Http(), web.url(SECRET), Later)


@pytest.mark.timeout(60)
def test_a_server_that_dawdles_is_left_in_the_end(web: Web, tmp_path: Path) -> None:
    dawdling = Page(pieces=(b"a",) * 10_000, pause=0.05)
    web.pages[PATH] = dawdling
    assert "in time" in refused(Http(whole_seconds=0.5), web.url(SECRET), Later)
    context, ca_file = certificate(tmp_path)
    secure = Web({PATH: dawdling}, tls=context)
    assert "in time" in refused(Http(whole_seconds=0.5, ca_file=ca_file), secure.url(SECRET), Later)
    secure.stop()
    web.pages[PATH] = Page(pieces=(b"a",) * 2, pause=2)
    assert "in time" in refused(Http(read_seconds=0.2), web.url(SECRET), Later)


@pytest.mark.timeout(60)
def test_a_server_that_dawdles_is_left_if_the_time_ran_out_while_it_was_called(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = connection.create_connection

    def slowly(*arguments: Any, **settings: Any) -> socket.socket:
        time.sleep(0.5)
        return connect(*arguments, **settings)

    monkeypatch.setattr(connection, "create_connection", slowly)
    web.pages[PATH] = Page(pieces=(b"a",) * 10_000, pause=0.05)
    assert "in time" in refused(Http(whole_seconds=0.2), web.url(SECRET), Later)


def test_an_answer_that_breaks_off_is_tried_again(web: Web) -> None:
    web.pages[PATH] = Page(pieces=(b"short",), headers=(("Content-Length", "100"),))
    refused(Http(), web.url(SECRET), Later)


def test_a_server_that_is_not_there_is_tried_again(web: Web) -> None:
    assert "cannot be reached" in refused(Http(), f"http://127.0.0.1:{free_port()}{SECRET}", Later)
    assert "cannot be found" in refused(Http(), f"https://nowhere.invalid{SECRET}", Later)


def test_a_server_that_speaks_no_http_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{SECRET}"
        assert "in time" in refused(Http(read_seconds=0.2), url, Later)


def test_redirects_are_followed_but_not_for_ever(web: Web) -> None:
    web.pages[PATH] = leads_to("/a#part")
    web.pages["/a"] = leads_to("b")
    web.pages["/b"] = Page(body=b"here")
    reply = Http().send("GET", web.url(SECRET), limit=LIMIT)
    assert (reply.body, reply.url) == (b"here", web.url("/b"))
    web.pages["/b"] = leads_to("/a")
    web.asked.clear()
    assert "from address to address" in refused(Http(), web.url(SECRET))
    assert len(web.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("location", ["", "http://[", "mailto:a@b.c", "file:///etc/passwd", "https://", "http://h:p/"])
def test_a_redirect_to_no_address_is_refused(web: Web, location: str) -> None:
    web.pages[PATH] = leads_to(location)
    assert "an address that is none" in refused(Http(), web.url(SECRET))


@pytest.mark.parametrize(("status", "method"), [(301, "PROPFIND"), (302, "PROPFIND"), (307, "PROPFIND"), (303, "GET")])
def test_only_see_other_changes_the_method(web: Web, status: int, method: str) -> None:
    web.pages["/a"] = leads_to("/b", status)
    web.pages["/b"] = Page(body=b"ok")
    Http().send("PROPFIND", web.url("/a"), headers={"Depth": "0"}, body=b"<x/>", limit=LIMIT)
    last = web.asked[-1]
    assert (last.method, last.body, last.headers["depth"]) == (method, b"" if method == "GET" else b"<x/>", "0")


def test_https_never_leads_to_http(tmp_path: Path, web: Web) -> None:
    context, ca_file = certificate(tmp_path)
    secure = Web(tls=context)
    secure.pages[PATH] = leads_to(web.url("/open"))
    web.pages["/open"] = Page(body=b"in the clear")
    assert "without encryption" in refused(Http(ca_file=ca_file), secure.url(SECRET))
    assert web.asked == []
    secure.stop()


def test_a_password_goes_no_further_than_its_server(web: Web, other: Web) -> None:
    web.pages["/a"] = leads_to("/b")
    web.pages["/b"] = leads_to(other.url("/c"))
    other.pages["/c"] = Page(body=b"ok")
    http = Http(auth=HTTPBasicAuth("me", "4567"))
    http.send("GET", web.url("/a"), headers={"Authorization": "Bearer 0123"}, limit=LIMIT)
    assert ["authorization" in asked.headers for asked in (*web.asked, *other.asked)] == [True, True, False]


def test_digest_is_asked_for_and_given(web: Web) -> None:
    def page(asked: Asked) -> Page:
        if asked.headers.get("authorization", "").startswith("Digest "):
            return Page(body=b"ok")
        return Page(status=401, headers=(("WWW-Authenticate", 'Digest realm="cal", nonce="1", qop="auth"'),))

    web.pages[PATH] = page
    assert Http(auth=HTTPDigestAuth("me", "4567")).send("GET", web.url(SECRET), limit=LIMIT).body == b"ok"


def test_a_certificate_is_trusted_only_if_the_user_says_so(tmp_path: Path) -> None:
    context, ca_file = certificate(tmp_path)
    server = Web({PATH: Page(body=b"ok")}, tls=context)
    assert "not trusted" in refused(Http(), server.url(SECRET))
    assert "not trusted" in refused(Http(ca_file=ca_file), server.url(SECRET, "localhost"))
    assert Http(ca_file=ca_file).send("GET", server.url(SECRET), limit=LIMIT).body == b"ok"
    server.stop()


def test_a_file_of_authorities_without_any_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    assert "ca.pem" in refused(Http(ca_file=tmp_path / "ca.pem"), "https://cal.example.com" + SECRET)


def test_a_server_without_tls_is_told_so(web: Web) -> None:
    assert "does not speak TLS" in refused(Http(), web.url(SECRET).replace("http:", "https:"))


# "127.1" and "0x7f000001" are names to a client, and lead to this machine wherever they are looked up.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "0x7f000001", "0"])
def test_a_redirect_to_this_machine_is_refused_before_anything_is_said(web: Web, other: Web, host: str) -> None:
    web.pages[PATH] = leads_to(f"https://{host}:{other.port}/admin")
    assert "private address" in refused(Http(private=False), web.url(SECRET))
    assert "does not speak TLS" in refused(Http(), web.url(SECRET))
    assert other.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_that_is_written_as_this_machine_says_so_by_itself(web: Web, host: str) -> None:
    web.pages[PATH] = Page(body=b"ok")
    assert Http(private=False).send("GET", web.url(SECRET, host), limit=LIMIT).body == b"ok"


def test_a_name_that_leads_to_this_machine_is_refused_even_on_a_connection_that_is_open(web: Web) -> None:
    web.pages[PATH] = Page(body=b"ok")
    web.pages["/a"] = leads_to(web.url(SECRET, "localhost"))
    http = Http(private=False)
    assert "private address" in refused(http, f"http://127.1:{web.port}{SECRET}")
    assert web.asked == []
    assert http.send("GET", web.url(SECRET, "localhost"), limit=LIMIT).body == b"ok"
    assert "private address" in refused(http, web.url("/a"))
