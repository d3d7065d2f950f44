"""What a request ends with when it does not end well: a sentence and a cure, as RFC 9457 has it."""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.responses import Response


class Problem(Exception):
    """A request cannot be answered: ``why`` is one sentence for the user, ``what_to_do`` the cure."""

    def __init__(self, status: int, why: str, what_to_do: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.what_to_do = what_to_do
        self.headers = headers or {}

    def response(self) -> Response:
        """Give the answer: application/problem+json."""
        document = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": " ".join(filter(None, (str(self), self.what_to_do))),
        }
        return Response(
            json.dumps(document, ensure_ascii=True),
            status_code=self.status,
            media_type="application/problem+json",
            headers=self.headers,
        )
