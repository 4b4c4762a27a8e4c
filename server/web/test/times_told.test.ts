// A recording that was made before the door knew the time says so, and is placed by what was found out later, as the CLI places it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { madeAt, timeTold } from "../src/trust/times.ts";

const ANNA = new Uint8Array(32).fill(1);
const told = (says_utc: string, clip: number, reader: typeof ANNA | null = null) =>
  ({ type: "time_told", at_utc: "1970-01-01T00:10:00Z", says_utc, clip, reader }) as const;

test("before anybody knows, a time that cannot be is none", () => {
  for (const at of ["1970-01-01T00:05:00Z", "2025-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2106-02-07"])
    assert.deepEqual(madeAt([], 4, at), { at: null, by: null });
  assert.deepEqual(madeAt([], 4, "2026-11-27T08:00:00Z"), { at: "2026-11-27T08:00:00Z", by: null });
});

test("the last word that covers it counts, and no other recording is touched", () => {
  const times = timeTold(timeTold([], told("2026-11-27T08:10:00Z", 3, ANNA), 5), told("2026-11-27T09:10:00Z", 5), 6);
  assert.deepEqual(madeAt(times, 4, "1970-01-01T00:05:00Z"), { at: "2026-11-27T08:05:00.000Z", by: ANNA });
  assert.deepEqual(madeAt(times, 5, "1970-01-01T00:05:00Z"), { at: "2026-11-27T09:05:00.000Z", by: "door" });
  assert.equal(madeAt(times, 2, "1970-01-01T00:05:00Z").at, null);
  assert.equal(madeAt(times, 7, "2026-11-27T10:00:00Z").by, null);
  assert.equal(madeAt(times, 4, "1970-01-01").at, "2026-11-27");
});

test("what leads nowhere is none, and memory stays small", () => {
  const far = told("9999-01-01T00:00:00Z", 0, ANNA);
  assert.equal(madeAt(timeTold([], far, 9), 1, "9000-01-01T00:00:00Z").at, null);
  let times = timeTold([], far, 9);
  for (let n = 0; n < 200; n += 1) times = timeTold(times, far, 9);
  assert.equal(times.length, 64);
});
