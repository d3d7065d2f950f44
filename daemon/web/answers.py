"""Answers of the API: which kind a client wants, and JSON that is sent only if it has changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.responses import Response

from keepwarm.daemon.tables import as_json
from keepwarm.daemon.web.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

JSON = "application/json"
KEPT = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization, Cookie"}
"""A browser may keep an answer, but must ask each time whether it still holds."""


def json_answer(request: Request, document: object, headers: dict[str, str] | None = None) -> Response:
    """Give a document as JSON, or 304 if the client has it already.

    ASCII: no name can steer whatever shows it. Raises Problem if the client takes no JSON.
    """
    wanted(request, (JSON,))
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=as_json)
    return kept_answer(request, text, JSON, headers)


def kept_answer(request: Request, text: str, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """Give a text, or 304 if the client has it already."""
    body = text.encode("utf-8")
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    told = {**KEPT, **(headers or {}), "ETag": tag}
    if _has(request, tag):
        return Response(status_code=304, headers=told)
    return Response(body, media_type=media_type, headers=told)


def _has(request: Request, tag: str) -> bool:
    """Tell whether the client names the tag; weakly compared (RFC 9110, 13.1.2)."""
    tags = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag in tags or tags == ["*"]


def wanted(request: Request, kinds: Sequence[str]) -> str:
    """Give which of some media types the client wants most; of those that it wants alike, the first.

    RFC 9110, 12.5.1: the most specific range decides. Raises Problem if it takes none.
    """
    accept = ",".join(request.headers.getlist("accept"))
    ranges = [_range(one) for one in accept.split(",") if one.strip()] or [("*/*", 1.0)]
    best, most = "", 0.0
    for kind in kinds:
        fits = (kind, f"{kind.partition('/')[0]}/*", "*/*")
        weight = next((weight for fit in fits for name, weight in ranges if name == fit), 0.0)
        if weight > most:
            best, most = kind, weight
    if not best:
        raise Problem(406, f"This is given as {' or '.join(kinds)} only.")
    return best


def _range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return name, 0.0
    return name, 1.0
