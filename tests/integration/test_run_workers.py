"""The daemon's workers: whatever one account's server does, no other account waits, nor the judging, nor the end."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.daemon import PATIENCE, SETTINGS, account_of, count, end, running, until, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir
from tests.servers.dribble import dribbling
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import ScriptedImap
from tests.servers.web import Asked, Page, Web
from tests.serving import serving
from tests.serving import until as until_it_holds
from tests.vcalendars import vcalendar, vevent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.dovecot import Dovecot, MailAccount
    from tests.servers.postgresql import PostgreSQL

MIA = "Mia <mia@kept.test>"
FEED = "/feed.ics"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@contextmanager
def mute() -> Iterator[socket.socket]:
    """Listen, and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        yield listener


def imap_at(port: int, name: str) -> str:
    return (
        f'[[account]]\nname = "{name}"\nkind = "imap"\naddress = "{ME}"\nhost = "127.0.0.1"\nport = {port}\n'
        'tls = "none"\npassword = { file = "secret" }\n'
    )


def feed(web: Web, poll: str = "1s") -> str:
    return f'[[account]]\nname = "feed"\nkind = "ics"\nurl = "{web.url(FEED)}"\nallow_private = true\npoll = "{poll}"\n'


def hanging(stack: ExitStack, folder: Path) -> tuple[str, list[Callable[[], bool]]]:
    """Give accounts that never get on, and what holds once each of them hangs."""
    silent, before = stack.enter_context(mute()), folder / "asked"
    slow = stack.enter_context(dribbling())
    command = f"echo x >> {before}; exec sleep 20"
    parts = imap_at(silent.getsockname()[1], "silent") + imap_at(slow, "slow")
    parts += (
        f'[[account]]\nname = "keyring"\nkind = "imap"\naddress = "{ME}"\nhost = "127.0.0.1"\n'
        f'port = {stack.enter_context(ScriptedImap({})).port}\ntls = "none"\npassword = {{ command = "{command}" }}\n'
    )
    connections: list[socket.socket] = []

    def has_come() -> bool:
        if not connections:
            connections.append(stack.enter_context(silent.accept()[0]))
        return True

    return parts, [has_come, before.exists]


def configured(folder: Path, parts: str, password: str = "secret") -> Keepwarm:
    (folder / "config.toml").write_text(SETTINGS + parts)
    write_secret(folder / "secret", password)
    return Keepwarm(folder / "config.toml")


def exchange(account: MailAccount) -> None:
    """Have something to judge."""
    account.make_folder("Sent")
    now = datetime.now(UTC).replace(microsecond=0)
    for note in weekly_exchange(MIA, now - timedelta(weeks=40), weeks=28):
        account.deliver(note.raw, folder="Sent" if note.author == ME else "INBOX", at=note.at)


def test_servers_and_keyrings_that_hang_delay_no_other_account_nor_the_judging(
    tmp_path: Path, mail_account: MailAccount
) -> None:
    exchange(mail_account)
    with ExitStack() as stack:
        parts, hang = hanging(stack, tmp_path)
        keepwarm = configured(tmp_path, parts + account_of(mail_account, name="good", poll="1s"), mail_account.password)
        with running(keepwarm) as daemon:
            for each in hang:
                until(each, daemon)
            until(lambda: "gone_quiet" in {row["rule"] for row in keepwarm.json("signals")}, daemon)
            note = Note(at=datetime.now(UTC), author=MIA, subject="Back again")
            mail_account.deliver(note.raw, at=note.at)
            until(lambda: "gone_quiet" not in {row["rule"] for row in keepwarm.json("signals")}, daemon)
            end(daemon)


def test_a_server_that_falls_silent_while_it_is_read_delays_no_other_account(tmp_path: Path, dovecot: Dovecot) -> None:
    bad, good = dovecot.add_user(), dovecot.add_user()
    database = tmp_path / "data" / "keepwarm.db"
    with Proxy(bad.server.tls_port) as proxy:
        parts = account_of(bad, name="bad", poll="1s", port=proxy.port) + account_of(good, name="good", poll="1s")
        keepwarm = configured(tmp_path, parts, bad.password)
        with running(keepwarm) as daemon:
            until(lambda: proxy.connections >= 1, daemon)
            proxy.hold()
            for number in (1, 2):
                note = Note(at=datetime.now(UTC), author=MIA, subject=f"{number}", message_id=f"{number}@kept.test")
                good.deliver(note.raw, at=note.at)
                until(lambda number=number: count(database, "message") == number, daemon)  # type: ignore[misc]
            end(daemon)


def test_it_stops_in_time_while_every_account_hangs(tmp_path: Path) -> None:
    with ExitStack() as stack:
        parts, hang = hanging(stack, tmp_path)
        with running(configured(tmp_path, parts)) as daemon:
            for each in hang:
                until(each, daemon)
            logged = end(daemon)
    assert "level=error" not in logged


def test_a_database_that_is_gone_ends_it_with_a_sentence_though_workers_hang(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_database()
    with ExitStack() as stack:
        parts, hang = hanging(stack, tmp_path)
        (tmp_path / "mail" / "cur").mkdir(parents=True)
        parts += f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\npoll = "1s"\n'
        keepwarm = configured(tmp_path, parts)
        keepwarm.config.write_text(keepwarm.config.read_text().replace("sqlite:///data/keepwarm.db", url))
        with running(keepwarm) as daemon:
            for each in hang:
                until(each, daemon)
            postgresql.drop_database(url)
            daemon.process.wait(PATIENCE)
    assert daemon.process.returncode == 1
    assert "cannot be reached or refused the connection" in daemon.logged


def test_a_source_that_asks_for_a_pause_is_given_it_and_delays_no_other_account(
    tmp_path: Path, web: Web, mail_account: MailAccount
) -> None:
    web.pages[FEED] = Page(status=429, headers=(("Retry-After", "90"),))
    parts = feed(web) + account_of(mail_account, name="good", poll="1s")
    keepwarm, database = configured(tmp_path, parts, mail_account.password), tmp_path / "data" / "keepwarm.db"
    with running(keepwarm) as daemon:
        until(lambda: bool(web.asked), daemon)
        for number in (1, 2):
            note = Note(at=datetime.now(UTC), author=MIA, subject=f"{number}", message_id=f"{number}@kept.test")
            mail_account.deliver(note.raw, at=note.at)
            until(lambda number=number: count(database, "message") == number, daemon)  # type: ignore[misc]
        until(lambda: bool(keepwarm.json("contacts")) or count(database, "address") > 0, daemon)
        logged = end(daemon)
    assert "event=waiting" in logged
    assert len(web.asked) == 1


def test_what_is_put_off_is_not_asked_for_by_hand_either_nor_by_a_daemon_started_again(
    tmp_path: Path, web: Web
) -> None:
    web.pages[FEED] = Page(status=429, headers=(("Retry-After", "3600"),))
    mail = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\npoll = "1s"\n'
    keepwarm, database = configured(tmp_path, feed(web) + mail), tmp_path / "data" / "keepwarm.db"
    write_maildir(tmp_path / "mail", [])
    with running(keepwarm) as daemon:
        until(
            lambda: bool(count(database, "stream")) and bool(keepwarm.json("status")["streams"][0]["problem"]), daemon
        )
        end(daemon)
    (told,) = keepwarm.json("sync", "feed", status=3)["accounts"][0]["problems"]
    assert "it was put off until" in told["why"]
    assert "HTTP 429" in told["why"]
    with running(keepwarm) as daemon:
        write_maildir(tmp_path / "mail", [Note(at=NOW, author=MIA)])
        until(lambda: count(database, "message") == 1, daemon)
        logged = end(daemon)
    assert len(web.asked) == 1
    assert "level=error" not in logged


def test_a_hint_that_comes_while_its_account_is_read_is_not_lost(tmp_path: Path, web: Web) -> None:
    may_answer = threading.Event()

    def page(_asked: Asked) -> Page:
        may_answer.wait(PATIENCE)
        return Page(body=vcalendar(vevent("one", NOW)))

    web.pages[FEED] = page
    keepwarm = configured(tmp_path, feed(web, poll="1h"))
    with serving(keepwarm.config, NOW) as (service, _):
        until_it_holds(lambda: len(web.asked) == 1)
        service.hint("feed")
        may_answer.set()
        until_it_holds(lambda: len(web.asked) == 2)
