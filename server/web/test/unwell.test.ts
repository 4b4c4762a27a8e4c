// What is said of a computer that is unwell: a sentence for each, and none of them hides a visit.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hidesVisits } from "../src/door/conditions.ts";
import type { Condition } from "../src/format/conditions.ts";
import { parseConditions } from "../src/format/conditions.ts";
import { utf8 } from "../src/format/bytes.ts";
import type { Verified } from "../src/keys/store.ts";
import { toldCondition } from "../src/ui/door/condition.ts";

const of = (kind: Condition["kind"], since_utc: string | null = null): Condition => ({
  kind,
  since_utc,
  until_utc: null,
  by: null,
});
// None of these sentences needs the record.
const told = (condition: Condition) => toldCondition(condition, {} as Verified, new Uint8Array(32));

test("power, heat and clock are bad, and each says what it means", () => {
  for (const kind of ["power", "heat", "clock"] as const) assert.equal(told(of(kind)).isBad, true);
  assert.match(told(of("power", "2020-01-01T12:00:00Z")).sentence, /^The voltage falls too low since /);
  assert.match(told(of("heat")).sentence, /slowed down by its heat, so films may have fewer pictures/);
  assert.match(told(of("clock")).sentence, /none is deleted for it/);
});

test("a computer that is unwell hides no visit, and a camera that is gone does", () => {
  assert.deepEqual(
    (["power", "heat", "clock", "camera", "blind"] as const).map((kind) => hidesVisits(of(kind))),
    [false, false, false, true, true],
  );
});

test("they are read off the device's text, in which a clock that lies has no beginning", () => {
  const text = '[{"kind":"clock","since_utc":null,"until_utc":null,"by":null}]'.padEnd(2560);
  assert.deepEqual(parseConditions(utf8(text)), [of("clock")]);
});
