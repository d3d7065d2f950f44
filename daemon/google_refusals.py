"""Why Google refuses a sign-in for good, and what the user can do about it.

Sources: RFC 6749 (5.2), Google's pages on authorization errors and on session control for other apps' access.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

RAPT = "invalid_rapt"
"""What stands for both errors of Google's session control, which come as a kind of invalid_grant."""

_SUBTYPES = frozenset({RAPT, "rapt_required"})
_PASSING = frozenset(
    {"internal_failure", "server_error", "temporarily_unavailable", "slow_down", "rate_limit_exceeded"}
)
_PASSING_STATUS = frozenset({408, 425, 429})
_CODE = re.compile(r"[a-zA-Z_]{3,40}", re.ASCII)
_CONSOLE = "Google's console (Google Auth Platform"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence, and the cure; ``before`` is what has to be done before signing in again, if anything."""

    why: str
    before: str = ""

    def cure(self, account: str) -> str:
        """Say what to do."""
        login = f"keepwarm login {account}"
        return f"{self.before} Then: {login}" if self.before else f"Sign in: {login}"


_REFUSALS = {
    "invalid_grant": Refusal("Google has ended the grant: it was taken back, or has expired."),
    RAPT: Refusal("Your organisation has you sign in again every so often, also to other apps (its session control)."),
    "invalid_client": Refusal(
        "Google does not know the OAuth client of client_file (any more), or its secret.",
        f"Download the client's JSON file anew from {_CONSOLE} > Clients), and name it as client_file.",
    ),
    "unauthorized_client": Refusal("The grant was given to another OAuth client than that of client_file."),
    "deleted_client": Refusal(
        "The OAuth client of client_file was deleted.",
        f"Restore it within 30 days in {_CONSOLE} > Clients > Deleted credentials), or make another and name its file.",
    ),
    "disabled_client": Refusal(
        "The OAuth client of client_file is switched off.",
        f"Switch it on in {_CONSOLE} > Clients), or make another and name its file.",
    ),
    "org_internal": Refusal(
        "The OAuth client of client_file is for people of another organisation only.",
        f"Make it external in {_CONSOLE} > Audience), or use a client of the account's own organisation.",
    ),
    "admin_policy_enforced": Refusal(
        "The organisation's administrator does not allow this access.",
        "Ask them to trust your OAuth client by its id (Admin console > Security > API controls > App access control).",
    ),
    "access_denied": Refusal("It was not allowed on Google's page."),
}


def refusal_of(code: str) -> Refusal:
    """Say what an error of OAuth means."""
    shown = code if _CODE.fullmatch(code) else "an unknown error"
    return _REFUSALS.get(code, Refusal(f"Google refuses the sign-in ({shown})."))


def refused_by(status: int, answer: Any) -> str:
    """Give the error by which a token endpoint refuses for good; "" if it may be another time.

    Only what is an error of OAuth is one: anything else comes from something that stands in between.
    """
    code = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(code, str) or not 400 <= status < 500 or status in _PASSING_STATUS or code in _PASSING:
        return ""
    subtype = answer.get("error_subtype")
    return RAPT if code == "invalid_grant" and isinstance(subtype, str) and subtype in _SUBTYPES else code
