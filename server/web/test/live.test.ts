import assert from "node:assert/strict";
import { test } from "node:test";

import { type Bytes, bigEndian64, concat, utf8 } from "../src/format/bytes.ts";
import { LIVE_METADATA, codecOf, parsePicture } from "../src/format/live.ts";
import { Lag } from "../src/play/lag.ts";
import { paceOf } from "../src/play/pace.ts";
import { LivePictures, type Taken } from "../src/play/pictures.ts";
import { sealFrame } from "./door.ts";

const BASE = new Uint8Array(32).fill(5);
const INIT = concat(utf8("....avcC"), Uint8Array.of(1, 0x42, 0xc0, 0x1f));

function plain(number: number, isKey: boolean, { stream = 1, atMs = number * 40 } = {}): Bytes {
  const head = new DataView(new ArrayBuffer(13));
  head.setUint8(0, Number(isKey));
  head.setUint32(1, stream);
  const tail = new DataView(new ArrayBuffer(6));
  tail.setUint32(0, 7_000);
  tail.setUint16(4, isKey ? INIT.length : 0);
  return concat(
    new Uint8Array(head.buffer, 0, 5),
    bigEndian64(BigInt(number)),
    bigEndian64(BigInt(atMs * 1000)),
    new Uint8Array(tail.buffer),
    isKey ? INIT : new Uint8Array(0),
    utf8(`fragment ${number}`),
  );
}

const sealed = (number: number, isKey = false, { kid = 1, counter = number } = {}): Bytes =>
  sealFrame(kid, BASE, counter, plain(number, isKey), LIVE_METADATA);

const told = (taken: Taken): string | number => (typeof taken === "string" ? taken : Number(taken.number));

function watching(): LivePictures {
  const pictures = new LivePictures();
  pictures.learn(1, BASE);
  return pictures;
}

const all = (pictures: LivePictures, frames: readonly Bytes[]): (string | number)[] =>
  frames.map((frame) => told(pictures.take(frame)));

test("pictures are shown from a keyframe on, in their order", () => {
  assert.deepEqual(all(watching(), [sealed(1), sealed(2, true), sealed(3), sealed(4)]), ["gap", 2, 3, 4]);
});

test("a picture that is sent twice is shown once", () => {
  assert.deepEqual(all(watching(), [sealed(1, true), sealed(1, true), sealed(2), sealed(1, true)]), [
    1,
    "old",
    2,
    "old",
  ]);
});

test("what follows a missing picture waits for the next keyframe", () => {
  assert.deepEqual(all(watching(), [sealed(1, true), sealed(3), sealed(4), sealed(5, true), sealed(6)]), [
    1,
    "gap",
    "gap",
    5,
    6,
  ]);
});

test("pictures in another order are a gap, and never go back", () => {
  assert.deepEqual(all(watching(), [sealed(1, true), sealed(3), sealed(2), sealed(4, true)]), [1, "gap", "old", 4]);
});

test("a picture missing between two keys is a gap too", () => {
  const pictures = watching();
  pictures.learn(2, BASE);
  const turned = sealed(3, false, { kid: 2, counter: 0 });
  assert.deepEqual(all(pictures, [sealed(1, true), turned]), [1, "gap"]);
});

test("a key turns without a gap, and the one before counts no longer", () => {
  const pictures = watching();
  pictures.learn(2, BASE);
  const turned = sealed(2, false, { kid: 2, counter: 0 });
  assert.deepEqual(all(pictures, [sealed(1, true), turned, sealed(3)]), [1, 2, "old"]);
});

test("a picture under a key that is on its way is early", () => {
  assert.deepEqual(all(watching(), [sealed(1, true), sealed(2, true, { kid: 3, counter: 0 })]), [1, "early"]);
});

test("a number that was there before is never shown under another key", () => {
  const pictures = watching();
  pictures.learn(2, BASE);
  all(pictures, [sealed(5, true)]);
  assert.throws(() => pictures.take(sealed(5, true, { kid: 2, counter: 0 })), /number of another/);
});

test("what was changed is no picture", () => {
  const frame = sealed(1, true);
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
  assert.throws(() => watching().take(frame), /changed/);
});

test("a player that lost its place takes nothing before a keyframe", () => {
  const pictures = watching();
  all(pictures, [sealed(1, true)]);
  pictures.lost();
  assert.deepEqual(all(pictures, [sealed(2), sealed(3, true)]), ["gap", 3]);
});

test("a picture is read as the door writes it", () => {
  const picture = parsePicture(plain(9, true, { stream: 4, atMs: 123 }));
  assert.deepEqual([picture.stream, picture.number, picture.atMs, picture.cameraMs], [4, 9n, 123, 7]);
  assert.equal(codecOf(picture.init), "avc1.42c01f");
  assert.throws(() => parsePicture(plain(9, true).subarray(0, 30)), /without a fragment/);
  assert.throws(() => parsePicture(new Uint8Array(3)), /shorter/);
});

const lagOf = (waysMs: readonly number[]): number[] => {
  const lag = new Lag();
  return waysMs.map((way, i) => {
    lag.arrived(i * 40, i * 40 + way, 40);
    return lag.lagMs;
  });
};

test("the lag follows the spread of arrivals, and not how long the way is", () => {
  assert.equal(lagOf(new Array<number>(100).fill(5_000)).at(-1), 50);
});

test("the lag rises at once and falls by a frame a second", () => {
  const quiet = new Array<number>(100).fill(10);
  const lags = lagOf([...quiet, ...new Array<number>(20).fill(210), ...quiet]);
  const worst = Math.max(...lags);
  assert.ok(worst >= 240);
  const [from, later] = [lags[130] ?? 0, lags[155] ?? 0];
  assert.ok(from - later <= 41);
});

test("whoever is late hurries until it is near, whoever drifted jumps, and near the edge nothing is pushed", () => {
  const paces = [10, 44, 46, 30, 26, 25, 30, 251, 30].reduce<ReturnType<typeof paceOf>[]>(
    (before, lateMs) => [...before, paceOf(lateMs, before.at(-1) ?? "steady")],
    [],
  );
  const expected = ["steady", "steady", "hurry", "hurry", "hurry", "steady", "steady", "jump", "steady"];
  assert.deepEqual(paces, expected);
});
