// A farewell counts if the door signed it to this reader, and somebody's own word to remove it is in it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, sha256 } from "../src/format/bytes.ts";
import { TrustError } from "../src/trust/errors.ts";
import { readFarewell } from "../src/trust/farewell.ts";
import { bornRoster } from "../src/trust/roster.ts";
import { sign } from "../src/trust/signed.ts";
import { DEVICE, RECIPIENT, signer } from "./door.ts";

const seed = (byte: number): Bytes => new Uint8Array(32).fill(byte);
const keyOf = (from: Bytes): Bytes => bytes(ed25519.getPublicKey(from));
const [ME, PHONE, CARD] = [seed(21), seed(22), seed(23)];
const ROSTER = {
  ...bornRoster({ type: "born", door: "Front door", device: keyOf(DEVICE), admit: keyOf(CARD), open: RECIPIENT }),
  readers: [ME, PHONE].map((from, i) => ({
    label: ["Tablet", "Phone"][i] ?? "",
    sign: keyOf(from),
    recipient: RECIPIENT,
    seq: i + 1,
    epoch: 1,
  })),
};
const AT = "2026-11-26T13:03:00Z";

interface Said {
  readonly by: Bytes;
  readonly removalBy: Bytes;
  readonly gone: Bytes;
  readonly reader: Bytes;
  readonly door: Bytes;
  readonly device: Bytes;
  readonly label: string | null;
  readonly at_utc: string | null;
}

async function said(changed: Partial<Said> = {}): Promise<Bytes> {
  const all: Said = {
    by: PHONE,
    removalBy: changed.by ?? PHONE,
    gone: keyOf(ME),
    reader: keyOf(ME),
    door: ROSTER.door,
    device: DEVICE,
    label: "Phone",
    at_utc: AT,
    ...changed,
  };
  const { door, gone, reader, label, at_utc } = all;
  const removal = await sign(signer(all.removalBy), "removal", { door, by: keyOf(all.by), reader: gone });
  return sign(signer(all.device), "farewell", { door, reader, removal, label, at_utc });
}

const read = async (changed: Partial<Said> = {}) => readFarewell(await said(changed), ROSTER, keyOf(ME));

test("it says by whom and when", async () => {
  assert.deepEqual(await read(), { by: "reader", label: "Phone", atUtc: AT });
  assert.deepEqual(await read({ by: ME, label: null }), { by: "self", label: "Tablet", atUtc: AT });
  assert.deepEqual(await read({ by: CARD, label: null }), { by: "card", label: null, atUtc: AT });
});

test("after a start the door knows no hour, and this browser may know the name", async () => {
  assert.deepEqual(await read({ label: null, at_utc: null }), { by: "reader", label: "Phone", atUtc: null });
  assert.deepEqual(await read({ by: seed(24), label: null, at_utc: null }), {
    by: "reader",
    label: null,
    atUtc: null,
  });
});

test("nobody but the door parts from a reader, and not with what was said of another", async () => {
  const others: Partial<Said>[] = [
    { device: seed(30) },
    { reader: keyOf(PHONE) },
    { gone: keyOf(PHONE) },
    { door: sha256(seed(31)) },
    { by: PHONE, removalBy: seed(32) },
  ];
  for (const changed of others) await assert.rejects(read(changed), TrustError, Object.keys(changed).join());
});
