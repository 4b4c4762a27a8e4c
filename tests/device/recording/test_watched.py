"""The recorder under a household's settings: why a clip was made, what is not in it, and what is not recorded at all."""

import hashlib
from collections.abc import Iterator

import numpy as np

from device.camera.painter import Painter
from device.camera.protocol import Captured
from device.camera.sources import open_camera
from device.contract.masks import canonical
from device.contract.settings import Settings, Zone
from device.disk.spool import CLIP
from device.sight.heat import HEIGHT, WIDTH
from tests.device.recording.conftest import Door
from tests.support.film import VIDEO, scene
from tests.support.household import Household

RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
SKY = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.2), (0.0, 0.2))
LEFT = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))


def painted(settings: Settings, seconds: int = 20) -> Iterator[Captured]:
    camera = open_camera("scene", VIDEO, Painter(VIDEO, settings), realtime=False)
    for item in camera.captured():
        if item.at_us >= seconds * 1_000_000:
            camera.stop()
        else:
            yield item
    camera.close()


def test_an_event_says_where_it_moved_and_how_much(household: Household) -> None:
    door = Door(household, Settings(zones=(Zone("doorstep", RIGHT), Zone("street", LEFT))))
    door.play(scene(20))
    motion = next(trigger for trigger in door.statement().triggers if trigger.kind == "motion")
    assert motion.zone in ("doorstep", "street")
    assert motion.score_permille > 0
    ring = next(trigger for trigger in door.statement().triggers if trigger.kind == "ring")
    assert (ring.zone, ring.score_permille) == ("", 0)


def test_an_event_carries_a_tiny_picture_of_what_moved(household: Household) -> None:
    door = Door(household, Settings())
    door.play(scene(20))
    heat = np.frombuffer(door.statement().heat, np.uint8).reshape(HEIGHT, WIDTH)
    assert heat.max() == 255
    assert heat[:4].max() == 0, "nothing moved in the sky"


def test_motion_outside_every_zone_records_nothing_but_a_ring_does(household: Household) -> None:
    door = Door(household, Settings(zones=(Zone("sky", SKY),)))
    door.play(scene(20))
    assert [trigger.kind for trigger in door.statement().triggers] == ["ring"]


def test_a_snooze_silences_motion_and_lets_rings_pass(household: Household) -> None:
    until_utc = household.clock.utc().replace(year=2027)
    door = Door(household, Settings(snoozed_until_utc=until_utc))
    door.play(scene(20))
    assert [trigger.kind for trigger in door.statement().triggers] == ["ring"]


def test_the_statement_lists_the_masks_and_names_them_by_their_digest(household: Household) -> None:
    settings = Settings(masks=(SKY,))
    door = Door(household, settings)
    door.play(painted(settings))
    said = door.statement()
    assert said.masks_sha256 == hashlib.sha256(canonical(settings.masks)).digest()
    assert said.masks is not None
    assert np.abs(np.array(said.masks) - np.array(settings.masks)).max() < 2e-5


def test_a_clip_without_masks_says_that_there_were_none(household: Household) -> None:
    door = Door(household, Settings())
    door.play(scene(20))
    assert (door.statement().masks, door.statement().masks_sha256) == ((), None)


def test_in_privacy_a_ring_leaves_a_line_and_no_picture_and_motion_nothing(household: Household) -> None:
    settings = Settings(privacy=True)
    door = Door(household, settings)
    door.play(painted(settings))
    said = door.statement()
    assert (said.state, said.thumbnail) == ("unrecorded", b"")
    assert door.clips() == [1]
    assert not list(household.state.rglob(CLIP))
