// Where a moment can be seen: in which recording, and from where in it.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Clip } from "../src/clips/clips.ts";
import { momentAgo } from "../src/clips/moments.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");

function clip(number: number, agoS: number, lengthS: number, kind: Clip["kind"] = "sealed"): Clip {
  const begun_utc = new Date(NOON - agoS * 1000).toISOString();
  return { number, kind, statement: { begun_utc, duration_ms: lengthS * 1000 } } as unknown as Clip;
}

const found = (...clips: Clip[]): readonly [number, number, string] | null => {
  const moment = momentAgo(clips, NOON, 60_000);
  return moment && [moment.clip.number, moment.fromS, moment.is];
};

test("the recording that goes on is shown from a minute ago", () => {
  assert.deepEqual(found(clip(1, 300, 20), clip(2, 90, 0, "recording")), [2, 30, "then"]);
});

test("a finished recording of that minute is shown from there", () => {
  assert.deepEqual(found(clip(1, 70, 20), clip(2, 30, 10)), [1, 10, "then"]);
  assert.deepEqual(found(clip(1, 60, 20)), [1, 0, "then"], "its first picture is that moment");
});

test("where nothing was recorded then, what began since is shown from its start, the earliest first", () => {
  assert.deepEqual(found(clip(1, 300, 20), clip(2, 50, 5), clip(3, 20, 0, "recording")), [2, 0, "since"]);
  assert.deepEqual(found(clip(1, 80, 20), clip(2, 59, 0, "recording")), [2, 0, "since"]);
});

test("where nothing was since, the last minute of the newest is what there is", () => {
  assert.deepEqual(found(clip(1, 900, 20), clip(2, 500, 100)), [2, 40, "before"]);
  assert.deepEqual(found(clip(1, 900, 20)), [1, 0, "before"]);
  assert.deepEqual(found(clip(1, 900, 0, "interrupted")), [1, 0, "before"], "nobody knows how long it is");
});

test("what cannot be opened is no moment", () => {
  const kinds = ["locked", "broken", "beginning", "earlier", "unrecorded"] as const;
  assert.equal(found(...kinds.map((kind, i) => clip(i + 1, 70, 20, kind))), null);
  assert.equal(found(), null);
});
