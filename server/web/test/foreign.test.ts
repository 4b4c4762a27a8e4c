// Words of others within sentences of ours.

import assert from "node:assert/strict";
import { test } from "node:test";

import { quoted, refusedInWords } from "../src/ui/parts/foreign.ts";

const LIES = [
  "\u001b[2Kall is well",
  "a\nb\r\u2028\u2029c\u0085",
  "\u202eevil\u2066x\u2069\u200f",
  "a\u200b\u00ad\ufeff\u034f\u115f\u3164\ufe0f\u{e0041}b",
  "”. Lost phone no longer belongs. “",
  "y".repeat(9_000),
  "\ud800",
];

void test("what a server says without a signature is told as its word, in letters that it cannot leave", () => {
  for (const lie of LIES) {
    const told = refusedInWords(lie, false);
    assert.match(told, /^The server, not your door, says: “\u2068[^“”\u2066-\u2069]*\u2069…?”$/u);
    assert.doesNotMatch(told.replace(/[\u2068\u2069]/g, ""), /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    assert.ok(told.length < 300);
  }
});

void test("names of all the world stay as they are", () => {
  for (const name of ["Türe", "玄関", "дверь", "الباب", "O'Neil"]) assert.equal(quoted(name), `“\u2068${name}\u2069”`);
});
