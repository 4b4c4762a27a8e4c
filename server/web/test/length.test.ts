import assert from "node:assert/strict";
import { test } from "node:test";

import { type Bytes, bigEndian64, concat, utf8 } from "../src/format/bytes.ts";
import { withLength } from "../src/saved/length.ts";

const number = (value: number): Bytes => bigEndian64(BigInt(value)).slice(4);
const box = (kind: string, ...parts: Bytes[]): Bytes => {
  const inside = concat(...parts);
  return concat(number(8 + inside.length), utf8(kind), inside);
};
const VERSION = { short: number(0), long: number(1 << 24) };
const header = (kind: string, scale: number, version = VERSION.short): Bytes =>
  box(kind, version, number(0), number(0), number(scale), number(0), new Uint8Array(8));
const moov = (version = VERSION.short): Bytes =>
  box("moov", header("mvhd", 1000, version), box("trak", box("mdia", header("mdhd", 90_000))));
const fragment = (at: number): Bytes =>
  concat(
    box("moof", box("traf", box("tfhd", number(0)), box("tfdt", VERSION.long, bigEndian64(BigInt(at))))),
    box("mdat", utf8("picture")),
  );
const lengthOf = (film: Bytes): number => new DataView(film.buffer).getUint32(8 + 24);

test("a film's length is written into the copy that is played, and nothing else is changed", () => {
  const film = concat(moov(), fragment(0), fragment(90_000), fragment(180_000));
  const kept = film.slice();
  const played = withLength(film);
  assert.equal(lengthOf(played), 3000);
  assert.deepEqual(film, kept);
  new DataView(played.buffer).setUint32(8 + 24, 0);
  assert.deepEqual(played, kept);
});

test("a cut film is as long as its whole fragments", () => {
  const film = concat(moov(), fragment(0), fragment(90_000), fragment(180_000).slice(0, 20));
  assert.equal(lengthOf(withLength(film)), 2000);
});

test("what cannot be told is left as it is", () => {
  const films = [new Uint8Array(0), utf8("no film"), moov(), concat(moov(), fragment(0)), fragment(0)];
  films.push(concat(moov(VERSION.long), fragment(0), fragment(90_000)));
  films.push(concat(box("moov", header("mvhd", 1000)), fragment(0), fragment(90_000)));
  films.push(concat(moov(), fragment(90_000), fragment(0)));
  for (const film of films) assert.equal(withLength(film), film);
});

test("a film that is cut anywhere is never more than left as it is", () => {
  const film = concat(moov(), fragment(0), fragment(90_000));
  for (let size = 0; size < film.length; size += 1) assert.equal(withLength(film.slice(0, size)).length, size);
});

test("a film with sound is as long as its picture", () => {
  const of = (track: number, at: number): Bytes =>
    concat(
      box(
        "moof",
        box("traf", box("tfhd", number(0), number(track)), box("tfdt", VERSION.long, bigEndian64(BigInt(at)))),
      ),
      box("mdat", utf8("part")),
    );
  const film = concat(moov(), of(1, 0), of(2, 0), of(1, 90_000), of(2, 1024), of(2, 2048));
  assert.equal(lengthOf(withLength(film)), 2000);
});
