// Bytes and the few ways in which doorward writes them as text.

import { sha256 as digest } from "@noble/hashes/sha2.js";
import { base64 } from "@scure/base";

/** Bytes in memory of their own: what WebCrypto, IndexedDB and Blob accept. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes from a library that types its results loosely; none of ours hands out shared memory. */
export const bytes = (view: Uint8Array): Bytes => view as Bytes;

export const EMPTY: Bytes = new Uint8Array(0);

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** The text of UTF-8 bytes. Throws TypeError for anything else. */
export const text = (data: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);

export const toBase64 = (data: Uint8Array): string => base64.encode(data);

/** Bytes of standard base64 with padding. Throws Error for every other form. */
export const fromBase64 = (letters: string): Bytes => bytes(base64.decode(letters));

export const sha256 = (data: Uint8Array): Bytes => bytes(digest(data));

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether two public values are equal; not for secrets, it stops at the first difference. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** A number as 8 bytes, big endian. */
export function bigEndian64(value: bigint): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out;
}
