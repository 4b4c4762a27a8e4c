"""What phones on the network call this computer, and what nobody can call it."""

import errno
import os
import socket

import pytest

from provisioning.demo.names import NoName, lan_address, lan_name


@pytest.mark.parametrize(
    ("wished", "hostname", "name"),
    [
        ("", "kitchen", "kitchen.local"),
        ("", "Kitchen.example.org", "kitchen.local"),
        ("Front-Door.local", "my_laptop", "front-door.local"),
        ("door.home.arpa", "", "door.home.arpa"),
    ],
)
def test_a_name_is_the_wished_one_or_what_mdns_makes_of_the_computers(
    wished: str, hostname: str, name: str
) -> None:
    assert lan_name(wished, hostname) == name


@pytest.mark.parametrize("hostname", ["my_laptop", "", "küche", "-", "a" * 70, "my laptop"])
def test_a_computer_whose_name_no_certificate_can_have_is_told_how_to_name_it(hostname: str) -> None:
    with pytest.raises(NoName, match="this computer is called") as refused:
        lan_name("", hostname)
    assert "--name doorward.local" in refused.value.hint


@pytest.mark.parametrize("wished", ["my_door.local", "192.168.1.5", "../tls", "door local"])
def test_a_wished_name_that_is_none_is_refused(wished: str) -> None:
    with pytest.raises(NoName, match="is no DNS name"):
        lan_name(wished, "kitchen")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("192.168.1.5", "192.168.1.5"),
        ("10.0.0.7", "10.0.0.7"),
        ("203.0.113.9", ""),
        ("0.0.0.0", ""),
        (None, ""),
    ],
)
def test_an_address_is_told_only_where_the_door_would_answer_it(
    own: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kernel(socket.socket):
        def connect(self, _: tuple[str, int]) -> None:
            if own is None:
                raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

        def getsockname(self) -> tuple[str, int]:
            return own or "", 40_000

    monkeypatch.setattr(socket, "socket", Kernel)
    assert lan_address() == told
