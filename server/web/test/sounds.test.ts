// What is heard live: from the door, once, in its order, beside the picture of its moment, and never late.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Bytes, bigEndian64, concat } from "../src/format/bytes.ts";
import { FormatError } from "../src/format/json.ts";
import { LIVE_METADATA, SOUND_KID, SOUND_METADATA, parseSound } from "../src/format/live.ts";
import { Jitter } from "../src/play/jitter.ts";
import { LivePictures } from "../src/play/pictures.ts";
import { LiveSounds, isSound } from "../src/play/sounds.ts";
import { SealBroken } from "../src/sealing/errors.ts";
import { sealFrame } from "../src/sealing/sframe.ts";
import { frameKey } from "../src/sealing/sframe.ts";

const BASE = new Uint8Array(32).fill(5);
const MOMENT = new Uint8Array(1280);

const plain = (atMs: number): Bytes => concat(bigEndian64(BigInt(atMs * 1000)), MOMENT);
function sealed(counter: number, { kid = 1, atMs = counter * 40, base = BASE, metadata = SOUND_METADATA } = {}): Bytes {
  return sealFrame(frameKey(SOUND_KID + BigInt(kid), base), BigInt(counter), plain(atMs), metadata);
}
function listening(...kids: number[]): LiveSounds {
  const sounds = new LiveSounds();
  for (const kid of kids) sounds.learn(kid, BASE);
  return sounds;
}
const heard = (sounds: LiveSounds, frames: readonly Bytes[], pictureMs = 0): (number | null)[] =>
  frames.map((frame) => sounds.take(frame, pictureMs)?.atMs ?? null);

test("moments are heard in their order", () => {
  assert.deepEqual(heard(listening(1), [sealed(0), sealed(1), sealed(2)]), [0, 40, 80]);
});

test("a moment that is sent again is a gap, and so is one that comes behind a later one", () => {
  assert.deepEqual(heard(listening(1), [sealed(1), sealed(1), sealed(3), sealed(2), sealed(4)]), [
    40,
    null,
    120,
    null,
    160,
  ]);
});

test("nothing is heard under a key that was followed by another, nor under one that this reader was not given", () => {
  const frames = [sealed(0, { kid: 2 }), sealed(5), sealed(0, { kid: 3 })];
  assert.deepEqual(heard(listening(1, 2), frames), [0, null, null]);
});

test("what was held back is of another moment than the picture, and is not heard", () => {
  const frames = [sealed(0, { atMs: 7_999 }), sealed(1, { atMs: 8_000 }), sealed(2, { atMs: 12_001 })];
  assert.deepEqual(heard(listening(1), frames, 10_000), [null, 8_000, null]);
  assert.deepEqual(heard(listening(1), [sealed(0)], -Infinity), [null], "before there is any picture");
});

test("what is not from the door is no sound", () => {
  const strange = [
    sealed(0, { base: new Uint8Array(32) }),
    sealed(0, { metadata: LIVE_METADATA }),
    sealed(0).slice(0, -1),
  ];
  for (const frame of strange) assert.throws(() => listening(1).take(frame, 0), SealBroken);
});

test("a moment is never taken for a picture, nor a picture for a moment", () => {
  const picture = sealFrame(frameKey(1n, BASE), 0n, plain(0), LIVE_METADATA);
  assert.deepEqual([isSound(sealed(0)), isSound(picture)], [true, false]);
  const pictures = new LivePictures();
  pictures.learn(1, BASE);
  assert.equal(pictures.take(sealed(0)), "early");
});

test("a moment has samples, and not too many", () => {
  for (const bytes of [0, 7, 8, 9, 8 + 2002]) assert.throws(() => parseSound(new Uint8Array(bytes)), FormatError);
  const data = concat(bigEndian64(-5_000n), Uint8Array.of(1, 0, 0xff, 0xff));
  assert.deepEqual(parseSound(data), { atMs: -5, pcm: Int16Array.of(1, -1) });
});

test("moments follow one another without a seam", () => {
  const jitter = new Jitter();
  const begins = [0, 0.05, 0.07, 0.13].map((nowS) => jitter.place(nowS, 0.04));
  assert.deepEqual(
    begins.map((at) => at?.toFixed(2)),
    ["0.08", "0.12", "0.16", "0.20"],
  );
});

test("live sound drops and never lags, however much comes at once", () => {
  const jitter = new Jitter();
  let latest = 0;
  for (let number = 0; number < 500; number += 1) {
    const nowS = number * 0.01;
    const beginS = jitter.place(nowS, 0.04);
    if (beginS !== null) latest = Math.max(latest, beginS - nowS);
  }
  assert.ok(latest <= 0.25, `${latest}`);
});

test("after a hole it begins anew, a little ahead", () => {
  const jitter = new Jitter();
  jitter.place(0, 0.04);
  assert.equal(jitter.place(5, 0.04)?.toFixed(2), "5.08");
});
