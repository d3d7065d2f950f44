"""Whose mail is read for promises, and which part of it: the owner's own, and nothing else of anybody."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.imap_structure import text_part
from keepwarm.connectors.imap_values import values
from keepwarm.connectors.mail_text import MOST_OF_A_MAIL, text_of
from keepwarm.connectors.maildir import MaildirConnector
from keepwarm.connectors.mbox import MboxConnector
from keepwarm.connectors.own_mail import OwnMail
from keepwarm.connectors.own_text import text_of_html
from keepwarm.storage.observations import MessageSeen
from tests.letters import ME, Note, write_maildir, write_mbox

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.connectors.contract import Connector

ANA = "ana@acme.example"
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
PROMISE = "I will send you the draft by Friday.\n"
FRIDAY = date(2026, 11, 27)
OWN = OwnMail(frozenset({ME}), UTC)


LETTERS = (
    (ME, ANA, FRIDAY),
    (ANA, ME, None),
    (ANA, f"{ME}, bob@blue.example", None),
    (ME, ME, None),
    (f"{ANA}, {ME}", ME, None),
)


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
@pytest.mark.parametrize("own", [OWN, None])
def test_only_what_the_owner_wrote_to_others_is_read_and_only_if_they_allow_it(
    tmp_path: Path, kind: str, own: OwnMail | None
) -> None:
    notes = [
        Note(at=TUESDAY.replace(minute=number), author=author, to=to, message_id=f"{number}@x.test", body=PROMISE)
        for number, (author, to, _) in enumerate(LETTERS)
    ]
    connector: Connector
    if kind == "maildir":
        write_maildir(tmp_path / "mail", notes)
        connector = MaildirConnector(tmp_path / "mail", own_mail=own)
    else:
        write_mbox(tmp_path / "mail", notes)
        connector = MboxConnector(tmp_path / "mail", own_mail=own)
    [stream] = connector.streams()
    seen = [one for batch in connector.pull(stream, None) for one in batch.seen if isinstance(one, MessageSeen)]
    assert [one.promised_due for one in sorted(seen, key=lambda one: one.at)] == [
        due if own else None for _, _, due in LETTERS
    ]


def mail(content_type: str, body: bytes | str, encoding: str = "8bit") -> bytes:
    data = body if isinstance(body, bytes) else body.encode()
    return (
        f"From: {ME}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + data
    )


def parts(*inner: bytes) -> bytes:
    return b"".join(b"--x\r\n" + one.partition(b"\r\n")[2] + b"\r\n" for one in inner) + b"--x--\r\n"


HTML = (
    "<html><head><style>p{color:red}</style></head><body><p>Dear Ana,</p><p>more &amp; more<br>soon</p></body></html>"
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (mail("text/plain; charset=utf-8", "Grüße"), "Grüße"),
        (mail("text/plain; charset=iso-8859-1", "Grüße".encode("latin-1")), "Grüße"),
        (mail("text/plain; charset=utf-8", "Grüße".encode("latin-1")), "Grüße"),
        (mail("text/plain; charset=nonsense", "Grüße"), "Grüße"),
        (mail("text/plain", base64.b64encode(b"hello"), "base64"), "hello"),
        (mail("text/plain", "so=\r\n on=21", "quoted-printable"), "so on!"),
        (b"From: me@x.test\r\n\r\nhello", "hello"),
        (
            mail('multipart/alternative; boundary="x"', parts(mail("text/html", HTML), mail("text/plain", "hello"))),
            "hello",
        ),
        (mail('multipart/mixed; boundary="x"', parts(mail("image/png", "no"), mail("text/plain", "hello"))), "hello"),
        (mail('multipart/mixed; boundary="x"', parts(mail("message/rfc822", mail("text/plain", "theirs")))), ""),
        (mail('multipart/mixed; boundary="x"', parts(mail("text/html", "<p>hello")) + b"\n\nscanned"), "\nhello"),
        (mail("application/pdf", "%PDF"), ""),
        (mail('multipart/mixed; boundary="x"', "no parts"), ""),
        (b"", ""),
    ],
)
def test_the_text_of_a_mail_is_its_first_plain_part(raw: bytes, text: str) -> None:
    assert text_of(raw) == text


def test_what_is_attached_is_no_text_of_the_mail() -> None:
    attached = mail("text/plain\r\nContent-Disposition: attachment; filename=a.txt", "theirs")
    assert text_of(mail('multipart/mixed; boundary="x"', parts(attached, mail("text/plain", "mine")))) == "mine"


def test_the_text_behind_a_large_attachment_is_not_looked_for() -> None:
    large = mail("image/png", b"x" * MOST_OF_A_MAIL)
    assert text_of(mail('multipart/mixed; boundary="x"', parts(large, mail("text/plain", "mine")))) == ""


def test_html_is_stripped_up_to_the_first_quotation_and_nothing_hidden_is_read() -> None:
    assert text_of_html(HTML).split() == ["Dear", "Ana,", "more", "&", "more", "soon"]
    assert text_of_html("a<br/>b<script>c</script>d<style>e") == "a\nbd"
    assert text_of_html('mine<div class="gmail_quote">theirs</div>') == "mine"
    assert text_of_html("mine<BLOCKQUOTE type=cite>theirs") == "mine"
    assert text_of_html("3 < 4 <!-- no --> yes") == "3 < 4  yes"
    assert text_of_html("<a" * 50_000).startswith("<a")


@pytest.mark.parametrize(
    ("structure", "section"),
    [
        (b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 9 1)', "1"),
        (b'(("TEXT" "HTML" NIL NIL NIL "7BIT" 9 1)("TEXT" "PLAIN" NIL NIL NIL "BASE64" 9 1) "ALTERNATIVE")', "2"),
        (b'((("TEXT" "HTML" NIL NIL NIL "7BIT" 9 1) "RELATED")("IMAGE" "PNG" NIL NIL NIL "BASE64" 9) "MIXED")', "1.1"),
        (b'(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9 1 NIL ("attachment" NIL))("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9))', "2"),
        (b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 NIL ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 9 1) 1)', None),
        (b'("APPLICATION" "PDF" NIL NIL NIL "BASE64" 9)', None),
        (b"()", None),
        (b"NIL", None),
    ],
)  # fmt: skip
def test_the_place_of_the_text_is_found_in_a_structure(structure: bytes, section: str | None) -> None:
    [value] = values([structure])
    found = text_part(value)
    assert (found.section if found else None) == section
