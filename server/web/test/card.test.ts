import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";
import { bech32 } from "@scure/base";

import { CardError, codeInFragment, inviteCode, parseCode, parseNewCard, seedOf } from "../src/format/card.ts";
import { OtherDoor, recognise } from "../src/door/pairing.ts";
import { sha256, utf8 } from "../src/format/bytes.ts";
import { begin } from "../src/trust/ledger.ts";
import { Door, SECRET } from "./door.ts";

const door = new Door();

test("a card code gives its secret, the hash of its door and the Admit key", () => {
  const card = parseCode(door.code);
  assert.deepEqual(card.secret, SECRET);
  assert.deepEqual(card.bornSha256, sha256(door.lines[0] ?? SECRET));
  assert.deepEqual(ed25519.getPublicKey(seedOf(card)), begin(door.lines[0] ?? SECRET).roster.admit);
});

test("case, spaces, line breaks and any kind of hyphen do not matter", () => {
  const typed = door.code.replace(/(.{5})/g, "$1 ‐ \n");
  for (const form of [typed, typed.toUpperCase(), `A${typed.slice(1)}`]) assert.deepEqual(parseCode(form), door.card);
});

const hostile: readonly [string, string][] = [
  ["nothing", ""],
  ["only the prefix", "admit1"],
  ["one letter short", door.code.slice(0, -1)],
  ["one letter more", `${door.code}q`],
  ["two letters swapped", door.code.replace(/(.)(.)$/, "$2$1")],
  ["a letter outside the alphabet", door.code.replace(/.$/, "b")],
  ["a look-alike letter", door.code.replace("a", "а")],
  ["a reader's recipient", "age1pq1qqqq"],
  ["the half that opens", "AGE-SECRET-KEY-PQ-1QQQQ"],
  ["a link elsewhere", "https://example.com/"],
  ["very long", "admit1".padEnd(1_000_000, "q")],
];
for (const [what, code] of hostile)
  test(`refused with a sentence: ${what}`, () => {
    assert.throws(() => parseCode(code), CardError);
  });

test("every single changed letter is noticed", () => {
  for (let i = 6; i < door.code.length; i++) {
    const letter = door.code[i] === "q" ? "p" : "q";
    assert.throws(() => parseCode(door.code.slice(0, i) + letter + door.code.slice(i + 1)), CardError);
  }
});

test("only a card's fragment is a card's fragment", () => {
  assert.equal(codeInFragment(`#card=${door.code}`), door.code);
  assert.equal(codeInFragment("#card=%"), "%");
  for (const other of ["", "#", "#card=", "#card", "#other=1"]) assert.equal(codeInFragment(other), null);
});

test("an invitation is told from a card, and gives another key from the same secret", () => {
  const code = inviteCode({ secret: SECRET, bornSha256: door.card.bornSha256 });
  const invite = parseCode(code.toUpperCase());
  assert.deepEqual(invite, { ...door.card, kind: "invite" });
  assert.notDeepEqual(seedOf(invite), seedOf(door.card));
  assert.equal(codeInFragment(`#invite=${code}`), code);
});

test("a new card's text gives its public keys, and nothing else does", () => {
  const keys = new Uint8Array(32 + 1216).map((_, i) => i % 251);
  const text = bech32.encode("newcard", bech32.toWords(keys), false);
  const { admit, open } = parseNewCard(` ${text.slice(0, 900)}\n${text.slice(900)}`);
  assert.deepEqual(admit, keys.slice(0, 32));
  assert.deepEqual(bech32.fromWords(bech32.decode(open as `age1pq1${string}`, false).words), keys.slice(32));
  const cut = bech32.encode("newcard", bech32.toWords(keys.slice(1)), false);
  for (const bad of ["", door.code, text.slice(0, -1), text.replace("newcard1q", "newcard1p"), cut])
    assert.throws(() => parseNewCard(bad), CardError);
});

test("a door with another first line is not the card's door", () => {
  const born = door.lines[0] ?? SECRET;
  assert.equal(recognise(door.card, born).chain.roster.label, "Front door");
  assert.throws(() => recognise({ ...door.card, bornSha256: SECRET }, born), OtherDoor);
  const unreadable = utf8("{}");
  assert.throws(() => recognise({ ...door.card, bornSha256: sha256(unreadable) }, unreadable), OtherDoor);
});
