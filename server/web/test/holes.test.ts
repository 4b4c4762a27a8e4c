// A player that lost pictures plays a film to its end all the same.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Held, behindHole } from "../src/play/holes.ts";

const held = (...pieces: readonly (readonly [number, number])[]): Held => ({
  length: pieces.length,
  start: (index) => pieces[index]?.[0] ?? NaN,
  end: (index) => pieces[index]?.[1] ?? NaN,
});
const film = held([0, 4.533], [5.133, 15.133]);

test("whoever stands before a hole goes on behind it", () => {
  assert.equal(behindHole(film, 4.5288), 5.133);
  assert.equal(behindHole(film, 4.6), 5.133, "in the midst of it, too");
});

test("whoever has something to be shown, or nothing to come, goes nowhere", () => {
  for (const atS of [0, 4.4, 5.133, 15.1, 16]) assert.equal(behindHole(film, atS), null, `${atS} s`);
  assert.equal(behindHole(held([0, 3]), 3), null);
  assert.equal(behindHole(held([2, 3], [4, 5]), 1), null, "what comes before it is fetched");
});
