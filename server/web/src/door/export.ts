// One recording to keep outside the household: the plain film, and the proof that it is what the door sealed.
//
// Source: docs/FORMAT.md, "Proof".

import type { Identity } from "age-encryption";

import { type Bytes } from "../format/bytes.ts";
import { encode } from "../format/json.ts";
import { type Expected, type Verdict, film, openerOf } from "../play/genuine.ts";

export interface Kept {
  /** The MP4, as it was before it was sealed; null unless all of it is what the door recorded. */
  readonly film: Blob | null;
  readonly verdict: Verdict;
}

/** The whole film, if it is genuine from the first byte to the last. */
export async function wholeFilm(
  sealed: AsyncIterable<Uint8Array>,
  identity: Identity,
  expected: Expected,
): Promise<Kept> {
  const chunks: Bytes[] = [];
  const opening = film(sealed, openerOf(identity, expected), expected);
  for (;;) {
    const next = await opening.next();
    if (next.done === true) {
      const verdict = next.value;
      return { film: verdict.kind === "verified" ? new Blob(chunks, { type: "video/mp4" }) : null, verdict };
    }
    chunks.push(next.value);
  }
}

/** What goes beside the film. `signed` is the door's statement. */
export const proofOf = (device: Bytes, signed: Bytes): Bytes =>
  encode({ form: "doorward/v1/proof", device, statement: signed });
