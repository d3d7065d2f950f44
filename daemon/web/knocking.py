"""Knocking: is it the daemon of this user that listens where the page was served last?"""

from __future__ import annotations

import hmac
import secrets
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keepwarm.daemon.web.whereabouts import Whereabouts

if TYPE_CHECKING:
    from keepwarm.daemon.settings import Configuration
    from keepwarm.daemon.web.whereabouts import Served

_SECONDS = 3.0
_LONGEST = 200  # bytes of an answer


def served(configuration: Configuration) -> Served | None:
    """Give where the page is served now; None if it is not. Raises Failure, if the secret is not to be read.

    Whoever listens there must show that they have the secret, which is not shown to them: another program may have
    taken the port.
    """
    where = Whereabouts.of(configuration)
    told = where.told()
    if told is None:
        return None
    question = secrets.token_hex(16)
    proof = where.seal.proof(told.instance, question)
    return told if hmac.compare_digest(_asked(told.origin, question), proof.encode()) else None


def _asked(origin: str, question: str) -> bytes:
    """Give what whoever listens there answers; nothing if nobody does."""
    address = urlsplit(origin)
    if address.hostname is None:
        return b""
    connection = HTTPConnection(address.hostname, address.port or 80, timeout=_SECONDS)
    try:
        connection.request("GET", f"/knock?question={question}")
        return connection.getresponse().read(_LONGEST)
    except (OSError, HTTPException):
        return b""
    finally:
        connection.close()
