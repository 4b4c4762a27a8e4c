// Whether a film is sealed to exactly the household of its first line.
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import { type Bytes, EMPTY, equal } from "../format/bytes.ts";
import type { SealedTo } from "../trust/roster.ts";

/** Why it is not, as far as its header's stanzas tell; empty if it is. `leftOut` is whom the door says that it had to leave out. */
export function doubtOfKeys(stanzas: number, leftOut: readonly Bytes[], known: SealedTo): string {
  // The door's word for it is not enough: whom it left out nobody can seal to.
  if (!sameKeys(leftOut, known.leftOut))
    return "it leaves out members of the household to whom it could have been sealed";
  return stanzas === known.count ? "" : `it is sealed to ${stanzas} keys, when the household had ${known.count}`;
}

const sameKeys = (a: readonly Bytes[], b: readonly Bytes[]): boolean =>
  a.length === b.length && a.every((key, i) => equal(key, b[i] ?? EMPTY));
