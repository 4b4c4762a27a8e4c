"""What is done on a Pi and taken back, whichever step breaks: on a Pi of files."""

import errno
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from device.config import Config, load
from provisioning.install.onpi import before, steps
from provisioning.install.onpi.before import Before
from provisioning.install.onpi.kernel import with_memory_limits, without_ours
from provisioning.install.onpi.main import work_off
from provisioning.install.onpi.orders import AGAIN, REMOVE, SAME, Orders
from provisioning.install.onpi.work import Work
from tests.provisioning.install.conftest import LINE, FilePi

Told = list[dict[str, object]]


def done(work: Work) -> Told:
    told: Told = []
    work_off(work, told.append)
    return told


def removed(pi: FilePi, *, keep_state: bool = False) -> Told:
    orders = Orders(run="1", steps=REMOVE, keep_state=keep_state)
    return done(Work(orders, pi.root / "carried", steps_at(pi), pi.run, pi.serves))


def steps_at(pi: FilePi):
    return pi.fresh().at


@pytest.mark.parametrize("card", ["default", "plughw:CARD=Device,DEV=0", "a: [b]\nstate: /tmp", '"'])
def test_a_door_that_shall_hear_says_so_in_its_settings_and_nothing_else(pi: FilePi, card: str) -> None:
    work = pi.fresh()
    work.orders = replace(work.orders, microphone=card)
    done(work)
    config = load(pi.root / "etc/doorward/doorward.yaml")
    assert (config.door.microphone, config.camera.source, config.state) == (card, "pi", Config().state)


def test_a_new_door_moves_in_and_runs(pi: FilePi) -> None:
    told = done(pi.fresh())
    assert told[-1] == {"end": "done", "restart_wanted": True}
    assert [line["step"] for line in told[:-1]] == [
        "packages", "release", "users", "door", "memory", "switch", "up", "ring", "tidy",
    ]  # fmt: skip  # read as a list
    assert pi.running == "1-a"
    assert (pi.root / "etc/doorward/installed").read_text() == f"born={'ab' * 32}\nname=door.local\n"
    assert (pi.root / "etc/doorward/doorward.yaml").read_text() == (
        'camera:\n  source: "pi"\nlink:\n  server_user: doorward-server\n'
    )
    assert (pi.root / "etc/doorward/server.env").read_text() == 'DOORWARD_NAMES="--name door.local"\n'
    assert (pi.root / "boot/firmware/cmdline.txt").read_text() == LINE.replace(
        "\n", " cgroup_enable=memory\n"
    )
    assert "Mechanism=zram" in (pi.root / "etc/rpi/swap.conf.d/80-doorward.conf").read_text()


def test_removing_it_leaves_the_system_as_it_was(pi: FilePi) -> None:
    before_us = pi.looks()
    assert done(pi.fresh())[-1]["end"] == "done"
    assert removed(pi)[-1]["end"] == "done"
    assert pi.looks() == before_us


def test_a_door_that_stays_lives_on_with_the_next_installation(pi: FilePi) -> None:
    done(pi.fresh())
    assert removed(pi, keep_state=True)[-1]["end"] == "done"
    assert (pi.root / "var/lib/doorward/device.key").read_text() == "k"
    assert not (pi.root / "opt/doorward").exists()
    assert "doorward-device" not in pi.groups
    (pi.root / "etc/doorward/doorward.yaml").write_text("mine")
    assert done(pi.carries(steps=AGAIN, release="2-b"))[-1]["end"] == "done"
    assert pi.running == "2-b"
    assert (pi.root / "etc/doorward/doorward.yaml").read_text() == "mine"


def breaking_points(make: Callable[[FilePi], Work], pi: FilePi) -> int:
    """Return how many programs a whole run calls."""
    before_it = len(pi.called)
    assert done(make(pi))[-1]["end"] == "done"
    return len(pi.called) - before_it


@pytest.fixture
def pis(tmp_path: Path, pi: FilePi) -> Callable[[], FilePi]:
    numbers = itertools.count()
    return lambda: FilePi(tmp_path / f"pi-{next(numbers)}")


def test_whichever_program_fails_while_a_door_moves_in_nothing_of_it_stays(pis: Callable[[], FilePi]) -> None:
    for at in range(breaking_points(FilePi.fresh, pis())):
        pi = pis()
        before_us = pi.looks()
        pi.breaks_at = at
        end = done(pi.fresh())[-1]
        if end["end"] == "failed":  # else it was one that may fail
            assert end["is_undone"], (pi.called[at], end)
            assert pi.looks() == before_us, pi.called[at]


def test_whichever_program_fails_while_a_door_is_updated_the_release_before_it_runs(
    pis: Callable[[], FilePi],
) -> None:
    first = pis()
    done(first.fresh())
    for at in range(breaking_points(FilePi.update, first)):
        pi = pis()
        done(pi.fresh())
        before_it = pi.looks()
        pi.breaks_at = len(pi.called) + at
        end = done(pi.update())[-1]
        if end["end"] == "failed":
            assert end["is_undone"], (pi.called[pi.breaks_at], end)
            assert pi.running == "1-a"
            assert pi.looks() == before_it, pi.called[pi.breaks_at]


def test_a_release_that_does_not_come_up_gives_way_to_the_one_before_it(pi: FilePi) -> None:
    done(pi.fresh())
    before_it = pi.looks()
    pi.does_not_serve = {"2-b"}
    end = done(pi.update())[-1]
    assert (end["end"], end["step"], end["is_undone"]) == ("failed", "up", True)
    assert pi.looks() == before_it


def test_a_door_whose_first_release_does_not_come_up_was_never_there(pi: FilePi) -> None:
    before_us = pi.looks()
    pi.does_not_serve = {"1-a"}
    assert done(pi.fresh())[-1]["is_undone"]
    assert pi.looks() == before_us


def test_a_release_that_runs_is_looked_at_and_not_touched(pi: FilePi) -> None:
    done(pi.fresh())
    before_it = pi.looks()
    assert done(pi.carries(steps=SAME, release="1-a")) == [
        {"step": "up"},
        {"end": "done", "restart_wanted": False},
    ]
    pi.does_not_serve = {"1-a"}
    end = done(pi.carries(steps=SAME, release="1-a"))[-1]
    assert end["end"] == "failed"
    assert pi.looks() == before_it


def test_an_update_keeps_the_release_before_it_and_no_older_one(pi: FilePi) -> None:
    done(pi.fresh())
    done(pi.update("2-b"))
    done(pi.update("3-c"))
    assert sorted(path.name for path in (pi.root / "opt/doorward/releases").iterdir()) == ["2-b", "3-c"]


@pytest.mark.parametrize("step", ["fresh", "update"])
def test_a_card_that_is_full_is_said_to_be(pi: FilePi, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    if step == "update":
        done(pi.fresh())
    before_it = pi.looks()

    def full(_archive: object, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tarfile.TarFile.extractall", full)
    end = done(getattr(pi, step)("9-z"))[-1]
    assert (end["step"], end["why"], end["is_undone"]) == ("release", "the card is full", True)
    assert pi.looks() == before_it


def test_a_release_that_does_not_fit_is_not_begun(pi: FilePi, monkeypatch: pytest.MonkeyPatch) -> None:
    before_us = pi.looks()
    monkeypatch.setattr("shutil.disk_usage", lambda _place: type("Usage", (), {"free": 5 << 20}))
    work = pi.fresh()
    work.orders = Orders.read(work.orders.text().replace('"need_bytes": 0', '"need_bytes": 400000000'))
    end = done(work)[-1]
    assert end["why"] == "the card has 5 MiB left, and the release takes 381 MiB"
    assert pi.looks() == before_us


def test_what_somebody_put_there_by_hand_is_not_touched(pi: FilePi) -> None:
    (pi.root / "etc/doorward").mkdir()
    (pi.root / "etc/doorward/doorward.yaml").write_text("mine")
    before_us = pi.looks()
    end = done(pi.fresh())[-1]
    assert (end["step"], end["is_undone"]) == ("claim", True)
    assert "by hand" in str(end["why"])
    assert pi.looks() == before_us


def test_a_cut_before_the_door_is_said_to_be_there_leaves_a_rest_that_the_next_one_replaces(
    pi: FilePi,
) -> None:
    work = pi.fresh()
    work.before.door_begun = True
    work.keep()
    (pi.root / "var/lib/doorward").mkdir()
    (pi.root / "var/lib/doorward/device.key").write_text("of a door whose card was thrown away")
    assert done(pi.fresh())[-1]["end"] == "done"
    assert (pi.root / "var/lib/doorward/device.key").read_text() == "k"


def test_packages_are_taken_away_only_if_nothing_else_needs_them(
    pi: FilePi, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(pi.fresh())
    packages = set(pi.packages)
    real = pi.run

    def needed(*words: str | Path, fails: bool = False) -> str:
        return "Purg alsa-utils [1]\nPurg theirs [1]\n" if "-s" in words else real(*words, fails=fails)

    monkeypatch.setattr(pi, "run", needed)
    removed(pi)
    assert pi.packages == packages


def test_packages_that_came_before_a_power_cut_are_known_to_be_ours(pi: FilePi) -> None:
    work = pi.fresh()
    work.before.packages_before, work.before.groups_before = sorted(pi.packages), sorted(pi.groups)
    work.keep()
    pi.packages |= {"alsa-utils", "libdep"}
    steps.packages(Work(work.orders, work.carried, work.at, pi.run, pi.serves))
    assert Before.read(work.at.record).packages == ["alsa-utils", "libdep"]


@pytest.mark.parametrize("line", ["root=1", "root=1\n", " root=1  quiet \n"])
def test_a_kernels_line_gets_one_word_once_and_loses_it_again(line: str) -> None:
    ours = with_memory_limits(line)
    assert ours.split() == [*line.split(), "cgroup_enable=memory"]
    assert with_memory_limits(ours) == ours
    assert without_ours(ours, line) == line


def test_what_somebody_else_changed_in_the_kernels_line_stays() -> None:
    assert without_ours("root=1 cgroup_enable=memory quiet\n", "root=1\n") == "root=1 quiet\n"
    theirs = "root=1 cgroup_enable=memory\n"
    assert without_ours(theirs, theirs) == theirs


def test_a_text_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text"
    before.put(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        before.put(path, "new")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("text", "old")]


def test_an_update_with_the_same_packages_needs_none_carried(pi: FilePi) -> None:
    done(pi.fresh())
    work = pi.update()
    (work.carried / "locked.tar.gz").unlink()
    assert done(work)[-1]["end"] == "done"
    core = "lib/python3.13/site-packages/numpy/core.py"
    assert (pi.root / "opt/doorward/releases/2-b" / core).samefile(
        pi.root / "opt/doorward/releases/1-a" / core
    )
    done(pi.update("3-c"))
    assert (pi.root / "opt/doorward/current" / core).read_text() == "n"


def test_packages_that_were_not_carried_and_are_not_there_are_missed_before_anything_is_switched(
    pi: FilePi,
) -> None:
    done(pi.fresh())
    (pi.root / "opt/doorward/releases/1-a/packages").write_text("another lock")
    work = pi.update()
    (work.carried / "locked.tar.gz").unlink()
    before_it = pi.looks()
    assert done(work)[-1]["is_undone"]
    assert pi.looks() == before_it
