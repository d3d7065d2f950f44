"""What the owner has to do when an account is refused: the connector says what, the settings say where."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from keepwarm.daemon.secret import Secret, SecretSource, keyring_command

if TYPE_CHECKING:
    from keepwarm.connectors.contract import SignInNeeded
    from keepwarm.daemon.accounts import Account


def sign_in_cure(account: Account, refused: SignInNeeded) -> str:
    """Say what to do, where the password is taken from, and when it is offered again."""
    secret = getattr(account, "password", None)
    if not isinstance(secret, Secret):
        return refused.what_to_do
    again = "It is offered again once it is another one; `keepwarm sync` on a terminal offers it at once."
    return f"{refused.what_to_do} It is taken from {_place(secret)}. {again}"


def _place(secret: Secret) -> str:
    match secret.source:
        case SecretSource.FILE:
            return f"the file {shlex.quote(secret.name)}"
        case SecretSource.ENV:
            return f"the environment variable {secret.name} (start it again after a change)"
        case SecretSource.KEYRING:
            return f"the keyring (to change it: {keyring_command(secret.name)})"
        case SecretSource.CREDENTIAL:
            return f"the systemd credential {secret.name} (restart the service after a change)"
        case SecretSource.COMMAND:
            return "the command in the configuration"
