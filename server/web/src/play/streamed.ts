// The body of a response, part by part.

import { Unreachable } from "../format/unreachable.ts";

/** The recording ended before its end: the connection broke, or the recording gave way while it was being fetched. */
export class CutShort extends Unreachable {}

/** A body of which nothing comes for so long will not come: its connection may be half open, and nobody would ever say so. */
export const SILENT_MS = 12_000;

/** The parts of a body, without the async iterator that Safari lacks. */
export async function* streamed({ body }: Response): AsyncGenerator<Uint8Array, void> {
  if (body === null) throw new Unreachable("the recording is empty");
  const reader = body.getReader();
  try {
    for (let next = await part(reader); !next.done; next = await part(reader)) yield next.value;
  } finally {
    // Whoever stops early does not want the rest.
    reader.cancel().catch(() => undefined);
  }
}

async function part(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("nothing came"));
    }, SILENT_MS);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } catch (error) {
    throw new CutShort("the rest of the recording did not come", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
