import assert from "node:assert/strict";
import { test } from "node:test";

import type { PrivateBody } from "../src/format/lines.ts";
import { learn, noFacts } from "../src/trust/facts.ts";
import { missed } from "../src/ui/words.ts";

const place = { epoch: 1, rosterSeq: 0 };
const gap = (reason: "stuck" | "blind", from_utc: string, at_utc: string): PrivateBody => ({
  type: "gap",
  reason,
  from_utc,
  at_utc,
});

test("the end of a gap takes the place of its beginning, and nobody else's", () => {
  const facts = noFacts();
  learn(facts, place, gap("stuck", "2026-11-23T12:00:00Z", "2026-11-23T12:00:03Z"));
  learn(facts, place, gap("blind", "2026-11-23T12:00:00Z", "2026-11-23T12:00:03Z"));
  learn(facts, place, gap("stuck", "2026-11-23T12:00:00Z", "2026-11-23T12:10:00Z"));
  assert.deepEqual(
    facts.looks.map((look) => [look.kind, "reason" in look && look.reason, look.at_utc]),
    [
      ["gap", "blind", "2026-11-23T12:00:03Z"],
      ["gap", "stuck", "2026-11-23T12:10:00Z"],
    ],
  );
});

test("what was missed is said in words, and for how long where that is known", () => {
  assert.equal(missed("stuck", 600_000), "The camera showed the same picture again and again, for 10 minutes");
  assert.equal(missed("camera", 0), "The camera was gone");
  assert.match(missed("clock", -5000), /not known$/);
});
