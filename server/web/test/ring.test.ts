import assert from "node:assert/strict";
import { test } from "node:test";

import { NewRings, type Ring, openRing } from "../src/door/ring.ts";
import { type Bytes, concat, utf8 } from "../src/format/bytes.ts";
import { encode } from "../src/format/json.ts";
import { RING_METADATA } from "../src/format/ring.ts";
import { identityOf, makeKeys } from "../src/keys/reader.ts";
import { Epochs } from "../src/sealing/epochs.ts";
import { TrustError } from "../src/trust/errors.ts";
import { sign } from "../src/trust/signed.ts";
import { answered, rang } from "../src/trust/visits.ts";
import { Door, sealFrame, signer } from "./door.ts";

const AT = "2026-11-23T12:00:00Z";
const LATER = "2026-11-23T12:00:09Z";
const NEXT_HOUR = "2026-11-23T13:00:00Z";
const ring = (seq: number | null, at_utc = AT): Ring => ({ seq, at_utc, picture: new Uint8Array(0) });
const padded = (blob: Bytes, size = 21_504): Bytes =>
  concat(blob, new Uint8Array(Math.max(0, size - blob.length)).fill(0x20));

async function joined(): Promise<{ door: Door; epochs: Epochs; roster: { door: Bytes; device: Bytes } }> {
  const door = new Door();
  const keys = await makeKeys({ curve: "X25519", native: false });
  await door.beginEpoch(keys.recipient);
  return {
    door,
    epochs: new Epochs(identityOf(keys), [[1, door.epochFile]]),
    roster: { door: door.id, device: door.device },
  };
}

test("a ring that the door signed and sealed is opened, picture and all", async () => {
  const { door, epochs, roster } = await joined();
  const payload = { door: door.id, seq: 7, at_utc: AT, picture: Uint8Array.of(255, 216) };
  const sealed = sealFrame(1, door.base, 0, padded(await door.signed("ring", payload)), RING_METADATA);
  assert.deepEqual(await openRing(epochs, roster, sealed), payload);
});

test("nobody but the door rings: no other reader, no other door, no other words, no other length", async () => {
  const { door, epochs, roster } = await joined();
  const payload = { door: door.id, seq: 7, at_utc: AT, picture: new Uint8Array(0) };
  const blobs: Readonly<Record<string, Bytes>> = {
    "a reader, who has the key too": padded(await sign(signer(new Uint8Array(32).fill(66)), "ring", payload)),
    "a notice": padded(await door.signed("notice", payload)),
    "another door": padded(await door.signed("ring", { ...payload, door: new Uint8Array(32) })),
    "another form": padded(await door.signed("ring", { ...payload, more: 1 })),
    "another length": await door.signed("ring", payload),
    "no signature": padded(concat(new Uint8Array(64), encode(payload))),
  };
  for (const [who, blob] of Object.entries(blobs))
    await assert.rejects(openRing(epochs, roster, sealFrame(1, door.base, 3, blob, RING_METADATA)), TrustError, who);
  const moved = sealFrame(1, door.base, 4, padded(await door.signed("ring", payload)), utf8("doorward/v1/event\n"));
  await assert.rejects(openRing(epochs, roster, moved), TrustError, "from elsewhere");
});

test("a ring under a key that is not there yet is told apart, so that it can be asked for", async () => {
  const { door, epochs, roster } = await joined();
  const sealed = sealFrame(2, door.base, 0, padded(await door.signed("ring", {})), RING_METADATA);
  assert.equal(await openRing(epochs, roster, sealed), null);
});

test("what is pushed and what is read are one ring, whichever comes first", () => {
  const visits = rang([], 8, AT, 1);
  const first = new NewRings();
  first.begin(7, [], AT);
  assert.equal(first.pushed(ring(8), 7, AT)?.seq, 8);
  assert.equal(first.read(visits), null);
  assert.equal(first.pushed(ring(8), 8, AT), null, "shown again");
  const second = new NewRings();
  second.begin(7, [], AT);
  assert.equal(second.read(visits)?.seq, 8);
  assert.equal(second.pushed(ring(8), 7, AT), null);
});

test("a ring that was held back, or comes again after a reload, is past: no sound", () => {
  const held = new NewRings();
  held.begin(7, [], AT);
  assert.equal(held.pushed(ring(8), 12, NEXT_HOUR), null, "the record has it by now");
  const reloaded = new NewRings();
  assert.equal(reloaded.begin(12, rang([], 8, AT, 1), NEXT_HOUR), null);
  assert.equal(reloaded.pushed(ring(8), 12, NEXT_HOUR), null);
  assert.equal(reloaded.read(rang([], 8, AT, 1)), null);
});

test("a connection that begins anew takes no pushed word before it has followed the record", () => {
  const rings = new NewRings();
  rings.begin(7, [], AT);
  rings.end();
  assert.equal(rings.pushed(ring(8), 7, AT), null);
  assert.equal(rings.read(rang([], 8, AT, 1)), null);
  assert.equal(rings.begin(9, rang([], 8, AT, 1), LATER)?.seq, 8, "rung nine seconds ago, while it was gone");
  const seenTo = answered(rang([], 8, AT, 1), 8, { reader: new Uint8Array(32), at_utc: LATER });
  assert.equal(new NewRings().begin(9, seenTo, LATER), null, "somebody has it");
});

test("a ring without a line sounds once, and only if it is as young as the door’s last word", () => {
  const rings = new NewRings();
  rings.begin(7, [], AT);
  assert.equal(rings.pushed(ring(null, LATER), 7, LATER)?.at_utc, LATER);
  assert.equal(rings.pushed(ring(null, LATER), 7, LATER), null);
  assert.equal(rings.pushed(ring(null, AT), 7, NEXT_HOUR), null);
});
