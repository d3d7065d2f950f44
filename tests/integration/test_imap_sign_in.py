"""Signing in by IMAP: the four ways of a real Dovecot, certificates of an authority of the tests, and refusals."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from keepwarm.connectors.contract import ConnectorError, Later, Refused, SignInNeeded
from keepwarm.connectors.imap import ImapConnector
from keepwarm.storage.observations import Stream
from tests.imap import scripted, settings
from tests.servers.proxy import Proxy
from tests.servers.scripted_imap import ScriptedImap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

INBOX = Stream("INBOX")
OAUTH = ("xoauth2", "oauthbearer")


def streams(account: MailAccount, **others: Any) -> list[Stream]:
    connector = ImapConnector(settings(account, **others))
    try:
        return list(connector.streams())
    finally:
        connector.close()


def offering(*ways: str) -> dict[str, bytes]:
    """Give the answers of a server that offers these ways to sign in, and no others."""
    return {"CAPABILITY": f"* CAPABILITY IMAP4rev1 {' '.join(ways)}\r\nTAG OK done\r\n".encode()}


def said_by(server: ScriptedImap) -> bytes:
    """Give what was said in AUTHENTICATE first, decoded."""
    heard = server.script.heard
    first = next(index for index, line in enumerate(heard) if line.startswith("AUTHENTICATE")) + 1
    return base64.b64decode(heard[first])


# The ways


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("auth", ["any", "plain", *OAUTH])
def test_each_way_signs_in(mail_account: MailAccount, auth: str, tls: str) -> None:
    port = mail_account.server.tls_port if tls == "implicit" else mail_account.server.port
    secret = mail_account.token() if auth in OAUTH else mail_account.password
    assert streams(mail_account, auth=auth, tls=tls, port=port, password=lambda: secret) == [INBOX]


def test_login_signs_in_where_the_password_is_ascii() -> None:
    with ScriptedImap(offering("AUTH=PLAIN")) as server:
        assert scripted(server, auth="login").streams() == [INBOX]
    assert 'LOGIN "me" "secret-word"' in server.script.heard


def test_login_is_refused_by_a_real_server_as_any_other_way_is(mail_account: MailAccount) -> None:
    with pytest.raises(SignInNeeded, match="refused the password"):
        streams(mail_account, auth="login", password=lambda: 'wrong "\\')


@pytest.mark.parametrize("auth", OAUTH)
def test_a_token_that_has_expired_or_is_anothers_is_refused_and_not_spread(
    mail_account: MailAccount, auth: str
) -> None:
    for token in (mail_account.token(valid_for=timedelta(hours=-1)), mail_account.token(key=b"another")):
        with pytest.raises(SignInNeeded, match="refused the access token") as refused:
            streams(mail_account, auth=auth, password=lambda token=token: token)
        assert "access token" in refused.value.what_to_do
        assert token not in str(refused.value)


@pytest.mark.parametrize("auth", OAUTH)
@pytest.mark.parametrize("secret", ["two words", "a\1b", "schlüssel", "line\r\nend"])
def test_what_is_no_token_is_not_sent(auth: str, secret: str) -> None:
    with ScriptedImap(offering(f"AUTH={auth.upper()}")) as server, pytest.raises(SignInNeeded):
        scripted(server, auth=auth, password=lambda: secret).streams()
    assert not any(line.startswith("AUTHENTICATE") for line in server.script.heard)


def test_what_is_said_is_as_the_documents_have_it() -> None:
    with ScriptedImap(offering("AUTH=XOAUTH2", "AUTH=OAUTHBEARER")) as server:
        scripted(server, auth="xoauth2", user="a=b,c@x").streams()
    assert said_by(server) == b"user=a=b,c@x\1auth=Bearer secret-word\1\1"
    with ScriptedImap(offering("AUTH=XOAUTH2", "AUTH=OAUTHBEARER")) as server:
        scripted(server, auth="oauthbearer", user="a=b,c@x").streams()
    where = f"host=127.0.0.1\1port={server.port}\1".encode()
    assert said_by(server) == b"n,a=a=3Db=2Cc@x,\1" + where + b"auth=Bearer secret-word\1\1"


@pytest.mark.parametrize(
    ("auth", "status", "error"),
    [
        ("xoauth2", "401", SignInNeeded),
        ("xoauth2", "400", SignInNeeded),
        ("xoauth2", "503", Later),
        ("oauthbearer", "invalid_token", SignInNeeded),
        ("oauthbearer", "temporarily_unavailable", Later),
    ],
)
def test_the_reason_in_a_challenge_is_answered_and_believed(
    auth: str, status: str, error: type[ConnectorError]
) -> None:
    reason = base64.b64encode(json.dumps({"status": status, "schemes": "bearer"}).encode())
    answers = {**offering(f"AUTH={auth.upper()}"), "CHALLENGE": reason, "LOGIN": b"TAG NO AUTHENTICATE failed.\r\n"}
    with ScriptedImap(answers) as server, pytest.raises(error):
        scripted(server, auth=auth).streams()
    assert server.script.heard[-1] == ("" if auth == "xoauth2" else "AQ==")  # RFC 7628, 3.2.3


@pytest.mark.parametrize("challenge", [b"!!!", b"bm8ganNvbg==", b"W10=", base64.b64encode(b"[" * 5000)])
def test_a_challenge_that_nobody_understands_changes_nothing(challenge: bytes) -> None:
    answers = {**offering("AUTH=XOAUTH2"), "CHALLENGE": challenge, "LOGIN": b"TAG NO AUTHENTICATE failed.\r\n"}
    with ScriptedImap(answers) as server, pytest.raises((SignInNeeded, Later)):
        scripted(server, auth="xoauth2").streams()


@pytest.mark.parametrize("auth", ["plain", "login", *OAUTH])
def test_a_way_that_is_not_offered_is_refused_and_nothing_secret_is_sent(auth: str) -> None:
    with ScriptedImap(offering("LOGINDISABLED", "AUTH=GSSAPI")) as server, pytest.raises(Refused, match=auth):
        scripted(server, auth=auth).streams()
    assert not any(line.startswith(("LOGIN", "AUTHENTICATE")) for line in server.script.heard)


def test_a_server_that_takes_tokens_only_is_told_with_the_way_to_go() -> None:
    answers = offering("LOGINDISABLED", "AUTH=XOAUTH2")
    with ScriptedImap(answers) as server:
        with pytest.raises(Refused) as refused:
            scripted(server, auth="plain").streams()
        assert '"xoauth2"' in refused.value.what_to_do
        with pytest.raises(Refused):
            scripted(server).streams()


def test_a_server_that_knows_who_it_is_gets_no_password() -> None:
    with ScriptedImap({}, b"* PREAUTH hello\r\n") as server:
        assert scripted(server).streams() == [INBOX]
    assert not any(line.startswith(("LOGIN", "AUTHENTICATE")) for line in server.script.heard)


# Certificates


def test_a_certificate_of_a_private_authority_is_trusted_if_it_is_named(mail_account: MailAccount) -> None:
    assert streams(mail_account, host="localhost") == [INBOX]
    with pytest.raises(Refused, match="is not trusted"):
        streams(mail_account, host="localhost", ca_file=None)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_for_another_host_is_refused(mail_account: MailAccount, tls: str) -> None:
    port = mail_account.server.tls_port if tls == "implicit" else mail_account.server.port
    with Proxy(port, "127.0.0.2") as proxy, pytest.raises(Refused, match=r"127\.0\.0\.2.* is not trusted"):
        streams(mail_account, host="127.0.0.2", port=proxy.port, tls=tls)


@pytest.fixture
def expired(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Give the port of a server whose certificate was good until yesterday, and the file of its authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(yesterday - timedelta(days=9))
        .not_valid_after(yesterday)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "server.pem"
    file.write_bytes(certificate + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), connection:
                    context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], file
        listener.shutdown(socket.SHUT_RDWR)


def test_a_certificate_that_has_expired_is_refused(mail_account: MailAccount, expired: tuple[int, Path]) -> None:
    port, ca_file = expired
    with pytest.raises(Refused, match="expired"):
        streams(mail_account, host="localhost", port=port, ca_file=ca_file)


# Somebody in between


@pytest.mark.parametrize(
    ("greeting", "ways"),
    [
        (b"* OK STARTTLS was taken out\r\n", ("AUTH=PLAIN",)),
        (b"* PREAUTH so that there can be no STARTTLS\r\n", ("AUTH=PLAIN", "STARTTLS")),
    ],
)
def test_a_server_whose_starttls_was_taken_out_is_refused_and_gets_no_password(
    greeting: bytes, ways: tuple[str, ...]
) -> None:
    with ScriptedImap(offering(*ways), greeting) as server, pytest.raises(Refused, match="does not offer STARTTLS"):
        scripted(server, tls="starttls").streams()
    assert not any(line.startswith(("LOGIN", "AUTHENTICATE", "LIST")) for line in server.script.heard)


@pytest.mark.parametrize(
    "answer", [b"TAG NO not today\r\n", b"TAG BAD what?\r\n", b"TAG OK go on\r\n* OK in clear\r\n"]
)
def test_a_server_that_does_not_encrypt_after_all_gets_no_password(answer: bytes) -> None:
    answers = {**offering("STARTTLS", "AUTH=PLAIN"), "STARTTLS": answer}
    with ScriptedImap(answers) as server, pytest.raises((Refused, Later)):
        scripted(server, tls="starttls", answer_seconds=1.0).streams()
    assert not any(line.startswith(("LOGIN", "AUTHENTICATE", "LIST")) for line in server.script.heard)
