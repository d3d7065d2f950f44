"""What HTTP's troubles mean, and that no sentence tells an address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.connectors.dialling import is_public
from keepwarm.connectors.http_faults import LEAST_WAIT, MOST_WAIT, explained, fault_of, place, wait_of
from keepwarm.connectors.loopback import is_loopback

SECRET = "https://user:pass@cal.example.com:8443/private-0123/basic.ics?token=4567#89"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (SECRET, "https://cal.example.com:8443"),
        ("http://[::1]:80/x", "http://[::1]:80"),
        ("https://host:port/x", "the server"),
        ("http://[::1/x", "the server"),
    ],
)
def test_a_server_is_named_without_user_path_and_query(url: str, told: str) -> None:
    assert place(url) == told


@pytest.mark.parametrize(
    ("written", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("90.5", timedelta(seconds=90.5)),
        ("0", LEAST_WAIT),
        ("-5", timedelta(minutes=5)),
        ("", timedelta(minutes=5)),
        ("soon", timedelta(minutes=5)),
        ("nan", timedelta(minutes=5)),
        ("9" * 12, MOST_WAIT),
        ("9" * 400, timedelta(minutes=5)),
        ("Mon, 02 Mar 2026 10:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 09:00:00 GMT", LEAST_WAIT),
        ("Mon, 02 Mar 2099 09:00:00 GMT", MOST_WAIT),
        ("Mon, 99 Mar 2026 10:10:00 GMT", timedelta(minutes=5)),
    ],
)
def test_retry_after_is_read_within_bounds(written: str, wait: timedelta) -> None:
    assert wait_of({"Retry-After": written, "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}) == wait


def test_a_date_without_the_servers_own_clock_is_measured_by_ours() -> None:
    assert wait_of({"Retry-After": "Mon, 02 Mar 2099 10:00:00 GMT"}) == MOST_WAIT


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
def test_troubles_that_pass_are_tried_again(status: int) -> None:
    fault = fault_of(status, {"Retry-After": "60"}, SECRET)
    assert fault is not None
    assert (fault.after, "private-0123" in str(fault)) == (timedelta(minutes=1), False)


@pytest.mark.parametrize("status", [200, 207, 304, 401, 403, 404, 409, 410, 412, 415, 501, 507])
def test_answers_about_the_request_are_the_callers(status: int) -> None:
    assert fault_of(status, {}, SECRET) is None


def test_a_library_that_repeats_the_address_is_not_quoted() -> None:
    said = explained(ValueError(f"cannot read {SECRET}"), SECRET)
    assert all(part not in str(said) for part in ("private-0123", "4567", "pass"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fec0::1", "ff0e::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_of_networks_of_ones_own_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("localhost", True), ("LOCALHOST", True), ("127.8.9.1", True), ("::1", True), ("localhost.example.com", False)],
)
def test_only_what_is_written_as_this_machine_says_so_by_itself(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own
