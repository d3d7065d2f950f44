"""Batches: many requests in one multipart/mixed body, each answered by itself."""

from __future__ import annotations

from email import message_from_bytes
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.servers.google_answers import Answer, error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from tests.servers.google import Google

MOST = 100
_BOUNDARY = "batch_of_answers"


def batched(google: Google, headers: Mapping[str, str], body: bytes) -> Answer:
    """Answer each part; one that fails does not keep the others."""
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + body).get_payload()
    assert isinstance(parts, list)
    if len(parts) > MOST:
        return error(400, "badRequest", f"The batch request contains more than {MOST} calls.")
    bearer = {"authorization": headers.get("authorization", "")}
    if len(parts) > google.at_once:
        return error(429, "rateLimitExceeded", "Too many concurrent requests for user")
    parts, google.answers_left_out = parts[: len(parts) - google.answers_left_out], 0
    answers = [_part(google, part, bearer) for part in parts]  # type: ignore[arg-type]
    end = f"--{_BOUNDARY}--\r\n".encode()
    return Answer(200, b"".join(answers) + end, {"Content-Type": f"multipart/mixed; boundary={_BOUNDARY}"})


def _part(google: Google, part: Message, headers: Mapping[str, str]) -> bytes:
    request = str(part.get_payload())
    method, target, _ = request.split("\n", 1)[0].split(" ", 2)
    answer = google.answer(method, target, headers, b"", in_batch=True)
    lines = [
        f"--{_BOUNDARY}",
        "Content-Type: application/http",
        f"Content-ID: {part['Content-ID'].replace('<', '<response-', 1)}",
        "",
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        "Content-Type: application/json; charset=UTF-8",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + answer.content() + b"\r\n"
