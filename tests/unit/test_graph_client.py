"""What the answers of Graph mean: sign in again, a permission is missing, there is no mailbox, later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.connectors.graph_client import GraphClient
from keepwarm.connectors.graph_mail import GraphMail, MailSettings
from tests.microsoft import keys, message, pull
from tests.servers.graph import READ_BASIC, Told, error

if TYPE_CHECKING:
    from tests.microsoft import Microsoft


def test_an_access_token_that_is_over_is_replaced_once(microsoft: Microsoft) -> None:
    microsoft.mailbox.add(message(1))
    microsoft.graph.scopes_of["second"] = READ_BASIC
    asked: list[bool] = []

    def token(fresh: bool) -> str:
        asked.append(fresh)
        return "second" if True in asked else "over"

    connector = GraphMail(GraphClient(microsoft.graph.url, token, "work"), MailSettings())
    assert len(keys(pull(connector))) == 1
    assert asked.count(True) == 1


def test_a_token_that_ends_in_the_middle_of_a_reading_is_replaced_once(microsoft: Microsoft) -> None:
    for number in range(450):
        microsoft.mailbox.add(message(number))
    current = ["first"]
    microsoft.graph.scopes_of |= {"first": READ_BASIC}

    def token(fresh: bool) -> str:
        if fresh:
            current.append("second")
        return current[-1]

    connector = GraphMail(GraphClient(microsoft.graph.url, token, "work"), MailSettings())
    [stream] = [one for one in connector.streams() if one.name == "inbox"]
    pages = connector.pull(stream, None)
    found = keys([next(pages)])
    del microsoft.graph.scopes_of["first"]
    microsoft.graph.scopes_of["second"] = READ_BASIC
    assert len(found + keys(pages)) == 450
    assert current == ["first", "second"]
    del microsoft.graph.scopes_of["second"]
    with pytest.raises(SignInNeeded):
        list(connector.pull(stream, None))
    assert current == ["first", "second", "second"]


def test_a_token_that_stays_refused_asks_for_a_sign_in(microsoft: Microsoft) -> None:
    connector = GraphMail(GraphClient(microsoft.graph.url, lambda fresh: "nobody's", "work"), MailSettings())
    with pytest.raises(SignInNeeded) as told:
        connector.streams()
    assert told.value.what_to_do == "Run `keepwarm login work`."


def test_conditional_access_in_mid_session_has_its_own_sentence(microsoft: Microsoft) -> None:
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJ9"'
    microsoft.graph.next += [error(401, "InvalidAuthenticationToken", WWW_Authenticate=challenge)] * 2
    with pytest.raises(SignInNeeded, match="conditional access"):
        microsoft.mail().streams()


def test_a_missing_permission_is_named(microsoft: Microsoft) -> None:
    microsoft.graph.next.append(error(403, "ErrorAccessDenied"))
    with pytest.raises(Refused, match=r"Mail\.ReadBasic") as told:
        microsoft.mail().streams()
    assert "keepwarm login work" in told.value.what_to_do
    microsoft.graph.next.append(error(403, "ErrorAccessDenied"))
    with pytest.raises(Refused, match=r"Calendars\.ReadBasic"):
        microsoft.calendar().streams()


def test_an_account_without_a_mailbox_is_told(microsoft: Microsoft) -> None:
    microsoft.graph.next.append(error(404, "MailboxNotEnabledForRESTAPI"))
    with pytest.raises(Refused, match="no mailbox"):
        microsoft.mail().streams()


def test_a_folder_that_is_gone_is_noticed(microsoft: Microsoft) -> None:
    connector = microsoft.mail()
    connector.streams()
    microsoft.graph.next.append(error(404, "ErrorItemNotFound"))
    with pytest.raises(Later):
        pull(connector)


@pytest.mark.parametrize("body", [None, [], {"value": 7}, "x", {"value": []}])
def test_an_answer_that_means_nothing_is_waited_out(microsoft: Microsoft, body: object) -> None:
    connector = microsoft.mail()
    connector.streams()
    microsoft.graph.next.append(Told(body=body))
    with pytest.raises(Later):
        pull(connector)


def test_what_the_server_says_of_an_error_is_not_repeated(microsoft: Microsoft) -> None:
    microsoft.graph.next.append(error(400, "Bad\x1b[31m", "secret address https://graph.example/x?token=1"))
    with pytest.raises(Refused) as told:
        microsoft.mail().streams()
    assert "token" not in str(told.value)
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("https://graph.example/v1.0/me?$skiptoken=1", True),
        ("https://graph.example:443/beta", True),
        ("http://graph.example/v1.0/me", False),
        ("https://graph.example.evil.example/v1.0", False),
        ("https://graph.example@evil.example/v1.0", False),
        ("https://graph.example:8443/v1.0", False),
        ("https://graph.example:port/v1.0", False),
        ("/v1.0/me", False),
    ],
)
def test_the_token_goes_to_the_configured_service_alone(address: str, own: bool) -> None:
    client = GraphClient("https://Graph.Example/v1.0/", lambda fresh: "any", "work")
    assert client.is_own(address) is own
