"""The IMAP connector against a real Dovecot, and against a scripted server for what Dovecot never does."""

from __future__ import annotations

import base64
import socket
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.connectors.contract import ConnectorError, CursorLost, Later, Refused, SignInNeeded
from keepwarm.connectors.imap import BATCH, ImapConnector, ImapSettings
from keepwarm.storage.observations import MessageKind, MessageSeen, Stream
from tests.imap import scripted, settings
from tests.servers.scripted_imap import ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keepwarm.storage.observations import Batch, Cursor
    from tests.servers.dovecot import Dovecot, MailAccount

INBOX = Stream("INBOX")
INVITATION = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//test//EN\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
UID:meeting-1\r
DTSTAMP:20260301T090000Z\r
DTSTART:20260310T090000Z\r
DTEND:20260310T100000Z\r
SUMMARY:Offer\r
ORGANIZER:mailto:ana@acme.example\r
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:me@example.com\r
END:VEVENT\r
END:VCALENDAR\r
"""


def mail(number: int, *, content_type: str = "text/plain", body: bytes = b"Hello\r\n") -> bytes:
    lines = (
        "From: Ana <ana@acme.example>",
        "To: me@example.com",
        f"Subject: Message {number}",
        "Date: Sun, 01 Mar 2026 09:00:00 +0000",
        f"Message-ID: <{number}@acme.example>",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def multipart(*parts: tuple[str, bytes], kind: str = "alternative") -> tuple[str, bytes]:
    """Give the Content-Type and body of a multipart with base64 parts."""
    pieces = [
        f"--x\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
        + base64.encodebytes(body).replace(b"\n", b"\r\n")
        for content_type, body in parts
    ]
    return f'multipart/{kind}; boundary="x"', b"".join(pieces) + b"--x--\r\n"


def invitation(number: int, part: bytes = INVITATION) -> bytes:
    parts = (("text/plain", b"Please come"), ("text/calendar; method=REQUEST", part))
    content_type, body = multipart(*parts)
    return mail(number, content_type=content_type, body=body)


@pytest.fixture
def connector(mail_account: MailAccount) -> Iterator[ImapConnector]:
    connector = ImapConnector(settings(mail_account))
    yield connector
    connector.close()


def pull(connector: ImapConnector, cursor: Cursor | None = None, stream: Stream = INBOX) -> list[Batch]:
    return list(connector.pull(stream, cursor))


def ids(batches: list[Batch]) -> list[str]:
    return [
        item.message_id.partition("@")[0] for batch in batches for item in batch.seen if isinstance(item, MessageSeen)
    ]


# What is read


def test_a_message_is_seen_with_its_facts(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), at=datetime(2026, 3, 1, 9, 0, 5, tzinfo=UTC))
    [batch] = pull(connector)
    [seen] = batch.seen
    assert isinstance(seen, MessageSeen)
    assert seen.author is not None
    assert (seen.author.address, seen.author.name, seen.subject) == ("ana@acme.example", "Ana", "Message 1")
    assert seen.at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert seen.size == len(mail(1))
    assert seen.source_key == f"{batch.cursor['uidvalidity']}:1"
    assert (batch.total, batch.looked_at) == (1, 1)


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_mail_is_read_over_each_kind_of_connection(mail_account: MailAccount, tls: Any) -> None:
    mail_account.deliver(mail(1))
    server = mail_account.server
    port = server.tls_port if tls == "implicit" else server.port
    connector = ImapConnector(settings(mail_account, tls=tls, port=port))
    assert ids(pull(connector)) == ["1"]
    connector.close()


def test_batches_are_bounded_and_each_cursor_goes_on_from_there(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    mail_account.deliver(*(mail(number) for number in range(BATCH + 20)))
    batches = pull(connector)
    assert [batch.looked_at for batch in batches] == [BATCH, 20]
    assert {batch.total for batch in batches} == {BATCH + 20}
    assert ids(pull(connector, batches[0].cursor)) == [str(number) for number in range(20)]
    assert pull(connector, batches[1].cursor) == []


def test_the_first_read_begins_with_the_newest_and_goes_on_after_what_came_meanwhile(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    mail_account.deliver(*(mail(number) for number in range(2 * BATCH + 10)))
    newest, *_ = connector.pull(INBOX, None)
    assert ids([newest])[-1] == str(2 * BATCH + 9)
    mail_account.deliver(mail(9001), mail(9002))
    new, history, oldest = pull(connector, newest.cursor)
    assert ids([new]) == ["9001", "9002"]
    assert {batch.total for batch in (new, history, oldest)} == {BATCH + 12}
    assert ids([history, oldest]) == [str(n) for n in (*range(10, BATCH + 10), *range(10))]
    mark, again, *_ = pull(connector, new.cursor)
    assert (mark.seen, mark.history_follows) == ((), True)  # nothing new: who asked for that may leave it at that
    assert again.seen == history.seen
    assert pull(connector, oldest.cursor) == []


def test_a_cursor_of_a_first_read_is_kept_where_the_rest_of_it_was_deleted(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    mail_account.deliver(*(mail(number) for number in range(BATCH + 1)))
    newest, *_ = connector.pull(INBOX, None)
    mail_account.expunge(count=1)
    mark, end = pull(connector, newest.cursor)
    assert (mark.seen, mark.history_follows, mark.cursor) == ((), True, newest.cursor)
    assert (end.seen, end.cursor["next"]) == ((), newest.cursor["next"])
    assert pull(connector, end.cursor) == []


def test_an_invitation_brings_its_meeting(connector: ImapConnector, mail_account: MailAccount) -> None:
    content_type, body = multipart(("text/plain", b"no invitation"), ("text/html", b"<p>none</p>"))
    mail_account.deliver(
        mail(1, content_type=content_type, body=body),
        invitation(2),
        mail(3, content_type="text/calendar; method=REQUEST", body=INVITATION),
    )
    [batch] = pull(connector)
    plain, *invited = (item for item in batch.seen if isinstance(item, MessageSeen))
    assert (plain.kind, plain.meetings) == (MessageKind.HUMAN, ())
    for message in invited:
        assert message.kind is MessageKind.INVITATION
        assert [meeting.ical_uid for meeting in message.meetings] == ["meeting-1"]
        assert message.meetings[0].sent_by == "ana@acme.example"


def test_a_nested_invitation_is_found_and_a_forwarded_one_is_not_entered(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    inner_type, inner_body = multipart(("text/plain", b"text"), ("text/calendar; method=REQUEST", INVITATION))
    nested = (
        f"--y\r\nContent-Type: {inner_type}\r\n\r\n".encode()
        + inner_body
        + b"\r\n--y\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--y--\r\n"
    )
    forwarded = b"--y\r\nContent-Type: message/rfc822\r\n\r\n" + invitation(9) + b"\r\n--y--\r\n"
    mail_account.deliver(
        mail(1, content_type='multipart/mixed; boundary="y"', body=nested),
        mail(2, content_type='multipart/mixed; boundary="y"', body=forwarded),
    )
    [batch] = pull(connector)
    assert [len(item.meetings) for item in batch.seen if isinstance(item, MessageSeen)] == [1, 0]


def test_the_character_set_and_method_of_a_part_are_asked_of_the_server(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    part = INVITATION.replace(b"SUMMARY:Offer", "SUMMARY:Prüfung".encode("windows-1252")).replace(
        b"METHOD:REQUEST\r\n", b""
    )
    content_type, body = multipart(("text/calendar; charset=windows-1252; method=REQUEST", part))
    mail_account.deliver(mail(1, content_type=content_type, body=body))
    [batch] = pull(connector)
    [message] = (item for item in batch.seen if isinstance(item, MessageSeen))
    assert [meeting.summary for meeting in message.meetings] == ["Prüfung"]


def test_a_mail_in_outlooks_own_format_is_kept_and_noted_as_unread(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    content_type, body = multipart(("text/plain", b"Hello"), ('application/ms-tnef; name="winmail.dat"', b"eJ8+"))
    mail_account.deliver(mail(1, content_type=content_type, body=body), invitation(2))
    (batch,) = pull(connector)
    assert len(batch.seen) == 2
    ((rejected),) = batch.rejected
    assert "winmail.dat" in rejected.reason
    assert rejected.where.endswith("UID 1")


def test_an_invitation_over_a_megabyte_is_rejected_and_its_message_kept(
    connector: ImapConnector, mail_account: MailAccount
) -> None:
    mail_account.deliver(invitation(1, INVITATION + b"X" * (1024 * 1024)), invitation(2))
    [batch] = pull(connector)
    assert ids([batch]) == ["1", "2"]
    [rejected] = batch.rejected
    assert (rejected.where, rejected.reason) == ("INBOX, UID 1", "Its invitation is too large, or missing.")


def test_drafts_are_not_messages(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), flags="D")
    mail_account.deliver(mail(2), flags="S")
    assert ids(pull(connector)) == ["2"]


def test_since_leaves_out_what_the_server_got_before(mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), at=datetime(2025, 1, 1, 12, tzinfo=UTC))
    mail_account.deliver(mail(2), at=datetime(2026, 1, 1, 12, tzinfo=UTC))
    connector = ImapConnector(settings(mail_account, since=date(2025, 6, 1)))
    batches = pull(connector)
    assert ids(batches) == ["2"]
    assert pull(connector, batches[-1].cursor) == []
    connector.close()


def test_a_longer_history_is_read_once_it_is_asked_for(mail_account: MailAccount) -> None:
    for number, year in enumerate((2021, 2024, 2026)):
        mail_account.deliver(mail(number), at=datetime(year, 6, 1, tzinfo=UTC))
    found, cursor = [], None
    for since in (date(2025, 6, 1), date(2025, 7, 1), date(2025, 5, 20), date(2020, 6, 1), date(2021, 5, 1)):
        connector = ImapConnector(settings(mail_account, since=since))
        batches = pull(connector, cursor)
        cursor = batches[-1].cursor if batches else cursor
        found.append(ids(batches))
        connector.close()
    assert found == [["2"], [], [], ["0", "1", "2"], []]


def test_reading_changes_neither_flags_nor_files(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), invitation(2), flags="F")
    before = mail_account.files()
    pull(connector)
    assert mail_account.files() == before


# Which folders


def test_folders_without_correspondence_are_left_out(connector: ImapConnector, mail_account: MailAccount) -> None:
    for folder in (
        "Sent",
        "Trash",
        "Junk",
        "Junk/old",
        "Drafts",
        "Entwürfe",
        "Papierkorb",
        "Spam",
        "Kunden/Müller",
    ):
        mail_account.make_folder(folder)
    assert [stream.name for stream in connector.streams()] == ["INBOX", "Sent", "Kunden/Müller"]


def test_a_folder_with_everything_stands_for_all_others(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.make_folder("Sent")
    mail_account.make_folder("Everything")
    assert [stream.name for stream in connector.streams()] == ["Everything"]


def test_a_folder_with_a_name_in_another_script_is_read(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), folder='Größe & "Co" 株式')
    stream = connector.streams()[1]
    assert stream.name == 'Größe & "Co" 株式'
    assert ids(pull(connector, stream=stream)) == ["1"]


def test_a_folder_that_is_gone_is_refused_with_a_cure(connector: ImapConnector) -> None:
    with pytest.raises(Refused, match="folder Nowhere") as refused:
        pull(connector, stream=Stream("Nowhere"))
    assert "exclude" in refused.value.what_to_do


# What is new


def test_new_mail_is_found_and_nothing_is_read_again(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), mail(2))
    first = pull(connector)
    mail_account.deliver(mail(3))
    second = pull(connector, first[-1].cursor)
    assert ids(second) == ["3"]
    assert pull(connector, second[-1].cursor) == []


def test_an_empty_folder_leaves_a_cursor(connector: ImapConnector, mail_account: MailAccount) -> None:
    [batch] = pull(connector)
    assert (batch.seen, batch.cursor["next"]) == ((), 1)
    mail_account.deliver(mail(1))
    assert ids(pull(connector, batch.cursor)) == ["1"]


def test_uids_that_lost_their_meaning_lose_the_cursor(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1))
    [batch] = pull(connector)
    connector.close()
    mail_account.change_uidvalidity()
    with pytest.raises(CursorLost):
        pull(connector, batch.cursor)
    [again] = pull(connector)
    assert ids([again]) == ["1"]
    assert again.cursor["uidvalidity"] != batch.cursor["uidvalidity"]


@pytest.mark.parametrize(
    "cursor",
    [
        {"v": 2},
        {"v": 1},
        {"v": 1, "uidvalidity": "7", "next": 1},
        {"v": 1, "uidvalidity": 7, "next": 1, "left": "x"},
        {"v": 1, "uidvalidity": 7, "next": 1, "since": "x"},
    ],
)
def test_a_cursor_of_another_kind_is_lost(connector: ImapConnector, cursor: Cursor) -> None:
    with pytest.raises(CursorLost):
        pull(connector, cursor)


def test_a_mailbox_set_back_to_an_earlier_state_loses_the_cursor() -> None:
    with ScriptedImap({}) as server, pytest.raises(CursorLost):
        pull(scripted(server), {"v": 1, "uidvalidity": 7, "next": 9})


def test_nothing_new_costs_one_status() -> None:
    with ScriptedImap({}) as server:
        assert pull(scripted(server), {"v": 1, "uidvalidity": 7, "next": 4}) == []
    assert server.script.heard[-1].startswith("STATUS")
    assert not any("EXAMINE" in line or "FETCH" in line for line in server.script.heard)


def test_pulls_of_two_folders_may_take_turns(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(*(mail(number) for number in range(BATCH + 1)))
    mail_account.deliver(mail(9000), folder="Sent")
    inbox = connector.pull(INBOX, None)
    first = next(inbox)
    assert ids(pull(connector, stream=Stream("Sent"))) == ["9000"]
    assert len(ids([first, *inbox])) == BATCH + 1


# What goes wrong


def test_a_wrong_password_needs_a_sign_in_and_is_never_repeated(mail_account: MailAccount) -> None:
    connector = ImapConnector(settings(mail_account, password=lambda: "wrong-secret"))
    with pytest.raises(SignInNeeded) as refused:
        connector.streams()
    assert f"{mail_account.server.host}:{mail_account.server.tls_port}" in str(refused.value)
    assert "password" in refused.value.what_to_do
    assert "wrong-secret" not in str(refused.value)


REPEATED = {
    "as it is": b"TAG NO secret-word is wrong\r\n",
    "with the command": b'TAG BAD unknown: LOGIN "me" "secret-word"\r\n',
    "hanging up": b'* BYE bad command: LOGIN "me" "secret-word"\r\n',
    "where no answer belongs": b'LOGIN "me" "secret-word"\r\n',
    "encoded": b"TAG BAD unknown command " + b64encode(b"\0me\0secret-word") + b"\r\n",
}


@pytest.mark.parametrize("answer", REPEATED.values(), ids=REPEATED)
def test_a_server_that_repeats_the_password_does_not_spread_it(answer: bytes) -> None:
    with ScriptedImap({"LOGIN": answer}) as server, pytest.raises(ConnectorError) as refused:
        scripted(server).streams()
    told = f"{refused.value} {refused.value.__cause__} {getattr(refused.value, 'what_to_do', '')}"
    assert "secret-word" not in told
    assert b64encode(b"\0me\0secret-word").decode() not in told


@pytest.mark.parametrize("text", ["[UNAVAILABLE] try later", "[ALERT] Too many simultaneous connections."])
def test_a_busy_server_is_asked_again_later_and_not_for_a_password(text: str) -> None:
    answers = {"LOGIN": f"TAG NO {text}\r\n".encode()}
    with ScriptedImap(answers) as server, pytest.raises(Later):
        scripted(server).streams()


def test_a_connection_lost_while_signing_in_is_not_a_wrong_password() -> None:
    with ScriptedImap({"LOGIN": b""}) as server, pytest.raises(Later):
        scripted(server).streams()


def test_a_server_without_plain_authentication_gets_a_quoted_login() -> None:
    bare = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    with ScriptedImap({"CAPABILITY": bare}, b"* OK hello\r\n") as server:
        assert scripted(server, user='a "b"').streams() == [INBOX]
    assert 'LOGIN "a \\"b\\"" "secret-word"' in server.script.heard


def test_a_certificate_that_nobody_vouches_for_is_refused_with_a_cure(mail_account: MailAccount) -> None:
    connector = ImapConnector(settings(mail_account, ca_file=None))
    with pytest.raises(Refused, match="certificate") as refused:
        connector.streams()
    assert "ca_file" in refused.value.what_to_do


def test_a_certificate_for_another_name_is_refused(mail_account: MailAccount) -> None:
    connector = ImapConnector(settings(mail_account, host="127.0.0.2"))
    with pytest.raises((Refused, Later)) as refused:
        connector.streams()
    assert "127.0.0.2" in str(refused.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_useless_file_of_authorities_is_refused(
    mail_account: MailAccount, tmp_path: Path, content: str | None
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content:
        ca_file.write_text(content)
    with pytest.raises(Refused, match=r"ca\.pem"):
        ImapConnector(settings(mail_account, ca_file=ca_file)).streams()


def test_no_encryption_is_for_loopback_only() -> None:
    remote = ImapSettings(host="imap.example.com", port=143, tls="none", user="me", password=lambda: "x")
    with pytest.raises(Refused, match="without encryption"):
        ImapConnector(remote).streams()


def test_tls_on_a_plain_port_is_refused_with_a_cure(mail_account: MailAccount) -> None:
    with pytest.raises(Refused) as refused:
        ImapConnector(settings(mail_account, port=mail_account.server.port)).streams()
    assert "starttls" in refused.value.what_to_do


def test_a_server_without_starttls_gets_no_password() -> None:
    with ScriptedImap({}) as server, pytest.raises(Refused, match="STARTTLS"):
        scripted(server, tls="starttls").streams()
    assert not any(line.startswith(("LOGIN", "AUTHENTICATE")) for line in server.script.heard)


def test_an_unreachable_server_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    unreachable = ImapSettings(host="127.0.0.1", port=port, tls="none", user="me", password=lambda: "x")
    with pytest.raises(Later, match=f":{port} cannot be reached"):
        ImapConnector(unreachable).streams()


def test_a_silent_server_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = ImapSettings(
            host="127.0.0.1",
            port=listener.getsockname()[1],
            tls="none",
            user="me",
            password=lambda: "x",
            connect_seconds=0.2,
        )
        with pytest.raises(Later, match="did not answer in time"):
            ImapConnector(silent).streams()


def test_a_server_that_falls_silent_in_a_fetch_is_tried_later() -> None:
    with ScriptedImap({"FETCH": b"* 1 FETCH (UID 1\r\n"[:10]}) as server:
        connector = scripted(server, answer_seconds=0.2)
        with pytest.raises(Later, match="did not answer in time"):
            pull(connector)


def test_a_connection_lost_in_mid_pull_keeps_the_batches_before(dovecot: Dovecot) -> None:
    account = dovecot.add_user()
    account.deliver(*(mail(number) for number in range(2 * BATCH + 1)))
    connector = ImapConnector(settings(account))
    batches = connector.pull(INBOX, None)
    read = [next(batches)]
    dovecot.stop()
    with pytest.raises(Later):
        read.extend(batches)  # the second may have been on its way already, the third was not
    dovecot.start()
    assert len(ids(read)) in {BATCH, 2 * BATCH}
    read += pull(connector, read[-1].cursor)
    assert sorted(ids(read), key=int) == [str(number) for number in range(2 * BATCH + 1)]
    connector.close()


def test_a_connection_that_died_between_two_polls_is_made_anew(dovecot: Dovecot) -> None:
    account = dovecot.add_user()
    account.deliver(mail(1))
    connector = ImapConnector(settings(account))
    [batch] = pull(connector)
    dovecot.stop()
    dovecot.start()
    account.deliver(mail(2))
    assert ids(pull(connector, batch.cursor)) == ["2"]
    connector.close()


def test_a_password_is_asked_for_at_each_sign_in(mail_account: MailAccount) -> None:
    asked = iter(["wrong", mail_account.password])
    connector = ImapConnector(settings(mail_account, password=lambda: next(asked)))
    with pytest.raises(SignInNeeded):
        connector.streams()
    assert connector.streams() == [INBOX]
    connector.close()


def test_the_settings_do_not_show_a_password() -> None:
    shown = repr(replace(ImapSettings(host="h", port=1, user="me", password=lambda: "secret-word"), port=2))
    assert "secret-word" not in shown


def test_cursors_hold_no_clock(connector: ImapConnector, mail_account: MailAccount) -> None:
    mail_account.deliver(mail(1), at=datetime.now(UTC) - timedelta(days=1))
    assert pull(connector)[-1].cursor == pull(connector)[-1].cursor
