"""Signing in to an IMAP server: LOGIN, PLAIN (RFC 4616), XOAUTH2 and OAUTHBEARER (RFC 7628), and what a No means.

A wrong password that is offered again and again locks its account, and an outage that is taken for a wrong password
sends the owner looking for a fault that is not theirs. So the two are told apart with care: by response code
(RFC 5530) where there is one, by words where there is none. No sentence made here holds the password.
"""

from __future__ import annotations

import binascii
import imaplib
import json
import re
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from keepwarm.connectors.contract import Busy, ConnectorError, Refused, SignInNeeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imapclient import IMAPClient

    from keepwarm.connectors.imap_connection import ImapSettings

Auth = Literal["any", "plain", "login", "xoauth2", "oauthbearer"]
"""How to sign in; "any" is PLAIN, or LOGIN where that is missing. With the last two the password is an access token."""

BUSY = timedelta(minutes=5)
_OAUTH = ("xoauth2", "oauthbearer")
_CODE = re.compile(r"\[([A-Z][A-Z0-9/_-]{1,40})[ \]]", re.IGNORECASE)
# RFC 5530, RFC 9051, RFC 3206, and of large providers.
_PASSING_CODES = frozenset(
    ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA", "THROTTLED", "SYS/TEMP", "LOGIN-DELAY")
)
_FINAL_CODES = frozenset(("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "CONTACTADMIN", "WEBALERT"))
_PASSING_WORDS = re.compile(
    r"too many|try (?:again|later)|temporar|unavailable|internal (?:server )?error|server error|timed? ?out"
    r"|not connected|\bbusy\b|overload|maintenance|rate.?limit|\bin use\b|shutting down",
    re.IGNORECASE,
)
_REFUSING_WORDS = re.compile(r"password|credential|auth\w* fail|login fail|invalid user", re.IGNORECASE)
_MAX_TOLD = 200


def sign_in(client: IMAPClient, settings: ImapSettings) -> None:
    """Sign in, in the way that the settings name.

    Raises SignInNeeded, Later, Refused, or what the connection or the password's source raises.
    """
    auth = _chosen(client, settings)
    secret = settings.password()
    imap = client._imap
    challenges: list[bytes] = []
    answers = (b"", b"") if auth == "login" else _answers(auth, settings, secret)
    sent = (b64encode(answers[0]).decode(), secret)
    try:
        if auth == "login":
            typ, data = imap._simple_command("LOGIN", *_login_words(settings, secret))
        else:
            typ, data = _authenticate(imap, auth.upper(), answers, challenges)
    except imaplib.IMAP4.abort as error:  # its words may be what was sent, said back
        raise imaplib.IMAP4.abort(_without(sent, str(error))) from None
    except imaplib.IMAP4.error as error:  # BAD
        raise _not_signed_in("BAD", _without(sent, str(error)), challenges, client, settings) from None
    if typ != "OK":
        text = data[-1].decode("utf-8", "replace") if data and isinstance(data[-1], bytes) else ""
        raise _not_signed_in(typ, _without(sent, text), challenges, client, settings)
    imap.state = "AUTH"


def passes(text: str) -> bool:
    """Tell whether what a server answered passes by itself, or is its last word."""
    codes = {code.upper() for code in _CODE.findall(text)}
    if codes & _PASSING_CODES:
        return True
    if codes & _FINAL_CODES:  # "Authentication failed, please try again" is for people
        return "temporar" in text.lower()
    return bool(_PASSING_WORDS.search(text))


def told(text: object) -> str:
    """Quote a server: one line, without control characters, of bounded length."""
    words = "".join(letter if letter.isprintable() else " " for letter in str(text)).split()
    return " ".join(words)[:_MAX_TOLD]


def _chosen(client: IMAPClient, settings: ImapSettings) -> Auth:
    """Give the way to sign in. Raises Refused if the server does not offer it: then nothing secret is sent."""
    wanted = settings.auth
    offered = {
        capability.decode("ascii", "replace").upper().removeprefix("AUTH=").lower()
        for capability in client.capabilities()
        if capability.upper().startswith(b"AUTH=")
    }
    if not client.has_capability("LOGINDISABLED"):
        offered.add("login")
    if wanted == "any":
        if found := next((auth for auth in ("plain", "login") if auth in offered), None):
            return "plain" if found == "plain" else "login"
        if settings.tls == "none":
            raise Refused(f"{settings.server} takes no password without encryption.", 'Set tls = "starttls".')
        raise Refused(
            f"{settings.server} takes no password.",
            _oauth_cure(offered) or "Ask who runs it how programs sign in.",
        )
    if wanted in offered:
        return wanted
    ways = ", ".join(f'"{auth}"' for auth in ("plain", "login", *_OAUTH) if auth in offered)
    raise Refused(
        f'{settings.server} does not offer auth = "{wanted}".',
        f"Set auth to what it offers: {ways}." if ways else "Ask who runs it how programs sign in.",
    )


def _login_words(settings: ImapSettings, password: str) -> tuple[str, str]:
    if not (settings.user + password).isascii() or not (settings.user + password).isprintable():
        raise SignInNeeded(
            f"{settings.server} takes only ASCII letters in a user's name and password.",
            "Choose a password, or an application password, of plain letters, digits and signs.",
        )
    return _quoted(settings.user), _quoted(password)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _answers(auth: Auth, settings: ImapSettings, secret: str) -> tuple[bytes, bytes]:
    """Give what to say first, and what to any further challenge, which can only be the reason of a refusal."""
    user = settings.user
    if auth == "plain":
        return f"\0{user}\0{secret}".encode(), b""
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise SignInNeeded(
            f"What is given as the access token for {settings.server} is none.",
            f'With auth = "{auth}" the password must be an access token: letters, digits and signs, without blanks.',
        )
    if auth == "xoauth2":
        return f"user={user}\1auth=Bearer {secret}\1\1".encode(), b""
    name = user.replace("=", "=3D").replace(",", "=2C")
    where = f"host={settings.host}\1port={settings.port}\1"
    return f"n,a={name},\1{where}auth=Bearer {secret}\1\1".encode(), b"\1"  # RFC 7628, 3.1 and 3.2.3


def _authenticate(
    imap: Any, mechanism: str, answers: tuple[bytes, bytes], challenges: list[bytes]
) -> tuple[str, list[bytes | None]]:
    """Run AUTHENTICATE; what the server says in between is added to ``challenges``."""
    said = iter(answers)

    def answer(challenge: bytes) -> bytes:
        challenges.append(challenge)
        return binascii.b2a_base64(next(said, b""), newline=False)

    imap.literal = _Exchange(answer).process
    result: tuple[str, list[bytes | None]] = imap._simple_command("AUTHENTICATE", mechanism)
    return result


class _Exchange:
    """What imaplib wants to be handed: a bound method."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer

    def process(self, challenge: bytes) -> bytes:
        return self._answer(challenge)


def _not_signed_in(
    typ: str, text: str, challenges: list[bytes], client: IMAPClient, settings: ImapSettings
) -> ConnectorError:
    said = told(text)
    if "[PRIVACYREQUIRED]" in text.upper():
        return Refused(f"{settings.server} wants an encrypted connection: {said}", 'Set tls = "starttls".')
    # BAD is for what the server did not understand, or could not do; a few say it of a password, too.
    is_passing = passes(text) or _is_outage(challenges) or (typ == "BAD" and not _REFUSING_WORDS.search(text))
    if is_passing:
        return Busy(f"{settings.server} lets nobody sign in now: {said}", BUSY)
    what = "access token" if settings.auth in _OAUTH else "password"
    sentence = f"{settings.server} refused the {what} of {settings.user}: {said}"
    return SignInNeeded(sentence, _cure(text, client, settings))


def _is_outage(challenges: list[bytes]) -> bool:
    """Tell whether the reason given in a challenge (JSON, RFC 7628, 3.2.2) is that tokens cannot be checked now."""
    for challenge in challenges:
        try:
            status = str(json.loads(binascii.a2b_base64(challenge))["status"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if re.fullmatch(r"5\d\d|429|temporarily_unavailable|server_error", status):
            return True
    return False


def _cure(text: str, client: IMAPClient, settings: ImapSettings) -> str:
    if settings.auth in _OAUTH:
        return (
            "Have a new access token made: it expires within hours, must be this user's, and must allow for IMAP. "
            "The account's password is where it is taken from."
        )
    if "[EXPIRED]" in text.upper():
        return "Set a new password at the provider, and then where this account's password is taken from."
    if "[WEBALERT" in text.upper():
        return "Sign in once in a web browser, and confirm there that it was you."
    cure = "Check user and password; where the provider asks for a second factor, make an application password."
    offered = {name for name in _OAUTH if client.has_capability(f"AUTH={name.upper()}")}
    return f"{cure} {_oauth_cure(offered)}".rstrip()


def _oauth_cure(offered: set[str]) -> str:
    way = next((auth for auth in _OAUTH if auth in offered), None)
    if way is None:
        return ""
    return (
        f'Or sign in by OAuth: kind = "google" or "microsoft", or auth = "{way}" with an access token as the password.'
    )


def _without(sent: Iterable[str], text: str) -> str:
    """Take secrets out of what a server said: some repeat them, as they were sent; and as Python may write that."""
    for secret in sent:
        quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
        for form in (quoted, secret):
            for told in (repr(form.encode())[2:-1], repr(form)[1:-1], form):
                text = text.replace(told, "***") if told else text
    return text
