"""What was recorded, destroyed, swapped or cut, with the device's key and without it: nobody is told that everything holds.

The page comes to the same verdicts: tests/contract/test_verdicts.py.
"""

import shutil
from pathlib import Path

import pytest

from device.sealing.identities import HybridIdentity
from provisioning.cli import run
from provisioning.house.genuine import Finding, check_film, read_record
from provisioning.house.house import House
from tests.support.past import Past, live
from tests.support.ways import WAYS, Damage


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Past:
    return live(tmp_path_factory.mktemp("lived") / "state")


@pytest.fixture
def past(lived: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A copy to spoil."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    shutil.copytree(lived.state, tmp_path / "state")
    return Past(lived.household, lived.alice, tmp_path / "state")


def found(past: Past, *identities: HybridIdentity) -> tuple[House, dict[int, Finding]]:
    house = House(past.state, identities)
    return house, {clip: check_film(house, read_record(house, clip)) for clip in house.numbers()}


def test_a_past_that_nobody_spoiled_holds(past: Past) -> None:
    """Or the tests below would pass on a verifier that doubts everything."""
    whole = ["genuine", "interrupted", "genuine", "unrecorded", "genuine", "recording"]
    for identity, verdicts in (
        (past.household.card.open, whole),
        (past.alice.open, ["locked", *whole[1:]]),
        (HybridIdentity.generate(), ["locked"] * 6),
    ):
        house, findings = found(past, identity)
        assert house.troubles == []
        assert [finding.verdict for _, finding in sorted(findings.items())] == verdicts


@pytest.mark.parametrize("damage", WAYS, ids=lambda damage: damage.name)
def test_no_damage_is_told_as_if_everything_held(
    past: Past, damage: Damage, capsys: pytest.CaptureFixture[str]
) -> None:
    damage.do(past)
    for identity, verdict in (
        (past.household.card.open, damage.card),
        (past.alice.open, damage.alice),
    ):
        house, findings = found(past, identity)
        if damage.clip == 0:
            assert house.troubles
        elif verdict is not None:
            assert (findings[damage.clip].verdict, bool(findings[damage.clip].reason)) == (verdict, True)
        if verdict is not None or damage.clip == 0:
            key = past.state.parent / "key.txt"
            key.write_text(identity.secret_text() + "\n")
            assert run(["verify", str(past.state), "-i", str(key)]) == 1
            told = capsys.readouterr().out
            assert "WRONG" in told
            assert "Everything that could be checked holds" not in told


def test_a_clip_is_recording_only_as_the_newest_of_a_run_that_has_not_ended(past: Past) -> None:
    _, findings = found(past, past.household.card.open)
    assert findings[6].verdict == "recording"
    house = House(past.state, [past.household.card.open])
    house.facts[6].is_past = True
    assert read_record(house, 6).verdict == "doubtful"
    house.facts[6].is_past = False
    house.facts[7] = house.facts[5]
    assert read_record(house, 6).verdict == "doubtful"
