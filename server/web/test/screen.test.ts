// The player's edge against a managed media source that a test drives: what an iPhone has, and nothing else here.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import type { Bytes } from "../src/format/bytes.ts";
import { show } from "../src/play/screen.ts";

const KIND = { codec: "avc1.42e00a", lengthS: 3 };

class FakeBuffer extends EventTarget {
  appended: number[][] = [];
  appendBuffer(part: Bytes): void {
    this.appended.push([...part]);
    queueMicrotask(() => this.dispatchEvent(new Event("updateend")));
  }
  abort(): void {
    // Nothing is half done here.
  }
}

class FakeSource extends EventTarget {
  static last: FakeSource;
  static isTypeSupported = (): boolean => true;
  streaming = false;
  duration = NaN;
  readyState = "open";
  buffer = new FakeBuffer();
  lengthAtFirst = NaN;
  ended: Promise<void>;
  #end!: () => void;

  constructor() {
    super();
    FakeSource.last = this;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    queueMicrotask(() => this.dispatchEvent(new Event("sourceopen")));
  }
  addSourceBuffer(): FakeBuffer {
    this.lengthAtFirst = this.duration;
    return this.buffer;
  }
  endOfStream(): void {
    this.readyState = "ended";
    this.#end();
  }
  wants(more: boolean): void {
    this.streaming = more;
    this.dispatchEvent(new Event(more ? "startstreaming" : "endstreaming"));
  }
}

const world = globalThis as { ManagedMediaSource?: unknown };
const urlOf = URL.createObjectURL.bind(URL);
beforeEach(() => {
  world.ManagedMediaSource = FakeSource;
  URL.createObjectURL = () => "blob:film";
});
afterEach(() => {
  delete world.ManagedMediaSource;
  URL.createObjectURL = urlOf;
});

async function* parts(...numbers: number[]): AsyncGenerator<Bytes, "said"> {
  for (const number of numbers) yield Promise.resolve(new Uint8Array([number]));
  return "said";
}

const screened = (chunks: AsyncGenerator<Bytes, "said">, stopped = new AbortController().signal) => {
  const video = new EventTarget() as HTMLVideoElement;
  return { video, verdict: show(video, KIND, chunks, stopped) };
};

test("a managed source that wants nothing is given the beginning alone, and the verdict does not wait for it", async () => {
  const { verdict } = screened(parts(1, 2, 3));
  assert.equal(await verdict, "said");
  const source = FakeSource.last;
  assert.deepEqual(source.buffer.appended, [[1]]);
  source.wants(true);
  await source.ended;
  assert.deepEqual(source.buffer.appended, [[1], [2, 3]], "what waited is joined into one");
});

test("a film has its length before its first byte, and plays nowhere else", async () => {
  const { video, verdict } = screened(parts(1));
  await verdict;
  assert.equal(FakeSource.last.lengthAtFirst, 3);
  assert.equal(video.disableRemotePlayback, true);
});

test("while a source wants film it gets each part as it comes", async () => {
  async function* two(): AsyncGenerator<Bytes, "said"> {
    FakeSource.last.wants(true);
    yield* parts(1, 2);
    return "said";
  }
  const { verdict } = screened(two());
  assert.equal(await verdict, "said");
  await FakeSource.last.ended;
  assert.deepEqual(FakeSource.last.buffer.appended, [[1], [2]]);
});

test("a screening that is stopped while film waits gives no more of it", async () => {
  const stopping = new AbortController();
  const { verdict } = screened(parts(1, 2), stopping.signal);
  await verdict;
  stopping.abort();
  FakeSource.last.wants(true);
  await Promise.resolve();
  assert.deepEqual(FakeSource.last.buffer.appended, [[1]]);
});
