"""A seeded mailbox of any size as a Maildir for a server: realistic headers, copies to others, texts with HTML, files.

``python -m benchmarks.mailbox MAILDIR [--messages N] [--contacts N] [--years N] [--seed N] [--end YYYY-MM-DD]``
"""

from __future__ import annotations

import base64
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from email.utils import formataddr
from pathlib import Path
from random import Random

from benchmarks.corpus import arguments, body, fields, transport, what_is_chosen
from benchmarks.traffic import OWNER, Note, people, traffic

SENT = "Sent"
COPIED = 0.35  # of what people write
PLAIN, FILES = 0.35, 0.15  # of all mail: with plain text alone, and with a file; all else has HTML beside its text
BODIES = 64
_BOUNDARY = "------------part-of-this-mail"
_TOP = f'Content-Type: multipart/{{}}; boundary="{_BOUNDARY}"'


def write_mailbox(maildir: Path, *, messages: int, contacts: int, years: int, seed: int, end: date) -> None:
    """Write the messages into a Maildir++ with a folder Sent; the bytes are a pure function of the parameters."""
    rng = Random(seed)
    until = int(datetime.combine(end, time(), tzinfo=UTC).timestamp())
    since = until - int(timedelta(days=365.25 * years).total_seconds())
    known = people(rng, contacts)
    bodies = [body(rng) for _ in range(BODIES)]
    inbox, sent = (_folder(place) for place in (maildir, maildir / f".{SENT}"))
    for number, note in enumerate(traffic(rng, known, messages=messages, since=since, until=until)):
        raw = _message(note, rng, known, rng.choice(bodies))
        # Like Dovecot's own delivery: without W=, the size with CRLF, it would have to read a mail to know RFC822.SIZE.
        sizes = f"S={len(raw)},W={len(raw) + raw.count(10)}"
        name = f"{note.at}.M{number:07d}P1.mx,{sizes}:2,S"
        path = (sent if note.sender == OWNER else inbox) / name
        path.write_bytes(raw)
        os.utime(path, (note.at, note.at))


def _folder(place: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (place / part).mkdir(parents=True, exist_ok=True)
    return place / "cur"


def _message(note: Note, rng: Random, known: list[tuple[str, str]], text: bytes) -> bytes:
    kind, rest = _content(rng.random(), text)
    head = [*transport(note, rng), *(line for line in fields(note) if not line.startswith("Content-T"))]
    if not note.bulk and rng.random() < COPIED:
        copied = rng.sample(known, rng.randint(1, 4))
        head.append("Cc: " + ",\n ".join(formataddr(who) for who in copied))
    return "\n".join((*head, kind, "")).encode() + b"\n" + rest


def _content(chance: float, text: bytes) -> tuple[str, bytes]:
    """Give the Content-Type of a mail, and its body."""
    if chance < PLAIN:
        return "Content-Type: text/plain; charset=utf-8; format=flowed\nContent-Transfer-Encoding: 8bit", text
    plain = _part("text/plain; charset=utf-8", text)
    if chance < PLAIN + FILES:
        return _TOP.format("mixed"), _parts(plain, _file(text))
    html = b"<html><body><p>" + text.replace(b"\n", b"</p>\n<p>") + b"</p></body></html>\n"
    return _TOP.format("alternative"), _parts(plain, _part("text/html; charset=utf-8", html))


def _file(content: bytes) -> bytes:
    kind = 'application/pdf; name="offer.pdf"\nContent-Disposition: attachment; filename="offer.pdf"'
    return _part(kind, base64.encodebytes(content * 4), "base64")


def _part(kind: str, content: bytes, encoding: str = "8bit") -> bytes:
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + content


def _parts(*parts: bytes) -> bytes:
    line = f"--{_BOUNDARY}".encode()
    return b"".join(line + b"\n" + part for part in parts) + line + b"--\n"


def main() -> int:
    """Write the mailbox that the arguments ask for."""
    parser = arguments("Write a seeded mailbox as a Maildir.")
    parser.add_argument("maildir", type=Path)
    chosen = parser.parse_args()
    write_mailbox(chosen.maildir, **what_is_chosen(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
