// The body of a response: whole, left early, or cut while it comes.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { CutShort, SILENT_MS, streamed } from "../src/play/streamed.ts";

/** A body of these parts; at its end it breaks, or ends. */
function body(parts: number, breaks: boolean): Response {
  let sent = 0;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (sent < parts) controller.enqueue(new Uint8Array([sent++]));
        else if (breaks) controller.error(new TypeError("network error"));
        else controller.close();
      },
    }),
  );
}

async function read(response: Response): Promise<number[]> {
  const got: number[] = [];
  for await (const part of streamed(response)) got.push(...part);
  return got;
}

test("a body comes part by part", async () => {
  assert.deepEqual(await read(body(3, false)), [0, 1, 2]);
});

test("a recording that gives way while it is fetched is cut short, and no fault of the browser's", async () => {
  for (const parts of [0, 2]) await assert.rejects(read(body(parts, true)), CutShort);
});

test("a body of which nothing comes is given up: its connection may be half open, and nobody would ever say so", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const reading = read(new Response(new ReadableStream()));
    await new Promise(setImmediate);
    mock.timers.tick(SILENT_MS);
    await assert.rejects(reading, CutShort);
  } finally {
    mock.timers.reset();
  }
});
