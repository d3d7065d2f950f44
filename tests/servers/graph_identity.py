"""The Microsoft identity platform of the tests' own (OpenID Connect, RFC 6749, RFC 8628), over TLS on loopback.

msal talks to https authorities only. Whoever opens the address of the sign-in page is taken for the user, who agrees.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import requests

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from tests.servers.graph import Graph

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-8888-7777-6666-555555555555"
USER = "me@example.com"
LASTS = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Failure:
    """What the token endpoint answers instead."""

    status: int = 400
    error: str = "invalid_grant"
    description: str = ""
    suberror: str = ""


REVOKED = Failure(description="AADSTS50173: The provided grant has expired due to it being revoked.", suberror="")
EXPIRED = Failure(description="AADSTS700082: The refresh token has expired.", suberror="token_expired")
POLICY = Failure(
    error="interaction_required",
    description="AADSTS53000: Device is not in required device state: compliant (Conditional Access).",
    suberror="message_only",
)
MFA = Failure(
    description="AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor "
    "authentication to access it.",
    suberror="basic_action",
)
CONSENT = Failure(
    description="AADSTS65001: The user or administrator has not consented to use the application.",
    suberror="consent_required",
)
NO_SUCH_SCOPE = Failure(
    error="invalid_scope",
    description="AADSTS70011: The provided value for the input parameter 'scope' is not valid.",
)
OUT = Failure(status=503, error="temporarily_unavailable", description="AADSTS90033: A transient error has occurred.")


@dataclass(slots=True)
class Identity:
    """The running server; tokens that it gives are good for ``graph``. ``fails`` is answered instead of tokens."""

    graph: Graph
    tls: ssl.SSLContext
    ca_file: Path
    fails: Failure | None = None
    page_fails: Failure | None = None  # what the sign-in page sends back instead of a code
    pending: int = 1  # how often a device must ask before the user has agreed
    grants: list[str] = field(default_factory=list)  # kinds of grant that were asked for, in order
    asked_scopes: list[str] = field(default_factory=list)
    lasts: int = LASTS
    user: str = USER  # the sign-in name of whoever signs in
    oid: str = "user"
    tenant: str = TENANT
    also: frozenset[str] = frozenset()  # names of scopes that are granted beyond what was asked for
    withheld: frozenset[str] = frozenset()  # names of scopes that are not granted
    knows_tenant: bool = True
    spends: bool = False  # a refresh token is good for one use
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)  # scopes by token
    _device: dict[str, str] = field(default_factory=dict)
    _server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        identity = self

        class Handler(_Handler):
            site = identity

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def authority(self) -> str:
        return f"{self.origin}/common"

    def revoke(self) -> None:
        """Forget all grants."""
        self._refresh.clear()
        self.graph.scopes_of.clear()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # The pages.

    def configuration(self) -> dict[str, Any]:
        base = f"{self.origin}/{TENANT}"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "response_modes_supported": ["query", "fragment", "form_post"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Sign the user in: a page whose form posts the answer to the client, as response_mode=form_post asks."""
        answer = {"state": query.get("state", "")}
        if self.page_fails is not None:
            answer |= {"error": self.page_fails.error, "error_description": self.page_fails.description}
        else:
            code = secrets.token_hex(8)
            self._codes[code] = query
            answer |= {"code": code}
        fields = "".join(f'<input type="hidden" name="{name}" value="{html.escape(v)}">' for name, v in answer.items())
        return f'<form method="post" action="{html.escape(query["redirect_uri"])}">{fields}</form>'

    def device(self, form: dict[str, str]) -> dict[str, Any]:
        code = secrets.token_hex(8)
        self._device[code] = form["scope"]
        return {
            "user_code": "ABCD-1234",
            "device_code": code,
            "verification_uri": f"{self.origin}/device",
            "expires_in": 900,
            "interval": 1,
            "message": f"To sign in, open {self.origin}/device and enter the code ABCD-1234.",
        }

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.grants.append(form["grant_type"])
        if self.fails is not None:
            return self.fails.status, {
                "error": self.fails.error,
                "error_description": self.fails.description,
                "suberror": self.fails.suberror,
            }
        match form["grant_type"]:
            case "authorization_code":
                asked = self._codes.pop(form["code"])
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
                    return 400, {"error": "invalid_grant", "error_description": "AADSTS501481: wrong code_verifier."}
                return 200, self._given(asked["scope"], asked.get("nonce", ""))
            case "refresh_token":
                if form["refresh_token"] not in self._refresh:
                    return 400, {"error": "invalid_grant", "error_description": REVOKED.description}
                if self.spends:
                    del self._refresh[form["refresh_token"]]
                return 200, self._given(form["scope"])
            case _:
                if self.pending > 0:
                    self.pending -= 1
                    return 400, {"error": "authorization_pending", "error_description": "AADSTS70016: pending."}
                return 200, self._given(self._device.pop(form["device_code"]))

    def _given(self, scope: str, nonce: str = "") -> dict[str, Any]:
        access, refresh = f"access-{secrets.token_hex(8)}", f"refresh-{secrets.token_hex(8)}"
        self.asked_scopes.append(scope)
        self._refresh[refresh] = scope
        asked = {one: one.rpartition("/")[2] for one in scope.split()}
        left_out = {"openid", "profile", "offline_access", *self.withheld}
        granted = [one for one, name in asked.items() if name not in left_out]  # as they were asked for
        granted += sorted(self.also)
        self.graph.scopes_of[access] = (frozenset(asked.values()) | self.also) - left_out
        claims = {"aud": CLIENT_ID, "oid": self.oid, "tid": self.tenant, "preferred_username": self.user}
        claims |= {"iss": f"{self.origin}/{TENANT}/v2.0", "sub": self.oid, "exp": 4_000_000_000, "iat": 0}
        claims["nonce"] = nonce
        return {
            "token_type": "Bearer",
            "scope": " ".join(granted),
            "expires_in": self.lasts,
            "access_token": access,
            "refresh_token": refresh,
            "id_token": f"{_encoded({'alg': 'none'})}.{_encoded(claims)}.",
            "client_info": _encoded({"uid": self.oid, "utid": self.tenant}),
        }


def _encoded(what: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # header and body go in two pieces: the second would wait for the first
    site: Identity

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return  # a client that does not trust the certificate leaves at once

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/.well-known/openid-configuration"):
            if not self.site.knows_tenant:
                self._reply(400, json.dumps({"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant."}))
                return
            self._reply(200, json.dumps(self.site.configuration()))
        elif parts.path.endswith("/authorize"):
            self._reply(200, self.site.authorize(dict(parse_qsl(parts.query))), "text/html")
        else:
            self._reply(404, "{}")

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if self.path.endswith("/devicecode"):
            self._reply(200, json.dumps(self.site.device(form)))
        else:
            status, body = self.site.token(form)
            self._reply(status, json.dumps(body))

    def _reply(self, status: int, text: str, kind: str = "application/json") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def browse(address: str, ca_file: Path) -> None:
    """Do what a browser does with a page of the sign-in: open it, and send its form off."""
    page = requests.get(address, verify=str(ca_file), timeout=10).text
    target = re.findall(r'action="([^"]+)"', page)[0]
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page)}
    requests.post(html.unescape(target), data=fields, timeout=10)
