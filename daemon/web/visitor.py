"""Who asks: the owner's browser, or a program with the owner's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who was let in."""

    csrf: str  # what each form must bring as "csrf", or as the header X-CSRF-Token; "" for a program


def visitor_of(request: Request) -> Visitor:
    """Give who asks; whoever is not let in never comes so far."""
    return cast("Visitor", request.scope["keepwarm.visitor"])
