"""The signature of what a webhook is sent, as Standard Webhooks has it (standardwebhooks.com, version 1.0.0)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from keepwarm.daemon.secret import SecretError, resolve

if TYPE_CHECKING:
    from datetime import datetime

    from standardwebhooks import Webhook

    from keepwarm.daemon.secret import Secret

_PREFIX = "whsec_"
_LEAST, _MOST = 24, 64  # bytes
_CURE = 'Make one: printf "whsec_%s\\n" "$(openssl rand -base64 32)", and give it to the receiver too.'


def signer(secret: Secret) -> Webhook:
    """Fetch the secret, and give what signs with it.

    The library takes anything for base64 and drops what is none, so that a mistyped secret would sign all the same, as
    another one: it is read strictly first. Raises SecretError.
    """
    from standardwebhooks import Webhook  # noqa: PLC0415 - only for who has one

    written = resolve(secret).strip().removeprefix(_PREFIX)
    try:
        key = b64decode(written + "=" * (-len(written) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f'the secret is not base64 after "{_PREFIX}"', _CURE) from None
    if not _LEAST <= len(key) <= _MOST:
        raise SecretError(f"the secret has {len(key)} bytes; {_LEAST} to {_MOST} are allowed", _CURE)
    return Webhook(key)


def headers(name: str, now: datetime, body: str, signing: Webhook | None) -> dict[str, str]:
    """Give the headers of a line called ``name`` (its id), sent now; ``now`` is in UTC, or the library errs.

    A full stop may not be in the name, as it parts what is signed; ids that have one tell a signal again.
    """
    called = name.replace(".", "-")
    found = {"webhook-id": called, "webhook-timestamp": str(int(now.timestamp()))}
    if signing is not None:
        found["webhook-signature"] = signing.sign(called, now, body)
    return found
