"""The command: a line for each thing, what to do under it, and an exit code for whoever asks by a program."""

import json
import threading
from pathlib import Path

import pytest

from device.contract.local import Ail, Answer, Health, Question, SelfTest, beside
from device.disk.ledger_file import HEAD
from device.door.local import Local
from provisioning.cli import run
from tests.provisioning.conftest import Furnished


@pytest.fixture
def config(furnished: Furnished, tmp_path: Path) -> Path:
    path = tmp_path / "doorward.yaml"
    path.write_text(f"state: {furnished.state}\nlink: {{socket: {tmp_path / 'link'}}}\n")
    return path


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    return {one["subject"]: one for one in json.loads(capsys.readouterr().out)}


def test_a_door_that_does_not_run_is_a_fault_and_the_rest_is_told_all_the_same(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--config", str(config), "--json"]) == 1
    found = findings(capsys)
    assert found["device"]["level"] == "fault"
    assert "no door answers here" in found["device"]["says"]
    assert found["record"]["level"] == "ok"
    assert found["camera"]["says"].startswith("the drawn doorstep")
    assert {"card", "room", "power", "heat", "swap", "clock", "network"} <= set(found)
    assert "certificates" not in found


def test_what_the_device_says_of_itself_is_told_with_what_to_do(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(_: Question) -> Answer:
        return Health(1, (Ail("disk"), Ail("blind")))

    local = Local(beside(tmp_path / "link"), answer)
    codes: list[int] = []
    asking = threading.Thread(
        target=lambda: codes.append(run(["doctor", "--config", str(config)])), daemon=True
    )
    asking.start()
    while asking.is_alive():
        local.attend()
        asking.join(0.01)
    local.close()
    printed = capsys.readouterr().out
    assert codes == [1]
    assert "ok       device: it runs and answers" in printed
    assert "fault    camera: it sees nothing" in printed
    assert "do: see whether something hangs before the lens" in printed
    assert "fault    disk: it does not take what is recorded" in printed


def test_a_record_that_was_changed_is_a_fault(
    config: Path, furnished: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    (furnished.state / HEAD).write_bytes(b"x")
    run(["doctor", "--config", str(config), "--json"])
    record = findings(capsys)["record"]
    assert record["level"] == "fault"
    assert "the signed head does not hold" in record["says"]


def test_a_directory_that_is_no_door_is_told_and_is_no_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "doorward.yaml"
    for state in (tmp_path, tmp_path / "nowhere"):
        config.write_text(f"state: {state}\nlink: {{socket: {tmp_path / 'link'}}}\n")
        assert run(["doctor", "--config", str(config), "--json"]) == 1
        found = findings(capsys)
        assert "fault" in (found.get("record", found["card"])["level"], found["card"]["level"])
        assert "clock" in found


def test_what_is_installed_is_looked_at_unless_another_is_named(
    config: Path,
    furnished: Furnished,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed = tmp_path / "etc"
    monkeypatch.setattr("provisioning.commands.doctor.INSTALLED", installed)
    (installed / "tls").mkdir(parents=True)
    (installed / "doorward.yaml").write_text(config.read_text())
    assert run(["doctor", "--json"]) == 1
    found = findings(capsys)
    assert found["record"]["level"] == "ok", "the state that the installed file names"
    assert found["certificates"]["says"] == "none is valid at this computer's time"
    config.write_text("state: /nowhere/at/all\n")
    run(["doctor", "--config", str(config), "--json"])
    found = findings(capsys)
    assert "/nowhere/at/all" in found["card"]["says"]
    assert "certificates" not in found


def test_the_last_self_test_is_told_as_the_device_has_it(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = SelfTest("fault", "it failed: a drawn visitor was not recorded", "see why")
    local = Local(beside(tmp_path / "link"), lambda _: Health(1, (), said))
    asking = threading.Thread(target=lambda: run(["doctor", "--config", str(config)]), daemon=True)
    asking.start()
    while asking.is_alive():
        local.attend()
        asking.join(0.01)
    local.close()
    printed = capsys.readouterr().out
    assert "fault    self-test: it failed: a drawn visitor was not recorded" in printed
    assert "do: see why" in printed


def test_certificates_are_told_in_days_where_they_are_named(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ["card", "--name", "Door", "--state", tmp_path / "new", "--url", "https://door.local"]
    made += ["--tls", tmp_path / "tls", "--out", tmp_path / "card.pdf"]
    assert run([str(word) for word in made]) == 0
    capsys.readouterr()
    run(["doctor", "--config", str(config), "--tls", str(tmp_path / "tls"), "--json"])
    certificates = findings(capsys)["certificates"]
    assert certificates["level"] == "ok"
    assert "more days" in certificates["says"]
