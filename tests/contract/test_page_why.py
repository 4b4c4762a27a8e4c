"""Why a clip was made and what was masked: the page reads what Python wrote, and doubts what contradicts itself."""

import msgspec
import pytest

from device.recording.masking import told
from device.trust.errors import TrustError
from device.trust.signed import Context, payload_of
from device.trust.statement import EVENT_METADATA, Statement, Trigger
from tests.contract.paired import Door
from tests.contract.test_page_contract import reading, statement

MASKS = (((0.1, 0.2), (0.3, 1.0), (0.123456789, 0.0)), ((0.5, 0.5), (0.7, 0.5), (0.5, 0.9)))


def test_the_page_reads_why_a_clip_was_made_and_what_was_masked_as_python_wrote_it(door: Door) -> None:
    door.pair("phone", "Phone")
    masks, masks_sha256 = told(MASKS)
    triggers = (
        Trigger("motion", 4000, "Weg zur Tür", 123),
        Trigger("ring", 6000),
        Trigger("motion", 7000, "yard", 4),
    )
    heat = bytes(number % 256 for number in range(576))
    said = statement(door, triggers=triggers, heat=heat, masks=masks, masks_sha256=masks_sha256)
    clip = door.oracle.ask("read_clip", event=door.ledger.seal_statement(said), **reading(door))["clip"]
    assert clip["kind"] == "sealed"
    read = msgspec.convert(clip["statement"], Statement, builtin_types=(), strict=False)
    assert read == said


@pytest.mark.parametrize("name", ["masks", "heat", "triggers"])
def test_both_sides_refuse_a_statement_that_does_not_say_all_of_it(door: Door, name: str) -> None:
    """What is missing would be read as its default by one and as nothing by the other."""
    door.pair("phone", "Phone")
    short = msgspec.to_builtins(statement(door))
    if name == "triggers":
        del short["triggers"][0]["zone"]
    else:
        del short[name]
    data = msgspec.json.encode(short)
    blob = door.household.device.sign(Context.STATEMENT.value + data) + data
    with pytest.raises(TrustError, match="one form"):
        payload_of(blob, Statement)
    event = door.ledger._epoch.sealer.seal(blob, EVENT_METADATA)
    assert door.oracle.ask("read_clip", event=event, **reading(door))["clip"]["kind"] == "broken"


def test_the_page_doubts_masks_that_the_digest_does_not_stand_for(door: Door) -> None:
    door.pair("phone", "Phone")
    masks, masks_sha256 = told(MASKS)
    for changed in (
        {"masks": MASKS[:1], "masks_sha256": masks_sha256},
        {"masks": (), "masks_sha256": masks_sha256},
        {"masks": masks, "masks_sha256": bytes(32)},
        {"masks": masks, "masks_sha256": None},
    ):
        event = door.ledger.seal_statement(statement(door, **changed))
        clip = door.oracle.ask("read_clip", event=event, **reading(door))["clip"]
        assert clip["kind"] == "broken"
        assert "masks" in clip["reason"]
