import assert from "node:assert/strict";
import { test } from "node:test";

import type { PrivateBody } from "../src/format/lines.ts";
import { type Place, learn, noFacts } from "../src/trust/facts.ts";
import { changesOf } from "../src/trust/noted.ts";
import { missed } from "../src/ui/parts/words.ts";

const at = (seq: number): Place => ({ seq, epoch: 1, rosterSeq: 0 });
const gap = (reason: "stuck" | "blind", from_utc: string, at_utc: string): PrivateBody => ({
  type: "gap",
  reason,
  from_utc,
  at_utc,
});

test("the end of a gap takes the place of its beginning, and nobody else's", () => {
  const facts = noFacts();
  learn(facts, at(1), gap("stuck", "2026-11-23T12:00:00Z", "2026-11-23T12:00:03Z"));
  learn(facts, at(2), gap("blind", "2026-11-23T12:00:00Z", "2026-11-23T12:00:03Z"));
  learn(facts, at(3), gap("stuck", "2026-11-23T12:00:00Z", "2026-11-23T12:10:00Z"));
  assert.deepEqual(
    changesOf(facts.changes).map(({ noted, times }) => ["reason" in noted && noted.reason, noted.at_utc, times]),
    [
      ["stuck", "2026-11-23T12:10:00Z", 0],
      ["blind", "2026-11-23T12:00:03Z", 0],
    ],
  );
});

test("what was missed is said in words, and for how long where that is known", () => {
  assert.equal(missed("stuck", 600_000), "The camera showed the same picture again and again, for 10 minutes");
  assert.equal(missed("camera", 0), "The camera was gone");
  assert.match(missed("clock", -5000), /not known$/);
});
