"""Who signed in, as the tests' Graph tells it to those who may know: User.Read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.graph import Told, error, selected

if TYPE_CHECKING:
    from tests.servers.graph import Asked


@dataclass(slots=True)
class Profile:
    """The user's own entry in the directory."""

    name: str
    mail: str | None = None
    others: list[str] = field(default_factory=list)
    proxies: list[str] = field(default_factory=list)  # "SMTP:main@example.com", "smtp:alias@example.com"

    def __call__(self, asked: Asked) -> Told | None:
        if asked.path != "/me":
            return None
        if "User.Read" not in asked.scopes:
            return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        told = {"userPrincipalName": self.name, "mail": self.mail, "otherMails": self.others}
        told["proxyAddresses"] = self.proxies
        return Told(body=selected(told, asked.query["$select"].split(","), told))
