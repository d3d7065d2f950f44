"""Why Microsoft refuses a sign-in: each reason its own sentence, with the next step.

The platform's own text holds ids and addresses, and is not repeated; its code (AADSTS...) is, so that an administrator
can look it up. What is not a refusal that is known here is taken for an outage: it is tried again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = re.compile(r"AADSTS(\d{4,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason: one sentence, and the next step, in which {login} is the command that signs in."""

    why: str
    what_to_do: str


CONSENT = Refusal(
    "Your consent is missing for what Keepwarm reads.",
    "{login}, and agree to what is asked for; if it says that an administrator must, ask yours to.",
)
ADMIN = Refusal(
    "Your organisation lets only an administrator consent to this application.",
    "Ask your administrator to consent to the application of client_id, then: {login}",
)
DECLINED = Refusal("Microsoft did not grant it: the consent was declined.", "{login}, and agree to what is asked for.")
FACTOR = Refusal("Your organisation asks for a further proof that it is you now.", "{login}")
POLICY = Refusal(
    "Your organisation's conditional access does not let this machine or application in.",
    "Ask your administrator what it demands (the code helps them), then: {login}",
)
REVOKED = Refusal("The grant was revoked: a changed password or an administrator ends it.", "Sign in again: {login}")
EXPIRED = Refusal("The grant has expired: it was not used for too long.", "Sign in again: {login}")
INVALID = Refusal("Microsoft no longer accepts the grant.", "Sign in again: {login}")
UNKNOWN_APP = Refusal(
    "Microsoft does not know the application of client_id there.",
    "Check client_id, and authority: a registration for one organisation needs its own address in authority.",
)
NOT_PUBLIC = Refusal(
    "The registration of client_id does not allow sign-in from a program on your machine.",
    'Under Authentication, allow public client flows, add the platform "Mobile and desktop applications" with the '
    "address http://localhost, then: {login}",
)
OTHER_TENANT = Refusal(
    "This user is not known where authority points to, or the registration is for one organisation only.",
    "Set authority to https://login.microsoftonline.com/ and the id of your organisation, then: {login}",
)
NO_SUCH_SCOPE = Refusal(
    "Microsoft does not know a permission there that is asked for.",
    "Who came to calls is told to work and school accounts only: else leave attendance out. Then: {login}",
)
BLOCKED = Refusal("The user is blocked or deleted at Microsoft.", "Ask your administrator.")
CODE_OVER = Refusal("Nobody has typed the code in in time.", "{login} once more.")

_BY_CODE = {
    **dict.fromkeys(("65001", "65002"), CONSENT),
    **dict.fromkeys(("90094", "90095", "90008", "650056"), ADMIN),
    **dict.fromkeys(("65004",), DECLINED),
    **dict.fromkeys(("50074", "50076", "50078", "50079", "50072", "50158"), FACTOR),
    **dict.fromkeys(("53000", "53001", "53002", "53003", "53004", "53011", "50097", "50105", "530003"), POLICY),
    **dict.fromkeys(("50173", "50132", "50133", "70000"), REVOKED),
    **dict.fromkeys(("700082", "700084", "70008", "70043", "50089"), EXPIRED),
    **dict.fromkeys(("700016", "90002", "700038"), UNKNOWN_APP),
    **dict.fromkeys(("7000218", "7000215", "50011", "500113", "90023"), NOT_PUBLIC),
    **dict.fromkeys(("50020", "50194", "50034", "9002346", "500200", "50128"), OTHER_TENANT),
    **dict.fromkeys(("70011", "650053", "28002"), NO_SUCH_SCOPE),
    **dict.fromkeys(("50057", "50053"), BLOCKED),
    **dict.fromkeys(("70020",), CODE_OVER),
}
_BY_SUBERROR = {
    "consent_required": CONSENT,
    "token_expired": EXPIRED,
    "bad_token": INVALID,
    "user_password_expired": REVOKED,
}
_BY_ERROR = {
    "consent_required": CONSENT,
    "interaction_required": POLICY,
    "invalid_grant": INVALID,
    "access_denied": DECLINED,
    "authorization_declined": DECLINED,
    "invalid_scope": NO_SUCH_SCOPE,
    "invalid_client": NOT_PUBLIC,
    "unauthorized_client": UNKNOWN_APP,
    "expired_token": CODE_OVER,
    "code_expired": CODE_OVER,
}


def refusal_in(answer: Mapping[str, Any]) -> Refusal | None:
    """Say why the token endpoint refuses for good; None if its answer says nothing that is known."""
    for code in codes_in(answer):
        if code in _BY_CODE:
            return _BY_CODE[code]
    found = _BY_SUBERROR.get(str(answer.get("suberror")))
    return found or _BY_ERROR.get(str(answer.get("error")))


def told(refusal: Refusal, answer: Mapping[str, Any], account: str) -> tuple[str, str]:
    """Give the sentence with the code, and the next step."""
    code = next(iter(codes_in(answer)), "")
    why = f"{refusal.why[:-1]} (AADSTS{code})." if code else refusal.why
    return why, refusal.what_to_do.replace("{login}", f"keepwarm login {account}")


def codes_in(answer: Mapping[str, Any]) -> list[str]:
    """Give the platform's codes in an answer."""
    return _CODE.findall(str(answer.get("error_description", ""))[:2000])
