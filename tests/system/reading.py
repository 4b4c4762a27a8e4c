"""A door's state directory, read with the card after the device is gone."""

import io
from typing import TypeVar

import av

from device.trust.lines import PrivateBody
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from tests.support.household import Household

B = TypeVar("B", bound=PrivateBody)


def read(household: Household) -> House:
    """Return the door as the card reads it, nothing in its ledger being amiss."""
    house = House(household.state, [household.card.open])
    assert house.troubles == []
    return house


def verdict_of(house: House, clip: int) -> str:
    """Return what the card finds of a clip, which must be sound."""
    finding = check_film(house, read_record(house, clip))
    assert finding.is_sound, f"clip {clip}: {finding.reason}"
    return finding.verdict


def frames_of(house: House, clip: int) -> int:
    """Return how many pictures of a clip play, up to where it was cut."""
    film = io.BytesIO()
    finding = check_film(house, read_record(house, clip), film)
    film.seek(0)
    count = 0
    with av.open(film) as container:
        try:
            for _ in container.decode(video=0):
                count += 1
        except av.InvalidDataError:
            assert finding.verdict == "interrupted", finding.reason
    return count


def told(house: House, kind: type[B]) -> list[B]:
    """Return the private lines of one kind."""
    return [entry.private for entry in house.entries if isinstance(entry.private, kind)]
