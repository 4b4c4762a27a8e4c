"""Why a clip was made, as ``doorward clips`` tells it."""

import base64
import json
from pathlib import Path

import msgspec
import pytest

from device.recording.masking import told
from device.sight.heat import HEIGHT, WIDTH
from device.trust.signed import Context, sign
from device.trust.statement import Trigger
from provisioning.cli import run
from provisioning.house.proof import Proof, read_proof
from tests.provisioning.conftest import Furnished, says_anew

WHY = (
    Trigger("ring", 0),
    Trigger("motion", 900, "Weg [bold]zur Tür\x1b[2J", 123),
    Trigger("motion", 1500, "yard", 4),
)


def says_why(furnished: Furnished) -> bytes:
    """Have the device say of clip 3 why it was made, and what was masked; return its heat."""
    masks, masks_sha256 = told((((0.5, 0.5), (0.75, 0.5), (0.75, 1.0)),))
    heat = bytes(number % 256 for number in range(WIDTH * HEIGHT))
    says_anew(furnished, triggers=WHY, masks=masks, masks_sha256=masks_sha256, heat=heat)
    return heat


def test_list_tells_in_which_zones_it_moved_how_much_and_whether_masks_were_on(
    furnished: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    says_why(furnished)
    assert run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file)]) == 0
    first, _, third = capsys.readouterr().out.splitlines()[-3:]
    assert "everywhere" in first
    assert "yes" not in first
    assert "“Weg [bold]zur Tür\N{REPLACEMENT CHARACTER}[2J” 12 %, “yard” 1 %" in third, (
        "a name is letters, not markup nor a terminal's command"
    )
    assert "yes" in third


def test_list_as_data_carries_why(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    heat = says_why(furnished)
    assert run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file), "--json"]) == 0
    clip = json.loads(capsys.readouterr().out)[2]
    assert (clip["zone"], clip["score_permille"], clip["masked"]) == (WHY[1].zone, 123, True)
    assert clip["triggers"][2] == {"kind": "motion", "at_ms": 1500, "zone": "yard", "score_permille": 4}
    assert base64.b64decode(clip["heat"]) == heat
    assert clip["masks"] == [[[0.50001, 0.50001], [0.75, 0.50001], [0.75, 1.0]]]


def test_check_tells_where_it_moved_and_that_parts_were_masked_and_refuses_masks_that_do_not_fit(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clip.mp4"
    export = ["clips", "export", str(furnished.state), "3", "-i", str(furnished.card_file), "-o", str(out)]
    says_why(furnished)
    assert run(export) == 0
    assert run(["clips", "check", str(out), f"{out}.proof"]) == 0
    printed = capsys.readouterr().out
    assert "movement “yard” 1 % after 1.5 s" in printed
    assert "were masked" in printed
    proof, said = read_proof(Path(f"{out}.proof").read_bytes())
    forged = sign(furnished.household.device, Context.STATEMENT, msgspec.structs.replace(said, masks=()))
    Path(f"{out}.proof").write_bytes(msgspec.json.encode(Proof(proof.form, proof.device, forged)))
    assert run(["clips", "check", str(out), f"{out}.proof"]) == 1
    assert "the masks that it lists" in capsys.readouterr().err
