// Whether anything can be sealed to a recipient: tried, not judged, as the door tries it.
//
// A text may be well formed and its key still one that nothing can be wrapped for. The door leaves such a member out of what it
// seals and says so; this page finds by itself who that is, or the door's word could leave out anybody.
//
// Source: c2sp.org/age "mlkem768x25519" and "mlkem768p256tag"; FIPS 203, 7.2; RFC 7748, 6.1; SEC 1.

import { x25519 } from "@noble/curves/ed25519.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { bech32 } from "@scure/base";

import { bytes } from "../format/bytes.ts";
import { isPoint } from "./tagged.ts";

const MLKEM_BYTES = 1184;
/** What comes before the 32-byte seed of the matrix: 768 coefficients of 12 bits. */
const MLKEM_VECTOR_BYTES = 1152;
const MLKEM_Q = 3329;
const X25519_BYTES = 32;
/** Any share: a key of low order makes zeros of every one. */
const SHARE = new Uint8Array(X25519_BYTES).fill(9);

const known = new Map<string, boolean>();

export function isFit(recipient: string): boolean {
  const told = known.get(recipient) ?? tried(recipient);
  known.set(recipient, told);
  return told;
}

function tried(recipient: string): boolean {
  try {
    const { prefix, words } = bech32.decode(recipient as `${string}1${string}`, false);
    const key = bytes(bech32.fromWords(words));
    if (!inRange(key.subarray(0, MLKEM_VECTOR_BYTES))) return false;
    ml_kem768.encapsulate(key.slice(0, MLKEM_BYTES));
    const half = key.slice(MLKEM_BYTES);
    if (prefix === "age1tagpq") return isPoint(half);
    if (prefix !== "age1pq" || half.length !== X25519_BYTES) return false;
    x25519.getSharedSecret(SHARE, half);
    return true;
  } catch {
    return false;
  }
}

/** Whether each coefficient is below q. Noble's own check lets any pass. */
function inRange(vector: Uint8Array): boolean {
  for (let at = 0; at < vector.length; at += 3) {
    const three = (vector[at] ?? 0) | ((vector[at + 1] ?? 0) << 8) | ((vector[at + 2] ?? 0) << 16);
    if ((three & 0xfff) >= MLKEM_Q || three >> 12 >= MLKEM_Q) return false;
  }
  return true;
}
