import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, sha256, text, utf8 } from "../src/format/bytes.ts";
import type { Head } from "../src/format/lines.ts";
import { RecordBroken } from "../src/trust/errors.ts";
import { type Chain, begin, checkHead, extend } from "../src/trust/ledger.ts";
import { isLike, nameFault } from "../src/trust/names.ts";
import { sign } from "../src/trust/signed.ts";
import { Door, RECIPIENT, SECRET, signer } from "./door.ts";

const key = (byte: number): Bytes => bytes(ed25519.getPublicKey(new Uint8Array(32).fill(byte)));

async function sample(): Promise<Door> {
  const door = new Door();
  await door.addReader("Hallway phone", key(3));
  door.add({ type: "epoch", epoch: 1, sha256: new Uint8Array(32) });
  door.add(null, { type: "stopped", at_utc: "2026-11-23T12:00:00Z" });
  await door.addReader("Kitchen tablet", key(4));
  door.add({ type: "epoch", epoch: 2, sha256: new Uint8Array(32) });
  door.add(null, { type: "stopped", at_utc: "2026-11-23T12:01:00Z" });
  return door;
}

async function verify(lines: readonly Bytes[], head: Head): Promise<Chain> {
  let chain = begin(lines[0] ?? SECRET);
  for (const line of lines.slice(1)) chain = (await extend(chain, line)).chain;
  checkHead(chain, head);
  return chain;
}

test("a chain gives the household, its keys and its head", async () => {
  const door = await sample();
  const chain = await verify(door.lines, door.head);
  assert.deepEqual(
    chain.roster.readers.map(({ label, seq, epoch }) => [label, seq, epoch]),
    [
      ["Hallway phone", 1, 1],
      ["Kitchen tablet", 4, 2],
    ],
  );
  assert.equal(chain.epochs.length, 2);
  assert.deepEqual(chain.head, door.head);
});

const edits: Readonly<Record<string, (lines: Bytes[], at: number) => void>> = {
  edit: (lines, at) =>
    (lines[at] = utf8(text(lines[at] ?? SECRET).replace(/[A-Z]/, (letter) => (letter === "A" ? "B" : "A")))),
  drop: (lines, at) => lines.splice(at, 1),
  insert: (lines, at) => lines.splice(at, 0, lines[at] ?? SECRET),
  swap: (lines, at) => lines.splice(at, 2, lines[at + 1] ?? lines[0] ?? SECRET, lines[at] ?? SECRET),
  truncate: (lines, at) => lines.splice(at),
};
for (const [name, change] of Object.entries(edits))
  test(`${name} is caught at every line`, async () => {
    const { lines, head } = await sample();
    for (let at = 0; at < lines.length; at++) {
      const changed = [...lines];
      change(changed, at);
      await assert.rejects(async () => verify(changed, head), RecordBroken, `line ${at}`);
    }
  });

test("a fork of the same length is caught by the head", async () => {
  const { lines, head } = await sample();
  const fork = await sample();
  fork.lines.pop();
  fork.add(null, { type: "stopped", at_utc: "2026-11-23T12:09:00Z" });
  await verify(fork.lines, fork.head);
  await assert.rejects(verify(fork.lines, head), RecordBroken);
  await assert.rejects(verify(lines, fork.head), RecordBroken);
});

const refused: Readonly<Record<string, (door: Door) => Promise<void> | void>> = {
  "a second birth": (door) => {
    door.add({ type: "born", door: "x", device: door.device, admit: door.device, open: "age1pq1q" });
  },
  "an empty line": (door) => {
    door.add(null);
  },
  "a repeated epoch": (door) => {
    door.add({ type: "epoch", epoch: 2, sha256: new Uint8Array(32) });
  },
  "a reader twice": (door) => door.addReader("Again", key(3)),
  "a reader without the card": async (door) => {
    const reader = { label: "Ghost", sign: key(5), recipient: "age1pq1q" };
    door.add({ type: "reader_added", admission: await door.signed("admission", { door: door.id, reader }) });
  },
  "a name that deceives": (door) => door.addReader("Mum\u202e", key(5)),
  "an unknown key in a line": (door) => {
    door.add({ type: "epoch", epoch: 3, sha256: new Uint8Array(32), more: 1 });
  },
  "an unknown type": (door) => {
    door.add({ type: "reader_forgotten" });
  },
};
for (const [name, change] of Object.entries(refused))
  test(`refused: ${name}`, async () => {
    const door = await sample();
    await change(door);
    await assert.rejects(verify(door.lines, door.head), RecordBroken);
  });

const publicOf = (seed: Bytes): Bytes => bytes(ed25519.getPublicKey(seed));
const [phone, tablet, guest] = [3, 4, 6].map((byte) => new Uint8Array(32).fill(byte)) as [Bytes, Bytes, Bytes];

/** The phone invites and the guest asks; returns what the guest said. */
async function guestAsks(door: Door, inviteSeed: number): Promise<Bytes> {
  const [id, invite] = [{ door: door.id }, new Uint8Array(32).fill(inviteSeed)];
  const invited = { ...id, by: publicOf(phone), key: publicOf(invite) };
  door.add({ type: "invited", invite: await sign(signer(phone), "invite", invited) });
  const reader = { label: "Guest", sign: publicOf(guest), recipient: RECIPIENT };
  const admission = await sign(signer(invite), "admission", { ...id, reader });
  door.add({ type: "applied", admission });
  return admission;
}

async function confirm(door: Door, admission: Bytes, by: Bytes): Promise<void> {
  const said = { door: door.id, by: publicOf(by), subject: sha256(admission) };
  door.add({ type: "reader_confirmed", confirmation: await sign(signer(by), "confirmation", said) });
}

test("who invited lets nobody in alone: a second reader has to", async () => {
  const door = await sample();
  const admission = await guestAsks(door, 5);
  await confirm(door, admission, phone);
  await assert.rejects(verify(door.lines, door.head), RecordBroken);
  door.lines.pop();
  await confirm(door, admission, tablet);
  assert.equal((await verify(door.lines, door.head)).roster.readers.length, 3);
});

test("who was turned away is let in by nothing that was said before, and asks no second time with the same key", async () => {
  const door = await sample();
  const admission = await guestAsks(door, 5);
  const said = { door: door.id, by: publicOf(phone), reader: publicOf(guest) };
  door.add({ type: "reader_removed", removal: await sign(signer(phone), "removal", said) });
  const { roster } = await verify(door.lines, door.head);
  assert.deepEqual([roster.applications, roster.former, roster.readers.length], [[], [], 2]);
  await confirm(door, admission, tablet);
  await assert.rejects(verify(door.lines, door.head), RecordBroken);
  door.lines.pop();
  await guestAsks(door, 7);
  await assert.rejects(verify(door.lines, door.head), RecordBroken);
});

test("a household of sixteen is full", async () => {
  const door = new Door();
  for (let i = 10; i < 26; i++) await door.addReader(`Reader ${i}`, key(i));
  assert.equal((await verify(door.lines, door.head)).roster.readers.length, 16);
  await door.addReader("One more", key(40));
  await assert.rejects(verify(door.lines, door.head), RecordBroken);
});

test("names are judged with a sentence", () => {
  for (const good of ["This phone", "Büro", "妈妈的手机", "TVリビング", "Мамин iPhone", "Mum’s 2", "x".repeat(40)])
    assert.equal(nameFault(good), null, good);
  for (const bad of [
    "",
    " ",
    " x",
    "x\n",
    "x\u200b",
    "u\u0308",
    "x".repeat(41),
    "😀",
    "12",
    "a  b",
    "Kitсhen",
    "you",
    "THE CARD",
  ])
    assert.notEqual(nameFault(bad), null, bad);
  assert.notEqual(nameFault("PHONE", ["Phone"]), null);
});

test("names that could be taken for one another are alike, and others are not", () => {
  for (const [a, b] of [
    ["Paul", "PauI"],
    ["Oma", "0ma"],
    ["modern", "modem"],
    ["Нина", "НИНА"],
    ["сор", "cop"],
    ["ΝΙΝΑ", "NINA"],
  ] as const)
    assert.ok(isLike(a, b), `${a} ${b}`);
  for (const [a, b] of [
    ["Hina", "Nina"],
    ["Phone 1", "Phone 2"],
    ["Ada", "Ida"],
    ["Küche", "Flur"],
  ] as const)
    assert.ok(!isLike(a, b), `${a} ${b}`);
});

test("a line that follows and is numbered as another is refused", async () => {
  const { lines } = await sample();
  const chain = begin(lines[0] ?? SECRET);
  const second = lines[1] ?? SECRET;
  const numbered = utf8(text(second).replace('"seq":1,', '"seq":2,'));
  assert.notDeepEqual(numbered, second);
  assert.equal((await extend(chain, second)).chain.head.seq, 1);
  await assert.rejects(extend(chain, numbered), RecordBroken);
});
