"""The daemon on a laptop: it sleeps, its clock is set, and there is no network when it starts."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING

from keepwarm.daemon.configuration import load
from keepwarm.daemon.service import Service
from keepwarm.daemon.workshop import Workshop
from tests.daemon import PATIENCE, SETTINGS, account_of, count, end, running, until, write_secret
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, weekly_exchange, write_maildir
from tests.serving import until as until_it_holds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

SUNDAY = datetime(2026, 3, 29, 20, tzinfo=UTC)  # the day on which summer time begins
REPORT = '[report]\nat = "mon 08:00"\npath = "reports"\n'


class Clock:
    """A clock that can be set; else it goes as clocks do."""

    def __init__(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def jump(self, by: timedelta) -> None:
        self._ahead += by


@contextmanager
def serving(config: Path, clock: Clock) -> Iterator[Service]:
    workshop = Workshop(load(config))
    service = Service(workshop, clock)
    thread = Thread(target=service.run, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        workshop.close()


def configured(folder: Path) -> Path:
    write_maildir(folder / "mail", weekly_exchange("Mia <mia@kept.test>", SUNDAY - timedelta(weeks=9), weeks=8))
    account = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "mail"\naddress = "{ME}"\npoll = "1d"\n'
    settings = SETTINGS.replace('"UTC"', '"Europe/Berlin"')
    (folder / "config.toml").write_text(settings + REPORT + account)
    return folder / "config.toml"


def reports(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "reports").glob("*.html"))


def test_a_report_that_came_due_while_the_machine_slept_is_written_once_when_it_wakes(tmp_path: Path) -> None:
    clock = Clock(SUNDAY)
    with serving(configured(tmp_path), clock) as service:
        until_it_holds(lambda: count(tmp_path / "data" / "keepwarm.db", "warmth_change") > 0)
        before = reports(tmp_path)
        clock.jump(timedelta(hours=11))  # Monday, 09:00 in Berlin
        service.hint("mail")  # so that the test need not wait until it looks by itself
        until_it_holds(lambda: len(reports(tmp_path)) == len(before) + 1)
        clock.jump(timedelta(hours=-11))
        note = Note(at=SUNDAY + timedelta(hours=1), author="Jo <jo@kept.test>", message_id="jo@kept.test")
        write_maildir(tmp_path / "mail", [note])
        service.hint("mail")
        until_it_holds(lambda: count(tmp_path / "data" / "keepwarm.db", "message") == 17)
        clock.jump(timedelta(hours=11))
        write_maildir(tmp_path / "mail", [Note(at=note.at, author="Al <al@kept.test>", message_id="al@kept.test")])
        service.hint("mail")
        until_it_holds(lambda: count(tmp_path / "data" / "keepwarm.db", "message") == 18)
    assert len(reports(tmp_path)) == len(before) + 1


def test_after_sleep_it_reads_what_is_not_due_for_long(tmp_path: Path) -> None:
    clock = Clock(SUNDAY)
    config, database = configured(tmp_path), tmp_path / "data" / "keepwarm.db"
    with serving(config, clock) as service:
        until_it_holds(lambda: count(database, "warmth_change") > 0)
        write_maildir(tmp_path / "mail", [Note(at=SUNDAY, author="Jo <jo@kept.test>", message_id="jo@kept.test")])
        clock.jump(timedelta(hours=2))
        service.hint("no such account")  # it looks at the clock, and finds nothing else to do
        until_it_holds(lambda: count(database, "message") == 17)


def test_without_a_network_at_its_start_it_goes_on_and_reads_once_there_is_one(
    tmp_path: Path, mail_account: MailAccount
) -> None:
    mail_account.deliver(Note(at=SUNDAY, author="Mia <mia@kept.test>").raw, at=SUNDAY)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (tmp_path / "config.toml").write_text(SETTINGS + account_of(mail_account, poll="1s", port=port))
    write_secret(tmp_path / "secret", mail_account.password)
    with running(Keepwarm(tmp_path / "config.toml")) as daemon:
        until(lambda: 'event="cannot be read"' in daemon.logged, daemon)
        with socket.create_server(("127.0.0.1", port)) as listener:
            Thread(target=_forward, args=(listener, mail_account.server.tls_port), daemon=True).start()
            until(lambda: count(tmp_path / "data" / "keepwarm.db", "message") == 1, daemon)
            until(lambda: "can be read again" in daemon.logged, daemon)
            logged = end(daemon)
    assert logged.count('event="cannot be read"') == 1  # once when it went down, and ...
    assert logged.count("can be read again") == 1  # ... once when it was back


def _forward(listener: socket.socket, port: int) -> None:
    while True:
        try:
            near = listener.accept()[0]
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", port))
        for source, sink in ((near, far), (far, near)):
            Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
