"""A seeded mailbox and calendar of any size, with headers as heavy as real ones.

``python -m benchmarks.corpus FOLDER [--messages N] [--contacts N] [--years N] [--seed N] [--end YYYY-MM-DD]``
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.diary import write_diary
from benchmarks.traffic import OWNER, Note, people, traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

END = date(2026, 11, 1)
VERSION = 1  # of the corpus: to be raised when the same parameters give other bytes
MX = "mx.vale-advice.example"
BODIES = 64
WORDS = (
    "the",
    "of",
    "and",
    "we",
    "plan",
    "team",
    "draft",
    "number",
    "week",
    "question",
    "answer",
    "für",
    "über",
)


def write_corpus(
    folder: Path,
    *,
    messages: int = 50_000,
    contacts: int = 300,
    years: int = 5,
    seed: int = 1,
    end: date = END,
) -> None:
    """Write mail/ (a Maildir with .Sent), calendar.ics and corpus.json into ``folder``, which must be empty.

    The bytes are a pure function of the parameters. corpus.json, written last, holds them.
    """
    rng = Random(seed)
    until = int(datetime.combine(end, time(), tzinfo=UTC).timestamp())
    since = until - int(timedelta(days=365.25 * years).total_seconds())
    known = people(rng, contacts)
    bodies = [body(rng) for _ in range(BODIES)]
    _make_folders(folder / "mail")
    for number, note in enumerate(traffic(rng, known, messages=messages, since=since, until=until)):
        _deliver(folder / "mail", note, _message(note, rng, rng.choice(bodies)), number)
    write_diary(rng, folder / "calendar.ics", known, since=since, until=until)
    (folder / "corpus.json").write_text(parameters(messages, contacts, years, seed, end))


def parameters(messages: int, contacts: int, years: int, seed: int, end: date) -> str:
    """Give what decides on the bytes of a corpus, as the content of corpus.json."""
    fields = {
        "messages": messages,
        "contacts": contacts,
        "years": years,
        "seed": seed,
        "end": end.isoformat(),
    }
    return json.dumps({"version": VERSION, **fields}) + "\n"


def _make_folders(maildir: Path) -> None:
    for folder in (maildir, maildir / ".Sent"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)


def _deliver(maildir: Path, note: Note, raw: bytes, number: int) -> None:
    folder = maildir / ".Sent" / "cur" if note.sender == OWNER else maildir / "cur"
    path = folder / f"{note.at}.M{number:07d}P{1 + number % 30_000}.mx,S={len(raw)}:2,S"
    path.write_bytes(raw)
    os.utime(path, (note.at, note.at))


def body(rng: Random) -> bytes:
    """Write a text of 0.5 to 3 KB, in lines."""
    words, size = [], rng.randint(500, 3_000)
    while size > 0:
        word = rng.choice(WORDS) + ("\n" if rng.random() < 0.09 else "")
        words.append(word)
        size -= len(word) + 1
    return " ".join(words).encode() + b"\n"


def _message(note: Note, rng: Random, text: bytes) -> bytes:
    headers = [*transport(note, rng), *fields(note)]
    return "\n".join(headers).encode() + b"\n\n" + text


@lru_cache(maxsize=4096)
def _address(who: tuple[str, str]) -> str:
    return formataddr(who)


def _date(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC))


def fields(note: Note) -> Iterator[str]:
    """Give what its author's program writes."""
    yield f"From: {_address(note.sender)}"
    yield f"To: {_address(note.recipient)}"
    yield f"Subject: {note.subject if note.subject.isascii() else Header(note.subject, 'utf-8').encode()}"
    yield f"Date: {_date(note.at)}"
    yield f"Message-ID: <{note.message_id}>"
    if note.references:
        yield f"In-Reply-To: <{note.references[-1]}>"
        yield "References: " + "\n ".join(f"<{reference}>" for reference in note.references)
    if note.bulk:
        domain = note.sender[1].partition("@")[2]
        yield f"List-Id: Newsletter <news.{domain}>"
        yield f"List-Unsubscribe: <https://{domain}/leave>, <mailto:leave@{domain}>"
        yield "Precedence: bulk"
    yield "User-Agent: Mozilla Thunderbird"
    yield "Content-Language: en-GB"
    yield "MIME-Version: 1.0"
    yield "Content-Type: text/plain; charset=utf-8; format=flowed"
    yield "Content-Transfer-Encoding: 8bit"


def transport(note: Note, rng: Random) -> Iterator[str]:
    """Give what servers add: two or three Received fields, a signature; nothing on what the owner sends."""
    if note.sender == OWNER:
        return
    domain = note.sender[1].partition("@")[2]
    seal = rng.getrandbits(160)
    yield f"Return-Path: <{note.sender[1]}>"
    yield f"Delivered-To: {OWNER[1]}"
    hosts = [MX, f"relay.{domain}", f"mail.{domain}"][: 2 + seal % 2]
    for hop, host in enumerate(hosts):
        yield (
            f"Received: from out{hop}.{domain} (out{hop}.{domain} [203.0.113.{seal % 250}])\n"
            f"\tby {host} (Postfix) with ESMTPS id {(seal >> hop) & 0xFFFFFFFFFF:010X}\n"
            f"\tfor <{OWNER[1]}>; {_date(note.at + 4 - hop)}"
        )
    digest = base64.b64encode(seal.to_bytes(20, "big") * 9).decode()
    yield (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1;\n"
        f"\tt={note.at}; h=from:to:subject:date:message-id:mime-version;\n\tbh={digest[:44]};\n"
        f"\tb={digest[:76]}\n\t {digest[76:152]}\n\t {digest[152:228]}"
    )
    yield f"Authentication-Results: {MX};\n\tdkim=pass header.d={domain} header.s=s1; spf=pass; dmarc=pass"
    yield f"X-Spam-Status: No, score={-(seal % 40) / 10:.1f} required=5.0 tests=DKIM_VALID,SPF_PASS"


def arguments(description: str) -> argparse.ArgumentParser:
    """Give a parser for the parameters of a corpus."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--contacts", type=int, default=300)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--end", type=date.fromisoformat, default=END)
    return parser


def what_is_chosen(chosen: argparse.Namespace) -> dict[str, Any]:
    """Give those parameters as they were chosen."""
    return {name: getattr(chosen, name) for name in ("messages", "contacts", "years", "seed", "end")}


def main() -> int:
    """Write the corpus that the arguments ask for."""
    parser = arguments("Write a seeded mailbox and calendar.")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    write_corpus(chosen.folder, **what_is_chosen(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
