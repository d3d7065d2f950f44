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

    @property
    def title(self) -> str:
        """The words of the status."""
        return HTTPStatus(self.status).phrase

    def response(self, language: str = "") -> Response:
        """Give the answer: application/problem+json, or with a language a page for a person."""
        said = " ".join(filter(None, (str(self), self.what_to_do)))
        if language:
            from keepwarm.outputs.page.door import problem_html  # noqa: PLC0415 - jinja2: where a page is shown

            page = problem_html(language, self.status, str(self), self.what_to_do)
            return Response(page, self.status, media_type="text/html", headers=self.headers)
        document = {"type": "about:blank", "title": self.title, "status": self.status, "detail": said}
        return Response(
            json.dumps(document, ensure_ascii=True),
            status_code=self.status,
            media_type="application/problem+json",
            headers=self.headers,
        )
