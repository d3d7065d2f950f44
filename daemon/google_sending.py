"""Sending the owner's own report through the Gmail API: the one thing that is ever asked of Google to be done."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keepwarm.daemon.google_scopes import scopes_for
from keepwarm.daemon.google_source import settings_of

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.settings import Configuration

_SEND_UNITS = 100


def send(account: GoogleAccount, settings: Configuration, mail: bytes) -> str:
    """Send a mail (RFC 5322) as the account's owner; give Gmail's id of it.

    Once it is asked for, the request is never repeated, neither here nor by the library below. With SignInNeeded and
    Refused it was not sent. With Later nobody knows: the connection may have broken off after Google took it. Google
    itself tells nothing twice: it takes the same mail again, may write another Message-ID in place of the mail's own,
    and can be searched for one (rfc822msgid:) only with the right to read whole mails, which is not asked for. But
    what was sent lies in the mailbox: a reading of it after this shows a mail of the owner's to themselves, with this
    subject. Raises Later, SignInNeeded or Refused.
    """
    from keepwarm.connectors.contract import Refused  # noqa: PLC0415 - with what follows
    from keepwarm.connectors.google_api import GoogleApi, NotFoundError  # noqa: PLC0415 - heavy

    needed = scopes_for(account, settings).sending
    api = GoogleApi(settings_of(account, needed), "gmail", "v1", "Gmail API", once=True)
    raw = base64.urlsafe_b64encode(mail).decode()
    try:
        sent = api.ask(api.service.users().messages().send(userId="me", body={"raw": raw}), _SEND_UNITS)
    except NotFoundError:
        raise Refused("There is no mailbox at Gmail to send from.", "Sign in as the one who is meant.") from None
    finally:
        api.close()
    return str(sent.get("id", ""))
