"""The user's own OAuth client at Google: the JSON file that its console gives."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keepwarm.daemon.failure import BadUsage

if TYPE_CHECKING:
    from pathlib import Path

_CURE = 'Make an OAuth client of type "Desktop app" in Google\'s console, download its JSON file, and name that.'
_LARGEST = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class GoogleClient:
    """Who asks Google; the secret of a desktop client is none to its user, but kept out of ``repr`` all the same."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str
    token_uri: str

    @classmethod
    def read(cls, path: Path) -> GoogleClient:
        """Read the file. Raises BadUsage."""
        try:
            with path.open("rb") as file:
                document = json.loads(file.read(_LARGEST))
        except OSError as error:
            raise BadUsage(f"The OAuth client file {path} cannot be read: {error.strerror}.", _CURE) from None
        except ValueError:
            raise BadUsage(f"The OAuth client file {path} is no JSON.", _CURE) from None
        match document:
            case {"installed": {"client_id": str(name), "client_secret": str(secret)}}:
                found = document["installed"]
                return cls(name, secret, _address(found, "auth_uri"), _address(found, "token_uri"))
            case {"web": _}:
                raise BadUsage(f'{path} is of a client of type "Web application", which cannot be used here.', _CURE)
        raise BadUsage(f"{path} is no OAuth client file of Google.", _CURE)

    def config(self) -> dict[str, Any]:
        """Give it as google-auth-oauthlib wants it."""
        return {
            "installed": {
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "auth_uri": self.auth_uri,
                "token_uri": self.token_uri,
            }
        }


_USUAL = {
    "auth_uri": "https://accounts.google.com/o/oauth2/v2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def _address(found: dict[Any, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) and value else _USUAL[key]
