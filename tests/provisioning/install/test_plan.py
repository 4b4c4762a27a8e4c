"""From what a computer says of itself to a plan, or to a sentence that refuses."""

import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from provisioning.install.onpi.orders import AGAIN, FRESH, REMOVE, SAME, UPDATE, Installed, Orders
from provisioning.install.plan import Refused, Wishes, check_computer, plan
from provisioning.install.survey import QUESTIONS, Facts, read_facts
from tests.provisioning.install.conftest import PI

NEW = Wishes(has_card=True)
LIVES = replace(PI, born="ab" * 32, name="door.local", current="1-a", https=True)


def said(facts: Facts | None, wishes: Wishes = NEW, release: str = "2-b") -> str:
    with pytest.raises(Refused) as refused:
        plan(check_computer(facts, wishes), release, wishes)
    return str(refused.value)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (None, "what answers there is no Raspberry Pi"),
        (replace(PI, system="Darwin"), "what answers there is no Raspberry Pi"),
        (replace(PI, model="", os="OpenWrt 24"), "it is no Raspberry Pi: it says that it is “OpenWrt 24”"),
        (replace(PI, model="Orange Pi 5"), "it says that it is “Orange Pi 5”"),
        (replace(PI, architecture="armhf"), "made for “armhf”, and a door needs arm64"),
        (replace(PI, architecture="", machine="armv6l"), "made for “armv6l”"),
        (replace(PI, architecture="amd64"), "made for “amd64”"),
        (replace(PI, release="bookworm", os="Debian 12 (bookworm)", python="3.11"), "with Python “3.11”"),
        (replace(PI, release="forky", os="Debian 14", python="3.14"), "needs Raspberry Pi OS 13 (trixie) with Python 3.13"),
        (replace(PI, python=""), "with Python “none”"),
        (replace(PI, init="init"), "it runs"),
        (replace(PI, sudo="none"), "there is no sudo"),
        (replace(PI, read_only=True), "cannot be written to"),
        (replace(PI, foreign="/etc/doorward"), "“/etc/doorward” was put there by hand"),
        (replace(PI, https=True), "another program there has port 443"),
        (replace(PI, free_kb=500_000), "its card has 488 MiB left, and 878 MiB are needed"),
        (replace(PI, home_free_kb=1_000), "no room for what has to be carried: 0 MiB"),
        (replace(PI, host="my_pi"), "is not a DNS name"),
    ],
)  # fmt: skip  # a table
def test_a_computer_that_will_not_do_is_told_why(facts: Facts | None, sentence: str) -> None:
    assert sentence in said(facts)


def test_every_refusal_says_what_to_do_about_it() -> None:
    for facts in (None, replace(PI, model=""), replace(PI, read_only=True), replace(PI, https=True)):
        with pytest.raises(Refused) as refused:
            plan(check_computer(facts, NEW), "2-b", NEW)
        assert refused.value.hint


def test_a_pi_without_a_door_gets_one_that_is_named_after_it() -> None:
    what = plan(check_computer(PI, NEW), "2-b", NEW)
    assert (what.kind, what.steps, what.name, what.machine) == (
        "fresh",
        FRESH,
        "raspberrypi.local",
        "aarch64",
    )
    assert {"python3-picamera2", "python3-libcamera", "python3-libgpiod", "alsa-utils"} <= set(what.packages)


def test_a_new_door_needs_a_name_and_a_place_for_its_card() -> None:
    assert said(PI, Wishes()) == "no door lives there yet"


def test_a_door_that_lives_there_is_updated_and_keeps_its_name() -> None:
    what = plan(LIVES, "2-b", Wishes())
    assert (what.kind, what.steps, what.name) == ("update", UPDATE, "door.local")


@pytest.mark.parametrize("there", [LIVES, replace(LIVES, current="", https=False)])
def test_an_update_does_not_give_a_door_ears_and_says_where_that_is_written(there: Facts) -> None:
    assert "a door lives there, and whether it hears" in said(there, Wishes(microphone="default"))


def test_an_update_never_needs_the_port_that_the_door_has() -> None:
    assert plan(LIVES, "2-b", Wishes()).kind == "update"


def test_a_release_that_runs_is_only_looked_at_even_on_a_full_card() -> None:
    what = plan(replace(LIVES, free_kb=0, home_free_kb=0), "1-a", Wishes())
    assert (what.kind, what.steps) == ("same", SAME)


def test_a_door_that_stayed_alone_comes_back_without_a_new_card() -> None:
    what = plan(replace(LIVES, current="", https=False), "2-b", Wishes())
    assert (what.kind, what.steps) == ("again", AGAIN)
    assert "door" in what.steps
    assert "ring" not in what.steps


def test_a_door_is_not_moved_to_another_address() -> None:
    assert "the door there is https://door.local" in said(LIVES, Wishes(url="https://other.local"))
    assert plan(LIVES, "2-b", Wishes(url="https://door.local")).name == "door.local"


@pytest.mark.parametrize(
    "url", ["http://door.local", "https://door.local:8443", "https://192.168.1.5", "https://Ä"]
)
def test_an_address_that_no_door_can_have_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        plan(PI, "2-b", replace(NEW, url=url))


def test_a_computer_that_is_no_pi_will_do_if_that_is_wished() -> None:
    other = replace(PI, model="", architecture="amd64", machine="x86_64")
    wishes = replace(NEW, any_computer=True, camera="scene")
    what = plan(check_computer(other, wishes), "2-b", wishes)
    assert (what.kind, what.machine, what.is_pi) == ("fresh", "x86_64", False)
    assert "python3-picamera2" not in what.packages
    assert "needs Debian 13" in said(replace(other, release="sid"), wishes)


def test_what_is_there_is_removed_and_what_is_not_is_said_not_to_be() -> None:
    assert plan(LIVES, "", Wishes(removes=True)).steps == REMOVE
    assert said(PI, Wishes(removes=True)) == "no door of ours is installed there"
    assert said(replace(PI, foreign="/opt/doorward"), Wishes(removes=True)).endswith("not ours to change")


def test_a_door_is_taken_away_whatever_became_of_the_system() -> None:
    wishes = Wishes(removes=True)
    assert (
        plan(check_computer(replace(LIVES, release="forky", python="3.14"), wishes), "", wishes).kind
        == "remove"
    )
    assert "there is no sudo" in said(replace(LIVES, sudo="none"), wishes)


def test_this_very_computer_answers_every_question() -> None:
    done = subprocess.run(["sh", "-c", QUESTIONS], capture_output=True, text=True, check=False)
    facts = read_facts(done.stdout)
    assert facts is not None, done.stderr
    assert (facts.system, facts.machine, facts.uid) == (os.uname().sysname, os.uname().machine, os.getuid())
    assert facts.free_kb > 0
    assert not facts.busy


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_the_questions_are_for_any_shell(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    called = [shell, "sh"] if shell == "busybox" else [shell]
    done = subprocess.run([*called, "-c", QUESTIONS], capture_output=True, text=True, check=False)
    assert read_facts(done.stdout) is not None, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    "answer", ["", "bash: sh: command not found\n", "doorward-system=Linux\n", "\0\N{SNOWMAN}"]
)
def test_an_answer_that_is_none_or_was_cut_off_is_no_fact(answer: str) -> None:
    assert read_facts(answer) is None


def test_a_strangers_numbers_are_numbers_or_nothing() -> None:
    facts = read_facts(
        "doorward-free_kb=9e9\ndoorward-uid=-1\ndoorward-https=x\ndoorward-busy=failed\ndoorward-end=yes\n"
    )
    assert facts == Facts(sudo="")


def test_orders_are_read_as_they_were_written() -> None:
    orders = Orders(
        "1", FRESH, "1-a", "a", "b", 5, ("c",), "pi", "door.local", "ab", is_pi=True, up_within_s=2.0
    )
    assert Orders.read(orders.text()) == orders
    assert Installed.read(Installed("ab", "door.local").text()) == Installed("ab", "door.local")
