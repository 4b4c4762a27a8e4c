// Which 32 bytes are an Ed25519 key here: the one encoding of a point of the prime-order group.
//
// Of points of low order some verifiers take one constant signature for every message, others none, and of points that carry such a
// part along some take what others refuse. So nothing of that kind becomes a reader's, an invite's, a card's or a door's key, and
// what is left every verifier judges alike.
//
// Source: RFC 8032, sections 5.1.3 and 5.1.7.

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, toBase64 } from "../format/bytes.ts";
import { TrustError } from "./errors.ts";

const HALF = 32;
const { Point } = ed25519;
const P = Point.Fp.ORDER;
const BELOW_SIGN = (1n << 255n) - 1n;
const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y of every point whose order divides eight, also where it is written as y + p. */
const LOW_ORDER = new Set([0n, 1n, P - 1n, P, P + 1n, ORDER_8, P - ORDER_8]);
const known = new Map<string, boolean>();

/** Throws TrustError, with words that continue "entry 7 …", unless a public key may become somebody's. */
export function checkKey(encoded: Bytes): void {
  const name = toBase64(encoded);
  const good = known.get(name) ?? isKey(encoded);
  known.set(name, good);
  if (!good) throw new TrustError("brings a key that is none");
}

function isKey(encoded: Bytes): boolean {
  try {
    const point = Point.fromBytes(encoded);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** Whether bytes stand, in whatever encoding, for a point whose order divides eight. */
export const hasLowOrder = (encoded: Bytes): boolean => LOW_ORDER.has(number(encoded) & BELOW_SIGN);

/** Whether a signature is of the one form that every verifier takes: its scalar below the group's order, its point not of low order. */
export const isWellFormed = (signature: Bytes): boolean =>
  signature.length === 2 * HALF &&
  number(signature.subarray(HALF)) < Point.Fn.ORDER &&
  !hasLowOrder(signature.subarray(0, HALF));

const number = (littleEndian: Bytes): bigint =>
  littleEndian.reduceRight<bigint>((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
