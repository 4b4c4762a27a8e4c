// The body of a response, part by part.

import { Unreachable } from "../door/channel.ts";

/** The parts of a body, without the async iterator that Safari lacks. */
export async function* streamed({ body }: Response): AsyncGenerator<Uint8Array, void> {
  if (body === null) throw new Unreachable("the recording is empty");
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Whoever stops early does not want the rest.
    reader.cancel().catch(() => undefined);
  }
}
