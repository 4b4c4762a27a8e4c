import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, concat, utf8 } from "../src/format/bytes.ts";
import { object, string } from "../src/format/json.ts";
import { TrustError } from "../src/trust/errors.ts";
import { sign, verify } from "../src/trust/signed.ts";
import { signer } from "./door.ts";

const form = object({ word: string() });
const SEED = new Uint8Array(32).fill(1);
const KEY = bytes(ed25519.getPublicKey(SEED));
const OTHER = bytes(ed25519.getPublicKey(new Uint8Array(32).fill(2)));

test("what was signed counts for its key, its use and its bytes, and for nothing else", async () => {
  const blob = await sign(signer(SEED), "reply", { word: "yes" });
  assert.deepEqual(await verify(KEY, "reply", blob, form), { word: "yes" });
  const changed = concat(blob.subarray(0, 64), utf8('{"word":"no"}'));
  const flipped = blob.with(40, (blob[40] ?? 0) ^ 1);
  await assert.rejects(verify(OTHER, "reply", blob, form), TrustError);
  await assert.rejects(verify(KEY, "notice", blob, form), TrustError);
  await assert.rejects(verify(KEY, "reply", changed, form), TrustError);
  await assert.rejects(verify(KEY, "reply", flipped, form), TrustError);
});

test("no constant signature is good for every message", async () => {
  const neutral = new Uint8Array(32).with(0, 1);
  const order8 = Uint8Array.from(
    Buffer.from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "hex"),
  );
  const keys: readonly Bytes[] = [neutral, order8];
  for (const key of keys)
    for (let number = 0; number < 64; number += 1) {
      const blob = concat(neutral, new Uint8Array(32), utf8(`{"word":"${number}"}`));
      await assert.rejects(verify(key, "command", blob, form), /judge alike/);
    }
});
