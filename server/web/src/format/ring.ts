// Somebody rings: what the door says of it at that moment, signed, within a seal that is always as long.
//
// Source: docs/FORMAT.md, "Ring".

import { type Bytes, utf8 } from "./bytes.ts";
import { FormatError, type Parsed, blob, count, moment, nullable, object } from "./json.ts";

export const RING_METADATA = utf8("doorward/v1/ring\n");
const SIZE_BYTES = 21_504;

export const ringPayload = object({ door: blob(32), seq: nullable(count()), at_utc: moment, picture: blob() });
export type RingPayload = Parsed<typeof ringPayload>;

/** The signed ring that a plaintext carries. Throws FormatError. */
export function signedRing(plaintext: Bytes): Bytes {
  if (plaintext.length !== SIZE_BYTES) throw new FormatError("ring: padded to another length");
  let end = plaintext.length;
  while (plaintext[end - 1] === 0x20) end -= 1;
  return plaintext.subarray(0, end);
}
