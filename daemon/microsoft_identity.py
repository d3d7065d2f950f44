"""Whether whoever signed in at Microsoft is the one whom the account is for.

Sign-in names need not be addresses: in companies, mail often comes to another one. So nobody is locked out for a name
alone: it is refused only if it is somebody else's for certain, and doubted in words otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import ConnectorError
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.harmless import harmless_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.settings import Configuration

_PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts: these have aliases that Graph does not tell."""

_PROFILE = "User.Read"
_PROPERTIES = "mail,userPrincipalName,otherMails,proxyAddresses"


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever signed in."""

    id: str  # the same at each sign-in: user and tenant
    name: str  # what they sign in by: mostly an address, lower case
    tenant: str = ""

    @classmethod
    def in_cache(cls, cache: Any) -> Person | None:
        """Read who is signed in from msal's cache; None if nobody is."""
        found = next(iter(cache.search(cache.CredentialType.ACCOUNT)), None)
        if found is None:
            return None
        number = str(found.get("home_account_id") or "")
        return cls(number, str(found.get("username") or "").lower(), number.rpartition(".")[2])


def checked(
    person: Person | None,
    before: Person | None,
    account: MicrosoftAccount,
    settings: Configuration,
    answer: Mapping[str, Any],
) -> str:
    """Give a sentence of doubt about who signed in, or "" if there is none; ``before`` was signed in until now.

    Raises Failure if it is somebody else.
    """
    address = account.address.lower()
    if person is None or not person.name or person.name == address:
        return ""
    name = harmless_lines(person.name)
    others = {one.address.lower() for one in settings.accounts if one.kind == account.kind and one.name != account.name}
    if person.name in others:
        raise _somebody_else(f"{name} is the address of another account", account)
    if before is not None and before.id != person.id:
        was = harmless_lines(before.name) or "somebody else"
        raise _somebody_else(f"{name} signed in; until now it was {was}", account, leave=True)
    known = _addresses(account, answer) if address else set()
    if not address or before is not None or address in known:
        return ""
    if known and person.tenant != _PERSONAL:
        raise _somebody_else(f"{name} signed in, whom no mail to {account.address} reaches", account)
    return (
        f" The address of this account is {account.address}: if that is not the same person, "
        f"run `keepwarm logout {account.name}`, and sign in again."
    )


def _somebody_else(why: str, account: MicrosoftAccount, *, leave: bool = False) -> Failure:
    first = f"keepwarm logout {account.name}, then " if leave else ""
    return Failure(
        f"{account.name}: that is the wrong one: {why}. Nothing was changed.",
        f"{first or 'Sign in as the one who is meant: '}keepwarm login {account.name}"
        + (" as the new one, if that is meant." if leave else ""),
    )


def _addresses(account: MicrosoftAccount, answer: Mapping[str, Any]) -> set[str]:
    """Give all addresses of whoever signed in; nothing if Graph does not tell them to this sign-in."""
    if _PROFILE not in {scope.rpartition("/")[2] for scope in str(answer.get("scope", "")).split()}:
        return set()
    from keepwarm.connectors.graph_client import GraphClient, NotAllowedError, NotThereError  # noqa: PLC0415 - heavy

    token = str(answer["access_token"])
    client = GraphClient(account.endpoint, lambda _: token, account.name, account.ca_file)
    try:
        me = client.get(client.address("/me", _select=_PROPERTIES))
    except (ConnectorError, NotAllowedError, NotThereError):
        return set()
    finally:
        client.close()
    others = [*_texts(me.get("otherMails")), *_texts(me.get("proxyAddresses"))]
    told = [*_texts([me.get("mail"), me.get("userPrincipalName")]), *others]
    return {one.lower().removeprefix("smtp:") for one in told}


def _texts(values: Any) -> list[str]:
    return [one for one in values if isinstance(one, str) and one] if isinstance(values, list) else []
