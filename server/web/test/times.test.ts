// Days of the calendar and the hour that comes twice, where clocks are set.

import assert from "node:assert/strict";
import { test } from "node:test";

process.env["TZ"] = "Europe/Berlin";
const { clock, dayName, exactTime, fileTime } = await import("../src/ui/parts/times.ts");

test("yesterday is the day before, also on the nights on which a day has 25 hours or 23", () => {
  const late = new Date("2026-10-25T22:30:00Z"); // 23:30 on the day of 25 hours
  assert.equal(dayName("2026-10-24T21:30:00Z", late), "Yesterday"); // 25 hours before
  assert.equal(dayName("2026-10-24T22:10:00Z", late), "Today");
  assert.equal(dayName("2026-10-25T22:50:00Z", new Date("2026-10-25T23:10:00Z")), "Yesterday");
  const early = new Date("2026-03-29T22:10:00Z"); // 00:10 after the day of 23 hours
  assert.equal(dayName("2026-03-28T23:30:00Z", early), "Yesterday"); // 00:30 on it
  assert.equal(dayName("2026-03-28T22:50:00Z", early), "Saturday 28 March");
  assert.equal(dayName("2026-01-01T08:00:00Z", new Date("2026-01-02T08:00:00Z")), "Yesterday");
  assert.equal(dayName("2025-12-31T08:00:00Z", new Date("2026-01-02T08:00:00Z")), "31 December 2025");
});

test("an hour that comes twice says which of the two, and no other hour does", () => {
  assert.equal(clock("2026-10-25T00:30:00Z"), "02:30 CEST");
  assert.equal(clock("2026-10-25T01:30:00Z"), "02:30 CET");
  assert.equal(clock("2026-10-24T23:59:00Z"), "01:59");
  assert.equal(clock("2026-10-25T02:00:00Z"), "03:00");
  assert.equal(clock("2026-03-29T01:00:00Z"), "03:00");
});

test("what is kept has its offset, so that no two names are one", () => {
  assert.equal(fileTime("2026-10-25T00:30:07.250Z"), "2026-10-25 02-30-07 +0200");
  assert.equal(fileTime("2026-10-25T01:30:07Z"), "2026-10-25 02-30-07 +0100");
  assert.equal(exactTime("2026-11-26T13:03:07Z"), "26 November 2026, 14:03:07 +0100");
});
