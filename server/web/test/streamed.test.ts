// The body of a response: whole, left early, or cut while it comes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CutShort, streamed } from "../src/play/streamed.ts";

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
