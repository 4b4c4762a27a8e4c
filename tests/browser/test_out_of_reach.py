"""A server that swallows everything, or a device that hangs: an open page says so within 15 s, and recovers by itself."""

import signal
import time

import pytest
from playwright.sync_api import Browser, expect

from provisioning.demo.demo import Stage
from tests.browser.conftest import pair, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

NOTICED_S = 15


def test_a_door_that_does_not_answer_is_noticed_within_fifteen_seconds(
    chromium: Browser, door: Stage
) -> None:
    phone = visit(chromium, phone=True)
    pair(phone.page, door, "Hallway phone")
    device = door.processes._running["device"]
    device.send_signal(signal.SIGSTOP)
    began_s = time.monotonic()
    try:
        expect(phone.page.get_by_text("Door not reachable").first).to_be_visible(timeout=20_000)
        assert time.monotonic() - began_s < NOTICED_S
    finally:
        device.send_signal(signal.SIGCONT)
    expect(phone.page.get_by_text("Door is well")).to_be_visible(timeout=30_000)
    phone.close()
