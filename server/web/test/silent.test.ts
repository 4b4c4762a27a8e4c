// A film's picture without its sound, whatever parts it comes in.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Bytes, EMPTY, bigEndian64, concat, utf8 } from "../src/format/bytes.ts";
import { PictureAlone } from "../src/play/silent.ts";

const number = (value: number): Bytes => bigEndian64(BigInt(value)).slice(4);
const box = (kind: string, ...parts: Bytes[]): Bytes => {
  const inside = concat(...parts);
  return concat(number(8 + inside.length), utf8(kind), inside);
};
const zeros = (count: number): Bytes => new Uint8Array(count);
const track = (id: number, handler: string): Bytes =>
  box("trak", box("tkhd", zeros(12), number(id)), box("mdia", box("hdlr", zeros(8), utf8(handler), zeros(12))));
const extends_ = (id: number): Bytes => box("trex", zeros(4), number(id), zeros(16));
const header = (...tracks: [number, string][]): Bytes =>
  concat(
    box("ftyp", utf8("iso5")),
    box(
      "moov",
      box("mvhd", zeros(100)),
      ...tracks.map(([id, handler]) => track(id, handler)),
      box("mvex", ...tracks.map(([id]) => extends_(id))),
    ),
  );
const fragment = (id: number, words: string): Bytes =>
  concat(box("moof", box("traf", box("tfhd", zeros(4), number(id)))), box("mdat", utf8(words)));

const FILM = concat(
  header([1, "vide"], [2, "soun"]),
  fragment(1, "first picture"),
  fragment(2, "a word"),
  fragment(2, "another"),
  fragment(1, "second picture"),
);
const ALONE = concat(header([1, "vide"]), fragment(1, "first picture"), fragment(1, "second picture"));

test("the sound is taken out, and nothing else is touched", () => {
  assert.deepEqual(new PictureAlone().push(FILM), ALONE);
  assert.deepEqual(new PictureAlone().push(ALONE), ALONE);
});

test("it may come byte by byte", () => {
  const alone = new PictureAlone();
  assert.deepEqual(concat(...Array.from(FILM, (_, at) => alone.push(FILM.subarray(at, at + 1)))), ALONE);
});

test("it may be cut anywhere", () => {
  for (let at = 0; at <= FILM.length; at += 1) {
    const alone = new PictureAlone();
    assert.deepEqual(concat(alone.push(FILM.subarray(0, at)), alone.push(FILM.subarray(at))), ALONE);
  }
});

test("whoever goes elsewhere in the film still hears nothing", () => {
  const alone = new PictureAlone();
  alone.push(FILM.subarray(0, FILM.length - 40));
  alone.moved();
  assert.deepEqual(alone.push(fragment(2, "a word")), EMPTY);
  assert.deepEqual(alone.push(fragment(1, "third picture")), fragment(1, "third picture"));
});
