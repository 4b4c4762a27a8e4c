"""Somebody joins with a stolen card, blinds the door, asks for a card, and floods the record to hide it: Mum hears of it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, expect

from device.contract import commands, replies
from device.contract.settings import Settings, Zone
from device.trust.commands import asking
from provisioning.demo.demo import Stage
from provisioning.reader.reader import DoorClient, ReaderKeys
from tests.browser.conftest import pair, visit
from tests.support.door import Says
from tests.support.household import Card, TestReader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LISTINGS = 210
OTHERS = 20
DAY = "2026-11-24"


async def flood(door: Stage, thief: ReaderKeys) -> None:
    zone = Zone("Path", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    async with DoorClient(door.url, thief, door.born_sha256) as client:
        await client.pair(door.card.admit_key())
        await client.follow_ledger()
        says = Says(client.chain.roster.door)
        me = TestReader(thief.label, thief.sign)
        await client.ask(commands.Set(Settings(privacy=True)), replies.Noted)
        await client.ask(asking(says.proposed(me, Card())), replies.Changed)
        for _ in range(LISTINGS):
            await client.ask(commands.AskDay(DAY, 0), replies.DayEvents)
        for number in range(OTHERS):
            await client.ask(
                asking(says.renamed(me, TestReader("Mum", thief.sign), f"Name {number}")), replies.Changed
            )
            await client.follow_ledger()
            zones = (zone,) if number % 2 else ()
            await client.ask(commands.Set(Settings(zones=zones, privacy=True)), replies.Noted)


def test_no_flood_hides_on_an_open_page_who_joined_blinded_the_door_or_asked_for_a_card(
    chromium: Browser, door: Stage
) -> None:
    mum = visit(chromium)
    pair(mum.page, door, "Mum")
    with ThreadPoolExecutor(1) as apart:  # Playwright has a loop of its own in this thread
        apart.submit(asyncio.run, flood(door, ReaderKeys("Hall tablet"))).result()
    news = mum.page.locator(".news", has_text="Your household changed")
    for reloaded in (False, True):
        if reloaded:
            mum.page.reload()
        newest = f"gave “Name {OTHERS - 2}” the name “Name {OTHERS - 1}” · "
        expect(news).to_contain_text(newest, timeout=30_000)
        expect(news).to_contain_text(f"{OTHERS} times in all")
        expect(news).to_contain_text(f"Name {OTHERS - 1} was added with the card")
        expect(news).to_contain_text("turned privacy on")
        expect(news).to_contain_text("asked for a new card in place of the old one")
    news.get_by_role("button", name="I have seen this").click()
    expect(news).to_have_count(0)
    mum.page.get_by_role("button", name="Who can see").click()
    lately = mum.page.locator("ol.looks")
    expect(lately).to_contain_text(f"Name {OTHERS - 1} was added with the card")
    expect(lately).to_contain_text("You were added with the card")
    expect(lately).to_contain_text(f"{LISTINGS} times in all")
    mum.page.reload()
    expect(mum.page.locator("header").get_by_text("Privacy is on")).to_be_visible()
    expect(news).to_have_count(0)
    mum.close()
