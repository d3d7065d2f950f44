"""Who asks: the owner's browser, or a program with the owner's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

KEY = "keepwarm.visitor"
"""Where the guard puts it in ASGI's scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who was let in."""

    csrf: str  # what each form must bring as "csrf", or as the header X-CSRF-Token; "" for a program
    is_welcome: Callable[[], bool]  # whether they would be let in now, too: for answers that take long


def visitor_of(request: Request) -> Visitor:
    """Give who asks; whoever is not let in never comes so far."""
    return cast("Visitor", request.scope[KEY])
