// What the door hands out, fetched in parts: from a server that a test drives.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { HandedOut } from "../src/door/handed_out.ts";
import { Unreachable } from "../src/format/unreachable.ts";

const fetchOf = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetchOf;
});

/** A server of 100 bytes that knows some tickets; `answer` changes what it says. */
function serve(known: Set<string>, answer: (response: Response) => Response = (response) => response): string[] {
  const asked: string[] = [];
  globalThis.fetch = (input, { headers } = {}) => {
    const url = input as string;
    const { Range: range } = { Range: "", ...(headers as Record<string, string>) };
    asked.push(`${url} ${range}`.trim());
    if (!known.has(url.slice("/sealed/".length))) return Promise.resolve(new Response(null, { status: 404 }));
    const [from, last] = range.match(/\d+/g)?.map(Number) ?? [0, 99];
    const body = new Uint8Array(100).map((_, i) => i).slice(from, (last ?? 99) + 1);
    return Promise.resolve(answer(new Response(body, { status: range ? 206 : 200 })));
  };
  return asked;
}

function handed(): Promise<HandedOut> {
  let number = 0;
  return HandedOut.ask(() => Promise.resolve({ ticket: `t${++number}`, bytes: 100 }), new AbortController().signal);
}

test("a part comes by its range, with the ticket that there is", async () => {
  const asked = serve(new Set(["t1"]));
  const part = await (await handed()).part({ from: 10, until: 13 });
  assert.deepEqual([...part], [10, 11, 12]);
  assert.deepEqual(asked, ["/sealed/t1", "/sealed/t1 bytes=10-12"]);
});

test("a ticket that lapsed is asked for anew, once", async () => {
  const known = new Set(["t1"]);
  const asked = serve(known);
  const film = await handed();
  known.clear();
  known.add("t2");
  assert.deepEqual([...(await film.part({ from: 0, until: 2 }))], [0, 1]);
  assert.deepEqual(asked.slice(1), ["/sealed/t1 bytes=0-1", "/sealed/t2 bytes=0-1"]);
  known.clear();
  await assert.rejects(film.part({ from: 0, until: 2 }), Unreachable);
  assert.equal(asked.length, 5);
});

test("another part than was asked for is none", async () => {
  const known = new Set(["t1"]);
  serve(known, (response) => new Response(response.body, { status: 200 }));
  await assert.rejects((await handed()).part({ from: 0, until: 100 }), Unreachable, "the whole is no part");
  serve(known, () => new Response(new Uint8Array(5), { status: 206 }));
  await assert.rejects((await handed()).part({ from: 10, until: 13 }), Unreachable, "five bytes for three");
});
