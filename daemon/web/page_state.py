"""Whether the page is served, and where, as ``status`` and ``doctor`` show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.web.knocking import served
from keepwarm.daemon.web.sockets import bound

if TYPE_CHECKING:
    from keepwarm.daemon.settings import Configuration


def origin(configuration: Configuration) -> str | None:
    """Give where the page is served now; None if it is not."""
    try:
        found = served(configuration)
    except Failure:
        return None  # ``doctor`` says what is wrong
    return None if found is None else found.origin


def line(at: str | None) -> str:
    """Say it in a line."""
    if at is None:
        return "The page is not served: the daemon does not run. `keepwarm doctor` tells if something is in its way."
    return f"The page is served at {at}: keepwarm open"


def checked(configuration: Configuration) -> str:
    """See whether the page is served, or could be; give what to tell of it. Raises Failure."""
    found = served(configuration)
    if found is not None:
        return f"served at {found.origin}: keepwarm open"
    listen = configuration.web.listen
    try:
        bound(listen).close()
    except OSError as error:
        raise Failure(
            f"{listen.host}:{listen.port} cannot be listened on: {error.strerror}.",
            "Stop what listens there, or set another port as listen in [web].",
        ) from error
    return f"not served, as the daemon does not run; it will be at {listen.host}:{listen.port}"
