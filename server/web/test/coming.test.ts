// A clip on its way to the page: over a server that breaks off, and while the door still writes it.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { coming } from "../src/door/coming.ts";
import { HandedOut } from "../src/door/handed_out.ts";
import { Refused } from "../src/door/session.ts";
import { Unreachable } from "../src/format/unreachable.ts";

const fetchOf = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetchOf;
  mock.timers.reset();
});

/** A door whose clip has `there` bytes by now; `answers` are what the next requests get instead. */
class Door {
  there = 0;
  whole: number | null = null;
  asked = 0;
  late: boolean[] = [];
  readonly ranges: string[] = [];
  answers: (() => Response)[] = [];
  refusal: Error | null = null;
  readonly stopping = new AbortController();

  constructor() {
    mock.timers.enable({ apis: ["setTimeout"] });
    globalThis.fetch = (_, { headers } = {}) => {
      const range = new Headers(headers).get("Range") ?? "";
      this.ranges.push(range);
      const answer = this.answers.shift();
      return new Promise((resolve) => {
        resolve(answer ? answer() : this.#answer(range));
      });
    };
  }

  #answer(range: string): Response {
    const from = Number(/\d+/.exec(range)?.[0] ?? 0);
    assert.ok(from < this.there, "what is not there is not asked for: browsers would call it an error");
    return new Response(this.bytes(from, this.there), { status: range === "" ? 200 : 206 });
  }

  bytes(from: number, until: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(until - from).map((_, i) => from + i);
  }

  /** Read until the clip has ended; `patience` is called whenever the page waits. */
  async read(patience: () => void): Promise<number[]> {
    const { signal: stopped } = this.stopping;
    const ask = (): Promise<{ ticket: string; bytes: number }> => {
      this.asked += 1;
      if (this.refusal) return Promise.reject(this.refusal);
      return Promise.resolve({ ticket: `t${this.asked}`, bytes: this.there });
    };
    const handed = await HandedOut.ask(ask, stopped);
    const course = { whole: () => this.whole, isLate: (late: boolean) => this.late.push(late), stopped };
    const got: number[] = [];
    const reading = (async () => {
      for await (const part of coming(handed, course)) got.push(...part);
    })();
    // Whatever can go on has gone on before somebody is patient.
    const settled = (): Promise<boolean> =>
      Promise.race([
        reading.then(
          () => true,
          () => true,
        ),
        new Promise<boolean>((resolve) => setImmediate(() => setImmediate(resolve, false))),
      ]);
    while (!(await settled())) {
      patience();
      mock.timers.tick(5_000);
    }
    await reading;
    return got;
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test("a clip that grows comes as it grows, each byte once, and ends where its statement says", async () => {
  const door = new Door();
  door.there = 10;
  const steps = [15, 15, 40];
  const got = await door.read(() => {
    const next = steps.shift();
    if (next === undefined) door.whole = 40;
    else door.there = next;
  });
  assert.deepEqual(got, upTo(40));
  assert.equal(door.asked, 1, "one look, one line");
  assert.ok(door.late.every((late) => !late));
});

test("what breaks off is fetched on from there, and told meanwhile", async () => {
  const door = new Door();
  [door.there, door.whole] = [30, 30];
  const broken = (): Response => {
    let sent = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent) controller.error(new TypeError("reset"));
        else controller.enqueue(door.bytes(0, 7));
        sent = true;
      },
    });
    return new Response(body, { status: 200 });
  };
  const gone = (): Response => {
    throw new TypeError("no network");
  };
  door.answers = [broken, gone, gone];
  assert.deepEqual(await door.read(() => undefined), upTo(30));
  assert.deepEqual(door.ranges, ["", "bytes=6-", "bytes=6-", "bytes=6-"]);
  assert.equal(door.late.at(-1), false);
  assert.ok(door.late.includes(true));
});

test("a clip that has fewer bytes than its statement says ends there, once the door itself has said so", async () => {
  const door = new Door();
  [door.there, door.whole] = [20, 30];
  assert.deepEqual(await door.read(() => undefined), upTo(20));
  assert.equal(door.asked, 2);
});

test("a clip that gave way meanwhile is told by the door's own word", async () => {
  const door = new Door();
  door.there = 10;
  const reading = door.read(() => {
    door.refusal = new Refused("no_such_clip", "it gave way", true);
    door.answers = [() => new Response(null, { status: 410 })];
  });
  await assert.rejects(reading, Refused);
});

test("whoever stops is not waited for", async () => {
  const door = new Door();
  door.there = 10;
  const reading = door.read(() => {
    door.stopping.abort();
    door.answers = [
      () => {
        throw new DOMException("aborted", "AbortError");
      },
    ];
  });
  await assert.rejects(reading, Unreachable);
});
