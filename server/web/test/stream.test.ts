import assert from "node:assert/strict";
import { test } from "node:test";

import { generateHybridIdentity } from "age-encryption";

import { type Bytes, concat } from "../src/format/bytes.ts";
import { NotForUs, SealBroken } from "../src/sealing/errors.ts";
import { Opener, openWhole } from "../src/sealing/stream.ts";
import { isTagged } from "../src/sealing/tagged.ts";
import { type KeyForm, hasNativeMlkem, identityOf, makeKeys } from "../src/keys/reader.ts";
import { CHUNK, identity, payloadStart, plain, seal } from "./sealed.ts";

const sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5];

async function open(file: Bytes, step: number): Promise<{ plaintext: Bytes; ending: string }> {
  const opener = new Opener(identity);
  const chunks: Bytes[] = [];
  for (let at = 0; at < file.length; at += step)
    for await (const chunk of opener.push(file.subarray(at, at + step))) chunks.push(chunk);
  const { chunk, ending } = opener.end();
  return { plaintext: concat(...chunks, chunk ?? new Uint8Array(0)), ending };
}

for (const size of sizes)
  test(`${size} bytes open whole, in odd parts and byte by byte`, async () => {
    const file = await seal(plain(size));
    for (const step of [file.length, 4097, ...(size <= CHUNK + 1 ? [1] : [])])
      assert.deepEqual(await open(file, step), { plaintext: plain(size), ending: "complete" }, `step ${step}`);
  });

test("a file cut at any boundary gives every whole chunk, and says that it was cut", async () => {
  const plaintext = plain(2 * CHUNK + 5);
  const file = await seal(plaintext);
  const start = payloadStart(file);
  const sealed = CHUNK + 16;
  for (const boundary of [0, start, start + sealed, start + 2 * sealed, file.length - 1])
    for (const end of [boundary - 1, boundary, boundary + 1].filter((at) => at >= 0 && at < file.length)) {
      const whole = Math.max(0, Math.floor((end - start) / sealed));
      assert.deepEqual(
        await open(file.slice(0, end), file.length),
        { plaintext: plaintext.slice(0, whole * CHUNK), ending: "cut" },
        `cut at ${end}`,
      );
    }
});

test("changed, swapped or added chunks and a changed header are refused", async () => {
  const file = await seal(plain(2 * CHUNK + 5));
  const start = payloadStart(file);
  const sealed = CHUNK + 16;
  const swapped = concat(
    file.slice(0, start),
    file.slice(start + sealed, start + 2 * sealed),
    file.slice(start, start + sealed),
    file.slice(start + 2 * sealed),
  );
  const flipped = (at: number) => file.with(at, (file[at] ?? 0) ^ 1);
  for (const bad of [swapped, flipped(start), flipped(start + sealed), flipped(30), flipped(start - 1)])
    await assert.rejects(open(bad, bad.length), SealBroken);
  await assert.rejects(openWhole(file.slice(0, -1), identity), SealBroken);
  const full = await seal(plain(CHUNK));
  await assert.rejects(openWhole(concat(full, Uint8Array.of(0)), identity), SealBroken);
  await assert.rejects(openWhole(file, await generateHybridIdentity()), NotForUs);
});

const FORMS: readonly KeyForm[] = (["X25519", "P-256"] as const).flatMap((curve) =>
  [true, false].map((native) => ({ curve, native })),
);
for (const form of FORMS)
  test(
    `keys that script cannot read open a file (${form.curve} and ${form.native ? "ML-KEM of the platform" : "a wrapped seed"})`,
    { skip: form.native && !hasNativeMlkem() ? "no ML-KEM in this node" : false },
    async () => {
      const keys = await makeKeys(form);
      assert.equal(isTagged(keys.recipient), form.curve === "P-256");
      assert.deepEqual(await openWhole(await seal(plain(9), keys.recipient), identityOf(keys)), plain(9));
      await assert.rejects(openWhole(await seal(plain(9)), identityOf(keys)), NotForUs);
      for (const held of [
        keys.signing,
        "p256" in keys ? keys.p256 : keys.x25519,
        keys.mlkem.kind === "native" ? keys.mlkem.key : keys.mlkem.wrapping,
      ])
        assert.equal(held.extractable, false);
    },
  );

test("any part of a file opens again where it lies, and only there", async () => {
  const plaintext = plain(3 * CHUNK + 5);
  const file = await seal(plaintext);
  const opener = new Opener(identity);
  assert.throws(() => opener.where(0, 1), /no chunk before the header/);
  for await (const chunk of opener.push(file)) assert.ok(chunk.length > 0);
  const part = (first: number, past: number): Bytes => {
    const { from, until } = opener.where(first, past);
    return file.slice(from, until);
  };
  for (const [first, past] of [
    [0, 1],
    [1, 3],
    [2, 4],
    [3, 4],
  ] as const)
    assert.deepEqual(concat(...opener.again(first, part(first, past))), plaintext.slice(first * CHUNK, past * CHUNK));
  assert.throws(() => opener.again(1, part(0, 1)), SealBroken);
  assert.throws(() => opener.again(0, part(0, 1).with(9, 0xff ^ (part(0, 1)[9] ?? 0))), SealBroken);
});
