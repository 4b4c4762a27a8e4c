"""A copied card in the hands of whoever has the device's key: the CLI reads what it was made to hold, and says so, and lives."""

import hashlib
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.disk.epochs import EpochKey
from device.sealing.age import seal
from device.sealing.sframe import Sealer
from device.trust.ledger import Chain
from device.trust.lines import (
    ClipBegun,
    ClipSealed,
    EpochBegun,
    Line,
    PrivateBody,
    encode_private,
    private_metadata,
)
from device.trust.signed import Context
from device.trust.statement import EVENT_METADATA, Statement
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from tests.support.effort import cases
from tests.support.epoch_files import write_epochs
from tests.support.forms import damaged, form
from tests.support.household import Household

KEY = bytes(range(32))
DAY = "2026-11-23"


def forge(household: Household, epoch: bytes, privates: list[bytes], said: bytes, film: bytes) -> None:
    """Write a door's files as a thief with its key can: everything sealed, chained and signed, whatever it says."""
    state = household.state
    file = seal(epoch, [household.card.open.recipient()])
    write_epochs(state, {1: file})
    chain, sealer, raws = Chain(), Sealer(1, KEY), [household.born_line]
    chain.add(household.born_line)
    raws.append(
        msgspec.json.encode(Line(1, chain.head.hash, EpochBegun(1, hashlib.sha256(file).digest()), None))
    )
    chain.add(raws[-1])
    for plaintext in (whole[:8_000] for whole in privates):  # a longer line would be refused for its length
        seq, prev = len(chain), chain.head.hash
        sealed = sealer.seal(plaintext, private_metadata(seq, prev))
        raws.append(msgspec.json.encode(Line(seq, prev, None, sealed)))
        chain.add(raws[-1])
    (state / "ledger").write_bytes(b"".join(raw + b"\n" for raw in raws))
    home = state / "spool" / DAY / "000001"
    home.mkdir(parents=True, exist_ok=True)
    blob = household.device.sign(Context.STATEMENT.value + said) + said
    (home / "event").write_bytes(sealer.seal(blob, EVENT_METADATA))
    (home / "clip.mp4.age").write_bytes(film)


@settings(
    max_examples=cases(60, 5_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_a_thief_seals_the_cli_reads_to_the_end(
    household: Household, tmp_path: Path, data: st.DataObject
) -> None:
    right_key = msgspec.json.encode(EpochKey(1, KEY))
    epoch = data.draw(st.just(right_key) | st.just(right_key) | damaged(st.just(right_key)))
    bodies = form(PrivateBody) | form(ClipBegun | ClipSealed)
    privates = data.draw(
        st.lists(bodies.map(encode_private) | damaged(bodies.map(encode_private)), max_size=4)
    )
    statement = form(Statement).map(lambda one: msgspec.structs.replace(one, door=household.door, clip=1))
    said = data.draw(statement.map(msgspec.json.encode) | damaged(statement.map(msgspec.json.encode)))
    film = seal(b"film", [household.card.open.recipient()])
    forge(household, epoch, privates, said, data.draw(st.just(film) | damaged(st.just(film))))
    house = House(household.state, [household.card.open])
    assert len(house.chain) == 2 + len(privates)
    for clip in house.numbers():
        finding = check_film(house, read_record(house, clip))
        assert finding.verdict != "genuine" or film_is_told(house)


def film_is_told(house: House) -> bool:
    """Return whether the ledger itself tells of this very film, which a drawn digest never does."""
    data = (house.clips[1] / "clip.mp4.age").read_bytes()
    facts = house.facts[1]
    return facts.sealed is not None and facts.sealed.ciphertext_sha256 == hashlib.sha256(data).digest()
