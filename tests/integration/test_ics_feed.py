"""Calendars by address, from a server of the tests' own: the connector, and the whole command."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.contract import ConnectorError, Later, Refused
from keepwarm.connectors.ics_feed import FeedConnector, FeedSettings
from keepwarm.storage.observations import MeetingSeen, Scope
from tests.keepwarm import Keepwarm
from tests.letters import ME, weekly_exchange, write_maildir
from tests.servers.web import Page, Web, certificate
from tests.vcalendars import vcalendar, vevent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from keepwarm.storage.observations import Batch, Cursor

PATH = "/calendar/private-0123/basic.ics"
SECRET = PATH + "?token=4567"
SECRETS = ("private-0123", "4567")
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def feed(web: Web) -> Callable[..., list[Batch]]:
    """Give a function that pulls the feed."""

    def pull(cursor: Cursor | None = None, *, days: int = 0, address: str = SECRET) -> list[Batch]:
        shift = days * DAY
        settings = FeedSettings(url=web.url(address))
        connector = FeedConnector(settings, lambda: (SINCE + shift, UNTIL + shift), ZoneInfo("Europe/Berlin"))
        (stream,) = connector.streams()
        assert (stream.name, stream.holds, connector.wait(stream, 9)) == ("calendar", "calendar", False)
        found = list(connector.pull(stream, cursor))
        connector.close()
        assert all(secret not in repr((settings, found)) for secret in SECRETS)
        return found

    return pull


def week(*numbers: int, uid: str = "uid-{}") -> tuple[str, ...]:
    return tuple(vevent(uid.format(number), NOW + number * DAY, f"Review {number}") for number in numbers)


def uids(batches: list[Batch]) -> list[str]:
    return [one.ical_uid for batch in batches for one in batch.seen if isinstance(one, MeetingSeen)]


def test_a_feed_is_read_whole_and_proves_it(web: Web, feed: Callable[..., list[Batch]]) -> None:
    web.pages[PATH] = Page(body=vcalendar(*week(1, 2)), packed=True, chunked=True)
    (batch,) = feed()
    assert uids([batch]) == ["uid-1", "uid-2"]
    assert batch.complete == (Scope(since=SINCE, until=UNTIL),)
    assert web.asked[0].path == SECRET


def test_a_feed_that_has_not_changed_costs_one_request_and_no_body(web: Web, feed: Callable[..., list[Batch]]) -> None:
    web.pages[PATH] = Page(body=vcalendar(*week(1)), validators=True)
    cursor = feed()[-1].cursor
    assert feed(cursor) == []
    asked = web.asked[-1].headers
    assert (len(web.asked), "if-none-match" in asked, "if-modified-since" in asked) == (2, True, True)
    web.pages[PATH] = Page(body=vcalendar(*week(1, 2)), validators=True)
    assert uids(feed(cursor)) == ["uid-1", "uid-2"]


def test_a_time_of_writing_alone_is_no_change(web: Web, feed: Callable[..., list[Batch]]) -> None:
    def written(second: int) -> Page:
        return Page(body=vcalendar(vevent("a", NOW + DAY, "Review", f"DTSTAMP:20260301T0000{second:02}Z")))

    web.pages[PATH] = written(1)
    cursor = feed()[-1].cursor
    web.pages[PATH] = written(2)
    assert feed(cursor) == []


def test_a_new_day_reads_a_feed_with_series_again(web: Web, feed: Callable[..., list[Batch]]) -> None:
    web.pages[PATH] = Page(body=vcalendar(vevent("a", NOW, "Daily", "RRULE:FREQ=DAILY")), validators=True)
    cursor = feed()[-1].cursor
    assert feed(cursor) == []
    assert len(uids(feed(cursor, days=1))) > 100
    assert "if-none-match" not in web.asked[-1].headers


def test_a_body_that_was_cut_off_proves_no_absence_and_is_fetched_again(
    web: Web, feed: Callable[..., list[Batch]]
) -> None:
    whole = vcalendar(*week(1, 2, 3))
    web.pages[PATH] = Page(body=whole[:-40], validators=True)
    (batch,) = feed()
    assert (uids([batch]), batch.complete) == (["uid-1", "uid-2"], ())
    assert batch.rejected
    web.pages[PATH] = Page(body=whole, validators=True)
    (batch,) = feed(batch.cursor)
    assert len(batch.complete) == 1
    assert "if-none-match" not in web.asked[-1].headers


@pytest.mark.parametrize(
    ("page", "error", "told"),
    [
        (Page(status=401), Refused, "whoever asks"),
        (Page(status=403), Refused, "whoever asks"),
        (Page(status=404), Refused, "withdrawn"),
        (Page(status=410), Refused, "withdrawn"),
        (Page(status=204), Refused, "no calendar"),
        (Page(status=400), Refused, "no calendar"),
        (Page(status=304), Refused, "no calendar"),
        (Page(status=429, headers=(("Retry-After", "600"),)), Later, "busy"),
        (Page(status=502), Later, "trouble"),
        (Page(body=b"<!doctype html><title>Sign in</title>"), Refused, "web page"),
        (Page(body=b""), Refused, "something else"),
        (Page(body=bytes(21 * 2**20), packed=True), Refused, "more than 20 MB"),
    ],
)
def test_what_is_no_calendar_is_refused_with_the_cure_and_without_the_address(
    web: Web, feed: Callable[..., list[Batch]], page: Page, error: type[ConnectorError], told: str
) -> None:
    web.pages[PATH] = page
    with pytest.raises(error, match=told) as caught:
        feed()
    assert isinstance(caught.value, Later) or caught.value.what_to_do  # type: ignore[attr-defined]
    told_whole = "".join(traceback.format_exception(caught.value))
    assert all(secret not in told_whole for secret in SECRETS)


def test_the_same_calendar_under_a_new_address_goes_on(web: Web, feed: Callable[..., list[Batch]]) -> None:
    web.pages[PATH] = web.pages["/anew"] = Page(body=vcalendar(*week(1, 2, 3)), validators=True)
    cursor = feed()[-1].cursor
    (batch,) = feed(cursor, address="/anew")
    assert (batch.disowned, len(batch.complete), "if-none-match" in web.asked[-1].headers) == ("", 1, False)


def test_another_calendar_under_a_new_address_begins_anew(web: Web, feed: Callable[..., list[Batch]]) -> None:
    web.pages[PATH] = Page(body=vcalendar(*week(1, 2, 3)))
    web.pages["/other"] = Page(body=vcalendar(*week(4, 5, 6)))
    cursor = feed()[-1].cursor
    first, last = feed(cursor, address="/other")
    assert "another calendar" in first.disowned
    assert (first.cursor, uids([last])) == (cursor, ["uid-4", "uid-5", "uid-6"])
    assert feed(last.cursor, address="/other") == []


# The whole command.


def keepwarm_with(folder: Path, account: str) -> Keepwarm:
    write_maildir(folder / "mail", weekly_exchange("Ana <ana@acme.test>", NOW - 70 * DAY, 10))
    config = folder / "config.toml"
    config.write_text(
        f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n'
        f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\n'
        f'[[account]]\nname = "feed"\nkind = "ics"\n{account}\n'
    )
    return Keepwarm(config, as_of=NOW.isoformat())


def test_a_sync_reads_a_feed(web: Web, tmp_path: Path) -> None:
    web.pages[PATH] = Page(body=vcalendar(*week(1)), validators=True)
    keepwarm = keepwarm_with(tmp_path, f'url = "{web.url(SECRET)}"')
    keepwarm.run("sync")
    (contact,) = keepwarm.json("contacts")
    assert contact["next_meeting"].startswith(f"{NOW + DAY:%Y-%m-%d}")
    keepwarm.run("sync")
    assert [asked.headers.get("if-none-match") is not None for asked in web.asked] == [False, True]


def test_a_sync_reads_a_feed_over_tls(tmp_path: Path) -> None:
    context, ca_file = certificate(tmp_path)
    web = Web({PATH: Page(body=vcalendar(*week(1)))}, tls=context)
    keepwarm = keepwarm_with(tmp_path, f'url = "{web.url(SECRET)}"\nca_file = "{ca_file}"')
    keepwarm.run("sync")
    (contact,) = keepwarm.json("contacts")
    assert contact["next_meeting"]
    web.stop()


def test_a_redirect_into_a_private_network_needs_the_users_word(web: Web, tmp_path: Path) -> None:
    other = Web({"/hidden": Page(body=vcalendar(*week(1)))})
    web.pages[PATH] = Page(status=302, headers=(("Location", other.url("/hidden")),))
    keepwarm = keepwarm_with(tmp_path, f'url = "{web.url(SECRET)}"')
    told = keepwarm.run("sync", status=3)
    assert "private address" in told.err
    assert "allow_private" in told.err
    assert other.asked == []
    keepwarm.config.write_text(keepwarm.config.read_text() + "allow_private = true\n")
    keepwarm.run("sync")
    assert len(other.asked) == 1
    other.stop()


@pytest.mark.parametrize(
    "page",
    [
        Page(status=404),
        Page(status=302, headers=(("Location", "https://nowhere.invalid" + SECRET),)),
        Page(
            body=b"<html>Sign in</html>",
            headers=(("Connection", "close"), ("Not a header", "")),
        ),
    ],
)
def test_a_failing_feed_never_tells_its_address(web: Web, tmp_path: Path, page: Page) -> None:
    web.pages[PATH] = Page(body=vcalendar(*week(1)), validators=True)
    keepwarm = keepwarm_with(tmp_path, f'url = "{web.url(SECRET)}"')
    keepwarm.run("sync")
    web.pages[PATH] = page
    told = [
        keepwarm.run("--verbose", "sync", status=3),
        keepwarm.run("--verbose", "doctor", status=1),
        keepwarm.run("status", "--json"),
    ]
    texts = [done.out + done.err for done in told]
    assert "http://127.0.0.1" in texts[0] or "https://nowhere.invalid" in texts[0]
    files = [file.read_bytes().decode("latin-1") for file in tmp_path.glob("keepwarm.db*")]
    assert files
    assert [secret for secret in SECRETS for text in (*texts, *files) if secret in text] == []
