"""The parameters of a request's query: each read as what it is, and none passed over in silence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from keepwarm.daemon.web.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

LONGEST_TEXT = 200
"""Characters of a parameter."""

LARGEST_WHOLE = 2**63 - 1
"""What a column of the database can hold."""

_MOST = 20  # parameters
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")


class Parameters:
    """Those of one request: read what is known, then ``done``. All raise Problem."""

    def __init__(self, request: Request) -> None:
        try:
            pairs = parse_qsl(
                request.scope["query_string"].decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST,
            )
        except ValueError:
            raise Problem(400, "The query cannot be read.") from None
        self._left: dict[str, str] = dict(pairs)
        if len(self._left) < len(pairs):
            raise Problem(400, "A parameter comes twice.")

    def text(self, name: str) -> str | None:
        """Read a text."""
        found = self._left.pop(name, None)
        if found is not None and not (0 < len(found) <= LONGEST_TEXT and "\0" not in found):
            raise Problem(400, f"{name} is a text of 1 to {LONGEST_TEXT} characters.")
        return found

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Read one of some words."""
        found = self._left.pop(name, None)
        if found is not None and found not in choices:
            raise Problem(400, f"{name} is one of {', '.join(choices)}.")
        return found

    def whole(self, name: str, least: int, most: int) -> int | None:
        """Read a whole number."""
        found = self._left.pop(name, None)
        if found is None:
            return None
        if not _WHOLE.match(found) or not least <= int(found) <= most:
            raise Problem(400, f"{name} is a whole number from {least} to {most}.")
        return int(found)

    def done(self) -> None:
        """Refuse what is left: a filter that is misspelt must not give everything."""
        for name in self._left:
            raise Problem(400, f"There is no parameter {name[:40]!r} here.", "/v1/openapi.json lists them.")
