// The player's edge against media sources that a test drives: one with little memory, and the managed one that an iPhone has.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { type Bytes, concat, utf8 } from "../src/format/bytes.ts";
import { show } from "../src/play/screen.ts";
import { Changed, Shelf } from "../src/play/shelf.ts";
import { PLAIN_BYTES } from "../src/sealing/stream.ts";

const TIMESCALE = 90_000;
const KIND = { codec: "avc1.42e00a", lengthS: 30 };
/** One second each: one fragment that stands by itself and one that does not, half a chunk together. */
const SECONDS = 30;
const SECOND_BYTES = PLAIN_BYTES / 2;

const box = (kind: string, ...parts: Bytes[]): Bytes => {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, 8 + parts.reduce((sum, part) => sum + part.length, 0));
  head.set(utf8(kind), 4);
  return concat(head, ...parts);
};
const words = (...numbers: number[]): Bytes => {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((number, i) => {
    view.setUint32(4 * i, number);
  });
  return new Uint8Array(view.buffer);
};
function fragment(begun: number, isKeyframe: boolean): Bytes {
  const trun = box("trun", words(0x701, 1, 0, TIMESCALE / 2, 1, isKeyframe ? 0x02000000 : 0x01010000));
  const moof = box("moof", box("mfhd", words(0, 1)), box("traf", box("tfdt", words(1 << 24, 0, begun)), trun));
  return concat(moof, box("mdat", new Uint8Array(SECOND_BYTES / 2 - moof.length - 8)));
}
const INIT = box("moov", new Uint8Array(92));
const FILM = concat(INIT, ...Array.from({ length: 2 * SECONDS }, (_, i) => fragment((i * TIMESCALE) / 2, i % 2 === 0)));

/** A buffer that knows what it holds by the bytes that it got, and has room for so many seconds. */
class FakeBuffer extends EventTarget {
  static roomS = Infinity;
  appended: number[] = [];
  removed: number[] = [];
  #hasInit = false;
  #at: number | null = null;
  #fromS = 0;
  #untilS = 0;

  get buffered(): { length: number; start: () => number; end: () => number } {
    return {
      length: this.#untilS > this.#fromS ? 1 : 0,
      start: () => this.#fromS,
      end: () => this.#untilS,
    };
  }
  appendBuffer(part: Bytes): void {
    if (this.#untilS - this.#fromS >= FakeBuffer.roomS) throw new DOMException("full", "QuotaExceededError");
    const offset = offsetOf(part);
    if (offset === 0) {
      assert.equal(part.length, INIT.length);
      this.#hasInit = true;
      this.#done();
      return;
    }
    this.appended.push(offset);
    // As WebKitGTK does it.
    if (!this.#hasInit) {
      this.#done();
      return;
    }
    if (this.#at === null) {
      // What begins anew has to begin with a fragment that stands by itself.
      const second = (offset - INIT.length) / SECOND_BYTES;
      assert.ok(Number.isInteger(second), `a keyframe begins at ${offset}`);
      this.#fromS = this.#untilS = second;
    } else assert.equal(offset, this.#at, "one piece");
    this.#at = offset + part.length;
    this.#untilS = Math.floor((2 * (this.#at - INIT.length)) / SECOND_BYTES) / 2;
    this.#done();
  }
  remove(from: number, until: number): void {
    assert.equal(from, 0);
    this.removed.push(until);
    this.#fromS = until === Infinity ? this.#untilS : Math.ceil(until);
    this.#done();
  }
  /** Let go of what there is, as a browser may. */
  evict(untilS: number): void {
    this.#fromS = untilS;
  }
  abort(): void {
    this.#hasInit = false;
    this.#at = null;
  }
  #done(): void {
    queueMicrotask(() => this.dispatchEvent(new Event("updateend")));
  }
}

/** Where in the film a part lies: parts are subarrays of it. */
const offsetOf = (part: Bytes): number => part.byteOffset;

class FakeSource extends EventTarget {
  static last: FakeSource;
  static isTypeSupported = (): boolean => true;
  static begins: boolean | undefined;
  streaming = FakeSource.begins;
  duration = NaN;
  readyState = "open";
  buffer = new FakeBuffer();
  lengthAtFirst = NaN;

  constructor() {
    super();
    FakeSource.last = this;
    queueMicrotask(() => this.dispatchEvent(new Event("sourceopen")));
  }
  addSourceBuffer(): FakeBuffer {
    this.lengthAtFirst = this.duration;
    return this.buffer;
  }
  endOfStream(): void {
    this.readyState = "ended";
  }
  wants(more: boolean): void {
    this.streaming = more;
    this.dispatchEvent(new Event(more ? "startstreaming" : "endstreaming"));
  }
}

class FakeVideo extends EventTarget {
  currentTime = 0;
  ended = false;
  disableRemotePlayback = false;
  src = "";
  at(seconds: number, event = "timeupdate"): void {
    this.currentTime = seconds;
    this.dispatchEvent(new Event(event));
  }
}

const world = globalThis as { ManagedMediaSource?: unknown };
const urlOf = URL.createObjectURL.bind(URL);
beforeEach(() => {
  world.ManagedMediaSource = FakeSource;
  FakeSource.begins = undefined;
  FakeBuffer.roomS = Infinity;
  URL.createObjectURL = () => "blob:film";
});
let running: AbortController | null = null;
afterEach(() => {
  running?.abort(); // or a test that failed would never end
  delete world.ManagedMediaSource;
  URL.createObjectURL = urlOf;
});

const chunkAt = (index: number): Bytes => FILM.subarray(index * PLAIN_BYTES, (index + 1) * PLAIN_BYTES);
const CHUNKS = Math.ceil(FILM.length / PLAIN_BYTES);

async function* parts(): AsyncGenerator<Bytes, "said"> {
  for (let index = 0; index < CHUNKS; index += 1) yield Promise.resolve(chunkAt(index));
  return "said";
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
/** Long enough for what must not happen; what must happen is waited for. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !holds(); turns += 1) {
    assert.ok(turns < 5000, `in vain: ${what}`);
    await turn();
  }
}

/** Show a moment, and wait until the player has it. */
async function shows(video: FakeVideo, atS: number, event?: string): Promise<void> {
  video.at(atS, event);
  const { buffer } = FakeSource.last;
  await until(() => buffer.buffered.start() <= atS && atS < buffer.buffered.end(), `${atS} s is there`);
}

function screened(again?: (first: number, past: number) => Bytes[]) {
  const fetched: [number, number][] = [];
  const shelf = new Shelf((first, past) => {
    fetched.push([first, past]);
    return Promise.resolve(
      again ? again(first, past) : Array.from({ length: past - first }, (_, i) => chunkAt(first + i)),
    );
  });
  const stopping = (running = new AbortController());
  const video = new FakeVideo();
  const shown = show(video as unknown as HTMLVideoElement, KIND, shelf, stopping.signal);
  const said = shelf.fill(parts(), stopping.signal);
  return { video, shown, said, fetched, stopping };
}

test("a film is taken in to its end, and said to end there", async () => {
  const { video, said, fetched, stopping } = screened();
  assert.equal(await said, "said");
  await until(() => FakeSource.last.readyState === "ended", "its end");
  const { buffer, lengthAtFirst } = FakeSource.last;
  assert.equal(buffer.appended.length, CHUNKS);
  assert.deepEqual(fetched, []);
  assert.equal(lengthAtFirst, KIND.lengthS, "a film has its length before its first byte");
  assert.equal(video.disableRemotePlayback, true, "and plays nowhere else");
  stopping.abort();
});

test("a film is checked to its end while a player with little room is paused, which then plays it to its end", async () => {
  FakeBuffer.roomS = 4;
  const { video, said, stopping } = screened();
  assert.equal(await said, "said");
  await settled();
  const { buffer } = FakeSource.last;
  assert.ok(buffer.buffered.end() < 6, "paused, it takes in what it has room for");
  for (let atS = 0; atS < SECONDS; atS += 0.5) await shows(video, atS);
  await until(() => FakeSource.last.readyState === "ended", "its end");
  stopping.abort();
});

test("what was let go of is fetched again from the keyframe before it, and played on from there", async () => {
  FakeBuffer.roomS = 4;
  const { video, said, fetched, stopping } = screened();
  await said;
  for (let atS = 0; atS < SECONDS; atS += 0.5) await shows(video, atS);
  assert.deepEqual(fetched, []);
  for (const atS of [0, 12.25, 3.5, 29]) await shows(video, atS, "seeking");
  assert.notDeepEqual(fetched, []);
  stopping.abort();
});

test("a player that lets go of what it shows is served anew", async () => {
  const { video, said, stopping } = screened();
  await said;
  await settled();
  const { buffer } = FakeSource.last;
  buffer.evict(20);
  await shows(video, 7.5, "waiting");
  stopping.abort();
});

test("a player that ran dry and has said so while nobody listened is served all the same", async () => {
  FakeBuffer.roomS = 4;
  const { video, said, stopping } = screened();
  await said;
  await settled();
  const { buffer } = FakeSource.last;
  for (const atS of [20.5, 3.5]) {
    video.currentTime = atS; // and no event
    await until(() => buffer.buffered.start() <= atS && atS < buffer.buffered.end(), `${atS} s is there`);
  }
  stopping.abort();
});

test("what comes again and is not what was checked is not shown", async () => {
  FakeBuffer.roomS = 4;
  const { video, shown, said, stopping } = screened((first, past) =>
    Array.from({ length: past - first }, (_, i) => chunkAt(first + i).map((byte) => byte ^ 1)),
  );
  await said;
  for (let atS = 0; atS < 10; atS += 0.5) await shows(video, atS);
  const before = FakeSource.last.buffer.appended.length;
  video.at(0, "seeking");
  await assert.rejects(shown, Changed);
  assert.equal(FakeSource.last.buffer.appended.length, before);
  stopping.abort();
});

test("a managed source that wants nothing is given the beginning alone, and the check does not wait for it", async () => {
  FakeSource.begins = false;
  const { said, stopping } = screened();
  assert.equal(await said, "said");
  await settled();
  const { buffer } = FakeSource.last;
  assert.deepEqual(buffer.appended, [INIT.length]);
  FakeSource.last.wants(true);
  await until(() => buffer.appended.length === CHUNKS, "all of it");
  stopping.abort();
});

test("a managed source that says nothing after a seek is fed what is to be shown there, and no more", async () => {
  FakeSource.begins = false;
  const { video, said, stopping } = screened();
  await said;
  await settled();
  const { buffer } = FakeSource.last;
  video.at(20.5, "seeking");
  await until(() => buffer.buffered.start() <= 20.5 && 20.5 < buffer.buffered.end(), "it is there");
  const given = buffer.appended.length;
  await settled();
  assert.equal(buffer.appended.length, given);
  stopping.abort();
});

test("a screening that is stopped while a player waits gives no more of the film", async () => {
  FakeSource.begins = false;
  const { shown, said, stopping } = screened();
  await said;
  await settled();
  stopping.abort();
  FakeSource.last.wants(true);
  await shown;
  assert.deepEqual(FakeSource.last.buffer.appended, [INIT.length]);
});
