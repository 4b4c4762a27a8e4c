"""What systemd and the kernel make of the units: how exposed each is, whether they fit together, and what may leave the Pi."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
SERVICES = {"doorward-device": 0.6, "doorward-server": 1.2}
OFF = "# Stays off:"


def needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; scripts/test installs it")


def directives(service: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (UNITS / f"{service}.service").read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(("service", "at_most"), SERVICES.items())
def test_systemd_judges_a_service_to_be_hardly_exposed(service: str, at_most: float) -> None:
    needs("systemd-analyze")
    unit = UNITS / f"{service}.service"
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", unit],
        capture_output=True,
        text=True,
        check=True,
    )
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert score is not None, done.stdout + done.stderr
    assert float(score[1]) <= at_most, done.stdout


def test_systemd_finds_no_fault_in_any_unit(tmp_path: Path) -> None:
    needs("systemd-analyze")
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/doorward/current/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)
    units = sorted(path for path in tmp_path.iterdir() if path.suffix in (".service", ".socket", ".target"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stderr.splitlines() if "doorward" in line]
    assert told == []
    assert done.returncode == 0, done.stderr


def test_the_device_has_no_network_and_the_server_neither_device_nor_recordings() -> None:
    device, server = directives("doorward-device"), directives("doorward-server")
    assert device["PrivateNetwork"] == ["yes"]
    assert device["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert device["CapabilityBoundingSet"] == server["CapabilityBoundingSet"] == [""]
    assert device["LimitMEMLOCK"] == ["infinity"], "or its pages could not be locked"
    assert "-/etc/doorward/tls" in device["InaccessiblePaths"][0]
    assert server["PrivateDevices"] == ["yes"]
    assert server["SocketBindDeny"] == ["any"]
    assert "/var/lib/doorward" in server["InaccessiblePaths"][0]
    assert {name.split()[0] for name in device["DeviceAllow"]} == {
        "char-video4linux", "char-media", "char-dma_heap", "char-gpiochip", "char-alsa",
    }  # fmt: skip  # read as a list


def test_the_port_is_for_the_lan_as_the_server_is() -> None:
    """The kernel holds a passed port to the rule of the unit that opened it."""
    port = (UNITS / "doorward-server.socket").read_text()
    server = directives("doorward-server")
    assert "IPAddressDeny=any\n" in port
    assert f"IPAddressAllow={server['IPAddressAllow'][0]}\n" in port


@pytest.mark.parametrize("service", SERVICES)
def test_a_hang_is_restarted_and_the_watchdog_waits_longer_than_a_slow_card(service: str) -> None:
    found = directives(service)
    assert (found["Type"], found["WatchdogSec"], found["Restart"]) == (["notify"], ["60s"], ["always"])


@pytest.mark.parametrize("service", SERVICES)
def test_each_directive_that_stays_off_has_its_reason(service: str) -> None:
    text = (UNITS / f"{service}.service").read_text()
    reasons = text[text.index(OFF) :]
    found = directives(service)
    usual = ["PrivateNetwork", "PrivateDevices", "PrivateUsers", "RootDirectory", "DynamicUser"]
    for name in usual:
        assert (name in found) != (f"{name}:" in reasons or f"{name}," in reasons), name


def test_the_users_are_those_of_the_units_and_meet_at_the_links_group_alone() -> None:
    made = (UNITS / "doorward.sysusers").read_text()
    for service in SERVICES:
        [user] = directives(service)["User"]
        assert f"u {user} " in made
        assert f"m {user} doorward-link" in " ".join(made.split(" ")).replace("  ", " ")
    assert re.search(
        r"d /run/doorward +2750 doorward-device doorward-link", (UNITS / "doorward.tmpfiles").read_text()
    )


def test_systemd_makes_both_users_and_understands_every_line(tmp_path: Path) -> None:
    needs("systemd-sysusers")
    (tmp_path / "etc").mkdir()
    done = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", UNITS / "doorward.sysusers"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    users = (tmp_path / "etc" / "passwd").read_text()
    assert {line.split(":")[0] for line in users.splitlines()} >= {"doorward-device", "doorward-server"}


IN_A_NAMESPACE = """
set -e
ip link set lo up
ip link add lan type veth peer name wire
ip link set lan up
ip link set wire up
ip addr add 192.168.77.2/24 dev lan
ip route add default via 192.168.77.1
for at in 192.168.77.1 192.168.77.9; do ip neigh add $at lladdr 02:00:00:00:00:01 dev lan; done
nft -f "$1"
exec "$2" -c "$3"
"""
SENDS = """
import socket, struct
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
wire.bind(("wire", 0))
wire.settimeout(20)
def send(to):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        try:
            speaker.sendto(b"doorward test", (to, 4242))
        except PermissionError:
            pass
for to in ("8.8.8.8", "1.1.1.1", "100.64.0.1", "172.32.0.1", "192.168.77.9"):
    send(to)
seen = []
while "192.168.77.9" not in seen:
    packet = wire.recv(2000)
    if b"doorward test" in packet:
        seen.append(socket.inet_ntoa(packet[30:34]))
print(seen)
"""


def test_the_packet_rules_let_nothing_out_that_is_not_for_the_lan() -> None:
    needs("unshare", "ip", "nft")
    rules = UNITS / "doorward.nft"
    done = subprocess.run(
        ["unshare", "--net", "--", "sh", "-c", IN_A_NAMESPACE, "sh", rules, sys.executable, SENDS],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and re.search(
        r"not permitted|not supported|denied|No such file|Unknown device", done.stderr
    ):
        pytest.skip(f"no network namespace with packet rules here: {done.stderr.strip()[:200]}")
    assert done.stdout == "['192.168.77.9']\n", done.stderr
