// Masks: polygons whose pixels never exist, and the digest that stands for a list of them.
//
// Source: docs/FORMAT.md, "Settings".

import { type Bytes, bytes, equal, sha256 } from "./bytes.ts";
import { type Parsed, list, number, pair } from "./json.ts";

const FINE = 65_535;

const share = number(0, 1);
/** A corner of a polygon, as shares of the picture. */
export const corner = pair(share, share);
export const masks = list(list(corner));
export type Masks = Parsed<typeof masks>;

/** Whether a list of masks, if there is one, is what a digest stands for. */
export function masksFit(told: Masks | null, digest: Bytes | null): boolean {
  if (told === null) return true;
  if (told.length === 0 || digest === null) return told.length === 0 && digest === null;
  return equal(sha256(canonical(told)), digest);
}

/** The list as bytes. No share in a statement lies half way between two 65,535ths, so nobody asks which way it is rounded. */
function canonical(told: Masks): Bytes {
  const words = [told.length, ...told.flatMap((polygon) => [polygon.length, ...polygon.flat().map(fine)])];
  const out = new Uint8Array(2 * words.length);
  const view = new DataView(out.buffer);
  for (const [i, word] of words.entries()) view.setUint16(2 * i, word);
  return bytes(out);
}

const fine = (value: number): number => Math.round(value * FINE);
