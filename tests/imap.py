"""IMAP connectors for tests: to a real server's account, and to a scripted one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.connectors.imap import ImapConnector, ImapSettings

if TYPE_CHECKING:
    from tests.servers.dovecot import MailAccount
    from tests.servers.scripted_imap import ScriptedImap


def settings(account: MailAccount, **others: Any) -> ImapSettings:
    """Give the settings for an account on Dovecot, over TLS."""
    server = account.server
    given: dict[str, Any] = {
        "host": server.host,
        "port": server.tls_port,
        "ca_file": server.ca_file,
        "user": account.user,
        "password": lambda: account.password,
    }
    return ImapSettings(**given | others)


def scripted(server: ScriptedImap, **others: Any) -> ImapConnector:
    """Give a connector to a scripted server; its password is secret-word."""
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "tls": "none",
        "user": "me",
        "password": lambda: "secret-word",
    }
    return ImapConnector(ImapSettings(**given | others))


def mail(number: int) -> bytes:
    """Give a message of Ana's to the owner."""
    lines = (
        "From: Ana <ana@acme.example>",
        "To: me@example.com",
        f"Subject: Message {number}",
        "Date: Sun, 01 Mar 2026 09:00:00 +0000",
        f"Message-ID: <{number}@acme.example>",
    )
    return "\r\n".join((*lines, "", "Hello", "")).encode()
