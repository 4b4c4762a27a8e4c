"""What is said to the broker: one event, "ring", and whether the door is there. No picture, no name, no time.

Home Assistant finds both by itself: an ``event`` of the class doorbell, which its app can ring a locked phone with, and a
``binary_sensor`` of the class connectivity. That the door is lost is said by the broker too, if we are gone without a word.

Pure.

Source: MQTT 3.1.1; Home Assistant, "MQTT Discovery", "MQTT Event" and "MQTT Binary sensor".
"""

import json
from dataclasses import dataclass
from typing import Final

ONLINE: Final = "online"
OFFLINE: Final = "offline"
_DISCOVERY: Final = "homeassistant"


@dataclass(frozen=True, slots=True)
class Said:
    """One message: ``retain`` has the broker keep it for whoever comes later."""

    topic: str
    payload: str
    retain: bool


def ring(topic: str) -> Said:
    """Return that somebody rings. It is of this moment, so nobody who comes later is told."""
    return Said(f"{topic}/ring", json.dumps({"event_type": "ring"}), retain=False)


def door(topic: str, *, is_there: bool) -> Said:
    """Return whether the door is there."""
    return Said(f"{topic}/door", ONLINE if is_there else OFFLINE, retain=True)


def discovery(topic: str) -> tuple[Said, ...]:
    """Return what Home Assistant finds both by."""
    device = {"identifiers": [topic], "name": "Doorbell", "manufacturer": "doorward"}
    bell = {
        "name": "Ring",
        "unique_id": f"{topic}_ring",
        "device_class": "doorbell",
        "event_types": ["ring"],
        "state_topic": f"{topic}/ring",
        "availability_topic": f"{topic}/door",
        "device": device,
    }
    there = {
        "name": "Door",
        "unique_id": f"{topic}_door",
        "device_class": "connectivity",
        "state_topic": f"{topic}/door",
        "payload_on": ONLINE,
        "payload_off": OFFLINE,
        "device": device,
    }
    return (
        Said(f"{_DISCOVERY}/event/{topic}/ring/config", json.dumps(bell), retain=True),
        Said(f"{_DISCOVERY}/binary_sensor/{topic}/door/config", json.dumps(there), retain=True),
    )
