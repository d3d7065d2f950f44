"""Sending the owner's own report through Graph: the one thing that is ever asked of Microsoft to be done."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from keepwarm.daemon.microsoft_source import client_of

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.settings import Configuration


def send(account: MicrosoftAccount, settings: Configuration, mail: bytes) -> str:
    """Send a mail (RFC 5322) as the account's owner; give the id of the request, as Graph tells none of the mail.

    It is asked for once only, as nobody can tell whether a request that failed in between was done: who sends has to
    ask again with the same Message-ID. Raises Later, SignInNeeded or Refused.
    """
    from keepwarm.connectors.contract import Refused  # noqa: PLC0415 - with what follows
    from keepwarm.connectors.graph_client import NotAllowedError, NotThereError  # noqa: PLC0415 - heavy

    client = client_of(account, settings)
    try:
        return client.post(client.address("/me/sendMail"), base64.b64encode(mail), "text/plain")
    except NotAllowedError:
        raise Refused(
            "Microsoft does not let this sign-in send mail: the permission Mail.Send is missing, or sending is barred.",
            f"Add it to your registration, then run `keepwarm login {account.name}`.",
        ) from None
    except NotThereError:
        raise Refused("There is no mailbox at Microsoft to send from.", "Sign in as the one who is meant.") from None
    finally:
        client.close()
