// SFrame: seals and opens small things under a key which both sides already hold.
//
//     frame = header (key id, counter) || AES-GCM(key, salt XOR counter, plaintext, header || metadata)
//
// Suite 5 (AES-256-GCM, SHA-512) alone; nothing else is ever written by a door.
//
// Source: RFC 9605, sections 4.3 to 4.5.

import { gcm } from "@noble/ciphers/aes.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { type Bytes, EMPTY, bigEndian64, bytes, concat, utf8 } from "../format/bytes.ts";
import { SealBroken } from "./errors.ts";

const SUITE = Uint8Array.of(0, 5);
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

export interface FrameHeader {
  readonly kid: bigint;
  readonly counter: bigint;
  readonly size: number;
}

export interface FrameKey {
  readonly kid: bigint;
  readonly key: Bytes;
  readonly salt: Bytes;
}

export function frameKey(kid: bigint, base: Uint8Array): FrameKey {
  const secret = extract(sha512, base, EMPTY);
  const derive = (label: string, size: number) =>
    bytes(expand(sha512, secret, concat(utf8(label), bigEndian64(kid), SUITE), size));
  return {
    kid,
    key: derive("SFrame 1.0 Secret key ", KEY_BYTES),
    salt: derive("SFrame 1.0 Secret salt ", NONCE_BYTES),
  };
}

/** A sealed frame. The counter must never have been used with this key. */
export function sealFrame(key: FrameKey, counter: bigint, plaintext: Uint8Array, metadata: Uint8Array = EMPTY): Bytes {
  const [kid, count] = [numbered(key.kid), numbered(counter)];
  const header = concat(Uint8Array.of((kid.bits << 4) | count.bits), kid.digits, count.digits);
  return concat(header, bytes(gcm(key.key, nonce(key.salt, counter), concat(header, metadata)).encrypt(plaintext)));
}

/** The header at the start of a frame. Throws SealBroken. */
export function frameHeader(frame: Uint8Array): FrameHeader {
  const config = frame[0];
  if (config === undefined) throw new SealBroken("the frame is empty");
  const kid = readNumber(frame, config >> 4, 1);
  const counter = readNumber(frame, config & 15, kid.end);
  return { kid: kid.value, counter: counter.value, size: counter.end };
}

/** The plaintext of a frame. Throws SealBroken if frame or metadata is not what was sealed under `key`. */
export function openFrame(key: FrameKey, frame: Uint8Array, metadata: Uint8Array = EMPTY): Bytes {
  const header = frameHeader(frame);
  if (header.kid !== key.kid)
    throw new SealBroken(`the frame is sealed under key ${header.kid.toString()}, not ${key.kid.toString()}`);
  const covered = concat(frame.subarray(0, header.size), metadata);
  try {
    return bytes(gcm(key.key, nonce(key.salt, header.counter), covered).decrypt(frame.subarray(header.size)));
  } catch (error) {
    throw new SealBroken("the frame was changed, or it belongs elsewhere", { cause: error });
  }
}

function nonce(salt: Bytes, counter: bigint): Bytes {
  const mask = concat(new Uint8Array(NONCE_BYTES - 8), bigEndian64(counter));
  return mask.map((byte, i) => byte ^ (salt[i] ?? 0));
}

/** A number below 8 stands in its three bits; a larger one follows, in as few bytes as it needs. */
function numbered(number: bigint): { bits: number; digits: Bytes } {
  if (number < 8n) return { bits: Number(number), digits: EMPTY };
  const digits = bigEndian64(number);
  const first = digits.findIndex((digit) => digit !== 0);
  return { bits: 8 | (7 - first), digits: digits.slice(first) };
}

function readNumber(frame: Uint8Array, bits: number, start: number): { value: bigint; end: number } {
  if (bits < 8) return { value: BigInt(bits), end: start };
  const digits = frame.subarray(start, start + (bits & 7) + 1);
  if (digits.length < (bits & 7) + 1) throw new SealBroken("the frame ends within its header");
  const value = digits.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  // A second form of one number would let a frame be changed without its meaning.
  if (value < 8n || digits[0] === 0) throw new SealBroken("the frame has a number with more bytes than it needs");
  return { value, end: start + digits.length };
}
