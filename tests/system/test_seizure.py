"""The card is pulled out of a running door, and again after its life: nothing on it opens, admits or shows anything.

Property 1: everything that its processes wrote is scanned byte by byte, and what the scan must find is planted to see it found.
"""

import base64
import io
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from device.camera.protocol import AccessUnit, Luma
from device.camera.sources import open_camera
from device.disk.epochs import EpochKey, read_epochs
from device.disk.spool import BEGUN, CLIP, EVENT
from device.recording.fmp4 import Fragmenter
from device.recording.thumbnail import jpeg
from device.sealing.age_reader import open_bytes, open_stream
from device.sealing.errors import Truncated
from device.sealing.header import read_header, unwrap_file_key
from device.sealing.identities import HybridIdentity
from device.sealing.key_schedule import payload_key
from device.trust.lines import encode_private
from device.trust.signed import payload_of
from device.trust.statement import Statement
from provisioning.card.card import read_card_file
from provisioning.house.house import House
from tests.support.film import VIDEO
from tests.support.seizure import Hit, scan
from tests.system.lived import Lived, live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return live(tmp_path_factory.mktemp("lived"))


@pytest.fixture(scope="module")
def house(lived: Lived) -> House:
    return House(lived.state, [lived.card.open])


@pytest.fixture(scope="module")
def plaintexts(house: House) -> dict[str, bytes]:
    """Everything that was sealed, opened with the card."""
    public = msgspec.json.encode(
        house.chain.roster.door
    )  # which door it is stands in the head for all to read
    bodies = [encode_private(entry.private) for entry in house.entries if entry.private is not None]
    known = {"ledger": b"\n".join(bodies)}
    for clip, home in house.clips.items():
        known[f"film {clip}"] = opened(home / CLIP, house)
        for name in (EVENT, BEGUN):
            if (home / name).exists():
                blob = house.history.open_event((home / name).read_bytes())
                known[f"{name} {clip}"] = blob.replace(public, b"")
                known[f"picture of {name} {clip}"] = payload_of(blob, Statement).thumbnail
    return known


def opened(path: Path, house: House) -> bytes:
    plain = io.BytesIO()
    with path.open("rb") as file:
        try:
            for chunk in open_stream(file, house.identities):
                plain.write(chunk)
        except Truncated:
            pass  # a clip that was cut ends so
    return plain.getvalue()


@pytest.fixture(scope="module")
def secrets(lived: Lived, house: House) -> dict[str, bytes]:
    """Every key that opens something or admits somebody."""
    card, reader, open_half = lived.card, lived.reader, lived.card.open
    found = {
        "Admit, secret": card.admit_secret,
        "Admit, seed": card.admit_key().private_bytes_raw(),
        "Admit, letters": card.code(bytes(32)).encode()[:30],
        "Open, seed": open_half._seed,
        "Open, text": open_half.secret_text().encode(),
        "reader, signing": reader.sign.private_bytes_raw(),
        "reader, opening": reader.open._seed,
        "reader, text": reader.open.secret_text().encode(),
    }
    for epoch, data in read_epochs(lived.state).items():
        found[f"epoch {epoch}"] = msgspec.json.decode(open_bytes(data, [open_half]), type=EpochKey).key
        found |= file_keys(f"epoch {epoch}'s", io.BytesIO(data), open_half)
    for home in house.clips.values():
        with (home / CLIP).open("rb") as file:
            found |= file_keys(f"{home.name}'s", file, open_half)
    return found


def file_keys(name: str, file: BinaryIO, identity: HybridIdentity) -> dict[str, bytes]:
    header = read_header(file)
    file_key = unwrap_file_key(header, [identity])
    return {
        f"{name} file key": file_key,
        f"{name} payload key": payload_key(file_key, header.payload_nonce),
    }


def test_the_door_has_lived(house: House, plaintexts: dict[str, bytes], secrets: dict[str, bytes]) -> None:
    assert house.troubles == []
    assert sorted(house.clips) == [1, 2]
    assert {"film 1", "film 2", "event 1", "begun 2", "picture of event 1"} <= set(plaintexts)
    assert min(len(plaintexts[name]) for name in ("film 1", "film 2")) > 100_000
    assert len([name for name in secrets if name.startswith("epoch ")]) >= 4


def test_nothing_that_the_running_door_had_written_can_be_read(
    lived: Lived, plaintexts: dict[str, bytes], secrets: dict[str, bytes]
) -> None:
    copied = {path.name for path in lived.in_mid_clip.rglob("*")}
    assert {"ledger", "device.key", CLIP, BEGUN} <= copied
    assert scan(lived.in_mid_clip, plaintexts, secrets) == []


def test_nothing_that_is_left_of_it_can_be_read(
    lived: Lived, plaintexts: dict[str, bytes], secrets: dict[str, bytes]
) -> None:
    assert scan(lived.home, plaintexts, secrets) == []


def test_the_processes_write_nowhere_else(lived: Lived) -> None:
    assert lived.written
    assert all(Path(path).is_relative_to(lived.state) for path in lived.written), lived.written


def test_the_card_lies_outside_the_state_directory_and_would_be_found(
    lived: Lived, secrets: dict[str, bytes]
) -> None:
    assert read_card_file(lived.card_home / "card.txt")[0].admit_secret == lived.card.admit_secret
    found = {hit.what for hit in scan(lived.card_home, {}, secrets)}
    assert {"key: Open, text", "key: Admit, letters"} <= found


def planted(lived: Lived, tmp_path: Path, what: bytes) -> Path:
    """Hide something in the middle of a sealed film, where nobody expects it."""
    film = next(lived.state.glob(f"spool/*/000001/{CLIP}")).read_bytes()
    (tmp_path / "planted").write_bytes(film[:50_001] + what + film[50_001:100_000])
    return tmp_path


def test_every_known_plaintext_is_found_where_it_is_planted(
    lived: Lived, plaintexts: dict[str, bytes], tmp_path: Path
) -> None:
    for name, plain in plaintexts.items():
        if not plain:
            continue
        at = next(at for at in range(len(plain) // 2, len(plain)) if len(set(plain[at : at + 32])) > 4)
        hits = scan(planted(lived, tmp_path, plain[at : at + 32]), {name: plain}, {})
        assert Hit("planted", 50_001, f"plaintext: {name}") in hits


def test_every_key_is_found_in_every_common_spelling(
    lived: Lived, secrets: dict[str, bytes], tmp_path: Path
) -> None:
    for name, key in secrets.items():
        spellings = [key, key.hex().encode(), base64.b32encode(key)]
        spellings += [base64.b64encode(b'"' * before + key + b'"') for before in range(3)]
        spellings += [base64.urlsafe_b64encode(key)]
        for spelled in spellings:
            hits = scan(planted(lived, tmp_path, spelled), {}, {name: key})
            assert {hit.what for hit in hits} == {f"key: {name}"}
    (tmp_path / "planted").unlink()
    (tmp_path / secrets["epoch 1"].hex()).touch()
    assert {hit.what for hit in scan(tmp_path, {}, secrets)} == {"key: epoch 1"}


def test_a_picture_that_nobody_knew_of_is_found_however_it_is_written(lived: Lived, tmp_path: Path) -> None:
    camera = open_camera("scene", VIDEO, realtime=False, canary="planted")
    units: list[AccessUnit] = []
    pictures: list[bytes] = []
    for item in camera.captured():
        units += [item] if isinstance(item, AccessUnit) else []
        pictures += [jpeg(item)] if isinstance(item, Luma) else []
        if len(units) == 3:
            break
    camera.close()
    fragments = Fragmenter(units[0], VIDEO.frame_us)
    mp4 = fragments.init_segment() + b"".join(fragments.fragment(unit) for unit in units)
    for picture in (pictures[0], mp4, b"".join(unit.data for unit in units)):
        hits = scan(planted(lived, tmp_path, picture), {}, {})
        assert "a picture decodes" in {hit.what for hit in hits}
