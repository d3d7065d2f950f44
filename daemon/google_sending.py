"""Sending the owner's own report through the Gmail API: the one thing that is ever asked of Google to be done."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keepwarm.daemon.google_source import settings_of

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.settings import Configuration

_SEND_UNITS = 100


def send(account: GoogleAccount, settings: Configuration, mail: bytes) -> str:
    """Send a mail (RFC 5322) as the account's owner; give Gmail's id of it.

    It is asked for once only, as nobody can tell whether a request that failed in between was done: who sends has to
    ask again with the same Message-ID. Raises Later, SignInNeeded or Refused.
    """
    from keepwarm.connectors.contract import Refused  # noqa: PLC0415 - with what follows
    from keepwarm.connectors.google_api import GoogleApi, NotFoundError  # noqa: PLC0415 - heavy

    api = GoogleApi(settings_of(account, settings), "gmail", "v1", "Gmail API")
    raw = base64.urlsafe_b64encode(mail).decode()
    try:
        sent = api.ask(api.service.users().messages().send(userId="me", body={"raw": raw}), _SEND_UNITS, tries=1)
    except NotFoundError:
        raise Refused("There is no mailbox at Gmail to send from.", "Sign in as the one who is meant.") from None
    finally:
        api.close()
    return str(sent.get("id", ""))
