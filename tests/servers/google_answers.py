"""Answers of Google's servers, and the shape of their errors."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


class NotThere(Exception):
    """What was asked for does not exist."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and JSON or text."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def error(status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """Give an error as Google's APIs word it."""
    detail = {"domain": "global", "reason": reason, "message": message}
    return Answer(status, {"error": {"code": status, "message": message, "errors": [detail]}}, headers or {})
