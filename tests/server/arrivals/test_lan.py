"""Who may speak: the pure rules, example by example and for whatever Hypothesis thinks of."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.arrivals.lan import Asked, House, Place, is_lan, refusal

HOUSE = House(frozenset({"door.local"}), is_tls=True)
GOOD = Asked(Place.PAGE, "192.168.1.20", "192.168.1.7", 443, "/", "GET", False, ["door.local"])


def code(**changed: object) -> str | None:
    refused = refusal(replace(GOOD, **changed), HOUSE)
    return None if refused is None else refused.code


@pytest.mark.parametrize(
    "peer",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.7.7", "::1", "fe80::1%eth0",
     "fd00::7", "::ffff:192.168.1.2"],
)  # fmt: skip  # a list of addresses
def test_peers_of_this_network_may_speak(peer: str) -> None:
    assert is_lan(peer)
    assert code(peer=peer) is None


@pytest.mark.parametrize(
    "peer",
    ["8.8.8.8", "172.32.0.1", "172.15.255.255", "192.169.0.1", "100.64.0.1", "192.0.2.1", "198.18.0.1", "0.0.0.0",
     "224.0.0.1", "2001:db8::1", "2a00::1", "::", "::ffff:8.8.8.8", "ff02::1", "", "door.local", "192.168.1"],
)  # fmt: skip
def test_peers_from_elsewhere_may_not(peer: str) -> None:
    assert not is_lan(peer)
    assert code(peer=peer) == "not_lan"


@pytest.mark.parametrize(
    "host", ["door.local", "DOOR.local", "door.local:443", "192.168.1.7", "192.168.1.7:443"]
)
def test_our_own_names_are_ours(host: str) -> None:
    assert code(host=[host]) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "door.local.evil.example", "door.local:80", "192.168.1.8", "localhost", "door.local:443:443",
     "door.local@evil.example", "", "door.local ", "door.local\t", "[::1]", "door.local:99999", "dоor.local"],
)  # fmt: skip
def test_a_rebound_or_foreign_name_is_refused(host: str) -> None:
    assert code(host=[host]) == "foreign_host"


def test_no_host_and_two_hosts_are_refused() -> None:
    assert code(host=[]) == "foreign_host"
    assert code(host=["door.local", "door.local"]) == "foreign_host"


def test_an_absolute_target_is_refused_whatever_host_says() -> None:
    assert code(target="http://evil.example/") == "foreign_host"
    assert code(target="*") == "foreign_host"


def test_localhost_is_ours_on_loopback_only() -> None:
    assert code(peer="127.0.0.1", local="127.0.0.1", host=["localhost"]) is None
    assert code(peer="::1", local="::1", host=["localhost"]) is None
    assert code(host=["localhost"]) == "foreign_host"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://door.local", "https://door.local:8443", "null", "https://door.local.evil.example",
     "https://192.168.1.7", "chrome-extension://abc", "https://door.local/", ""],
)  # fmt: skip
def test_another_origin_is_refused(origin: str) -> None:
    assert code(origin=[origin]) == "foreign_origin"


def test_our_origin_is_taken_once() -> None:
    assert code(origin=["https://door.local"], place=Place.DOOR) is None
    assert code(origin=["https://door.local"] * 2) == "foreign_origin"


@pytest.mark.parametrize("place", Place)
def test_a_page_elsewhere_reaches_nothing(place: Place) -> None:
    """Forms, links, images, fetches, frames and sockets of other pages all say where they come from."""
    for site in ("cross-site", "same-site"):
        for mode, dest in (
            ("navigate", "document"),
            ("no-cors", "image"),
            ("cors", "empty"),
            ("websocket", "websocket"),
        ):
            assert code(place=place, site=[site], mode=[mode], dest=[dest]) == "cross_site"


def test_a_typed_address_reaches_the_page_and_nothing_else() -> None:
    typed = {"site": ["none"], "mode": ["navigate"], "dest": ["document"]}
    assert code(**typed) is None
    for place in (Place.ASSET, Place.DOOR, Place.SEALED):
        assert code(place=place, **typed) == "cross_site"
    assert code(site=["none"], mode=["navigate"], dest=["iframe"]) == "cross_site"
    assert code(site=["none"], mode=["no-cors"]) == "cross_site"


def test_nothing_changes_by_http() -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "get"):
        assert code(method=method) == "bad_method"
    assert code(method="HEAD") is None
    assert code(method="HEAD", place=Place.DOOR) == "bad_method"
    assert code(has_body=True) == "body"


texts = st.text(max_size=60) | st.sampled_from(
    [
        "door.local",
        "door.local:443",
        "https://door.local",
        "none",
        "same-origin",
        "navigate",
        "document",
        "127.0.0.1",
    ]
)
lists = st.lists(texts, max_size=3)


@given(
    st.builds(
        Asked,
        place=st.sampled_from(Place), peer=texts, local=texts, local_port=st.integers(0, 65535), target=texts,
        method=texts, has_body=st.booleans(), host=lists, origin=lists, site=lists, mode=lists, dest=lists,
    )
)  # fmt: skip
def test_whatever_is_let_in_is_from_here_for_us_and_changes_nothing(asked: Asked) -> None:
    if refusal(asked, HOUSE) is None:
        assert is_lan(asked.peer)
        assert len(asked.host) == 1
        assert asked.method in ("GET", "HEAD")
        assert not asked.has_body
        assert list(asked.site) in ([], ["same-origin"], ["none"])
        assert all(origin.lower().startswith("https://") for origin in asked.origin)
