// The body of a response, part by part.

import { Unreachable } from "../format/unreachable.ts";

/** The recording ended before its end: the connection broke, or the recording gave way while it was being fetched. */
export class CutShort extends Unreachable {}

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
  try {
    return await reader.read();
  } catch (error) {
    throw new CutShort("the rest of the recording did not come", { cause: error });
  }
}
