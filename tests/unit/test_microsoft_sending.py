"""The report by Graph: MIME, once, and only with the right to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.daemon.microsoft_sending import send
from tests.servers.graph import error
from tests.servers.graph_mail import Mailbox
from tests.signing import account_of, signing_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing import Signing

SENDING = "[report]\nvia = 'microsoft'"
MAIL = "To: me@example.com\r\nMessage-ID: <week-47@keepwarm>\r\n\r\nAll quiet, ö.\r\n".encode()


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    with signing_at(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def mailbox(signing: Signing) -> Mailbox:
    found = Mailbox()
    signing.graph.parts.append(found)
    return found


def sent(signing: Signing, more: str = SENDING) -> str:
    settings = signing.settings(more)
    return send(account_of(settings), settings, MAIL)


def test_a_mail_is_sent_as_it_is(signing: Signing, mailbox: Mailbox) -> None:
    signing.sign_in(SENDING)
    assert sent(signing) == "request-1"
    assert mailbox.sent == [MAIL]


def test_what_may_have_been_done_is_not_done_again_by_itself(signing: Signing, mailbox: Mailbox) -> None:
    signing.sign_in(SENDING)
    signing.graph.next += [error(503, "serviceNotAvailable")] * 9
    with pytest.raises(Later):
        sent(signing)
    assert signing.graph.paths() == ["/me/sendMail"]
    assert mailbox.sent == []


def test_a_token_that_is_over_is_replaced_as_nothing_was_done_with_it(signing: Signing, mailbox: Mailbox) -> None:
    signing.sign_in(SENDING)
    signing.graph.next.append(error(401, "InvalidAuthenticationToken"))
    sent(signing)
    assert mailbox.sent == [MAIL]


def test_the_right_to_send_is_asked_for_only_where_it_is_used(signing: Signing, mailbox: Mailbox) -> None:
    signing.sign_in()
    assert "Mail.Send" not in signing.identity.asked_scopes[-1]
    signing.identity.withheld = frozenset({"Mail.Send"})
    with pytest.raises((Refused, SignInNeeded)) as told:
        sent(signing)
    assert "keepwarm login work" in told.value.what_to_do
    assert mailbox.sent == []


def test_a_mailbox_that_may_not_send_is_told(signing: Signing, mailbox: Mailbox) -> None:
    signing.sign_in(SENDING)
    signing.graph.next.append(error(403, "ErrorAccessDenied"))
    with pytest.raises(Refused, match=r"Mail\.Send"):
        sent(signing)
    assert mailbox.sent == []
