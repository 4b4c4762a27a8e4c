// Opens an age file as it comes in: bytes in, whole authenticated chunks out.
//
// A chunk leaves as soon as its last byte is here, so a clip plays while it downloads and a file that was cut (a power cut, still
// recording) gives all it has. The caller judges header and nonce before the first chunk leaves: they fix the key of every
// chunk, which is what the ledger's "clip begun" line binds.
//
//     push* → chunks …          end → "complete" (the marked last chunk was seen) or "cut"
//
// Source: c2sp.org/age, "Payload".

import type { Identity } from "age-encryption";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, EMPTY, bytes, concat, sha256 as digest, utf8 } from "../format/bytes.ts";
import { SealBroken } from "./errors.ts";
import { type Keyring, MAX_HEADER_BYTES, fileKey, headerEnd, stanzaCount } from "./header.ts";

const TAG_BYTES = 16;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 * 1024 + TAG_BYTES;
/** Plaintext bytes of every chunk but the last. */
export const PLAIN_BYTES = CHUNK_BYTES - TAG_BYTES;

/** What is known before the first chunk. */
export interface Beginning {
  /** SHA-256 of header and payload nonce. */
  readonly headerSha256: Bytes;
  readonly stanzas: number;
}

/** Throws to refuse the file before anything of it was opened. */
export type Judge = (beginning: Beginning) => void;

export class Opener {
  readonly #keyring: Keyring;
  readonly #judge: Judge;
  readonly #hash = sha256.create();
  #head: Bytes = EMPTY;
  #key: Bytes | null = null;
  #buffer = new Uint8Array(CHUNK_BYTES);
  #filled = 0;
  #index = 0;
  #start = 0;
  #finished = false;

  constructor(identity: Identity | string, judge: Judge = () => undefined, given: readonly Bytes[] = []) {
    this.#keyring = { identity, given };
    this.#judge = judge;
  }

  /** How many ciphertext bytes were taken in. */
  get size(): number {
    return this.#size;
  }
  #size = 0;

  /** Whether the header gave its key. */
  get isOpen(): boolean {
    return this.#key !== null;
  }

  /** Where chunks lie in the sealed file: from the first byte of one to before the first of another. Throws before the header is open. */
  where(first: number, past: number): { readonly from: number; readonly until: number } {
    if (this.#start === 0) throw new Error("no chunk before the header");
    const [from, until] = [first, past].map((index) => this.#start + index * CHUNK_BYTES) as [number, number];
    return { from, until: Math.min(until, this.#size) };
  }

  /** Chunks that lie one behind another, fetched once more. Throws SealBroken. */
  again(first: number, sealed: Bytes): Bytes[] {
    const chunks: Bytes[] = [];
    for (let at = 0, index = first; at < sealed.length; at += CHUNK_BYTES, index += 1) {
      const part = sealed.subarray(at, at + CHUNK_BYTES);
      const chunk = openChunk(this.#key, index, false, part) ?? openChunk(this.#key, index, true, part);
      if (chunk === null) throw new SealBroken(`chunk ${index} was changed`);
      chunks.push(chunk);
    }
    return chunks;
  }

  /** The chunks that `data` completes. Throws SealBroken; what left before stays good. */
  async *push(data: Uint8Array): AsyncGenerator<Bytes, void> {
    this.#hash.update(data);
    this.#size += data.length;
    let rest = data;
    if (this.#key === null) {
      this.#head = concat(this.#head, data);
      const begun = await this.#begin();
      if (begun === null) return;
      rest = begun;
    }
    while (rest.length > 0) {
      if (this.#finished) throw new SealBroken("bytes follow the last chunk");
      const taken = rest.subarray(0, CHUNK_BYTES - this.#filled);
      this.#buffer.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#filled === CHUNK_BYTES) yield this.#take();
    }
  }

  /** The last chunk, if it is still to come, and how the file ended. Throws SealBroken. */
  end(): { readonly chunk: Bytes | null; readonly ending: "complete" | "cut"; readonly ciphertextSha256: Bytes } {
    const ciphertextSha256 = bytes(this.#hash.digest());
    if (this.#key === null || this.#finished)
      return { chunk: null, ending: this.#finished ? "complete" : "cut", ciphertextSha256 };
    const chunk = this.#open(true);
    if (chunk === null) return { chunk, ending: "cut", ciphertextSha256 };
    if (chunk.length === 0 && this.#index > 0) throw new SealBroken("the last chunk is empty");
    return { chunk, ending: "complete", ciphertextSha256 };
  }

  async #begin(): Promise<Uint8Array | null> {
    const end = headerEnd(this.#head);
    if (end === null || this.#head.length < end + NONCE_BYTES) {
      if (this.#head.length > MAX_HEADER_BYTES) throw new SealBroken("the header is too long");
      return null;
    }
    const header = this.#head.slice(0, end);
    const nonce = this.#head.slice(end, end + NONCE_BYTES);
    this.#judge({ headerSha256: digest(concat(header, nonce)), stanzas: stanzaCount(header) });
    this.#key = bytes(hkdf(sha256, await fileKey(header, this.#keyring), nonce, utf8("payload"), 32));
    this.#start = end + NONCE_BYTES;
    return this.#head.subarray(this.#start);
  }

  /** The full buffer as a chunk. A full chunk may be the marked last one: what does not open as one must open as the other. */
  #take(): Bytes {
    let chunk = this.#open(false);
    if (chunk === null) {
      chunk = this.#open(true);
      this.#finished = true;
    }
    if (chunk === null) throw new SealBroken(`chunk ${this.#index} was changed`);
    this.#index += 1;
    this.#filled = 0;
    return chunk;
  }

  #open(last: boolean): Bytes | null {
    return openChunk(this.#key, this.#index, last, this.#buffer.subarray(0, this.#filled));
  }
}

/** A chunk's plaintext; null if it is not this one. */
function openChunk(key: Bytes | null, index: number, last: boolean, sealed: Uint8Array): Bytes | null {
  if (key === null) throw new Error("no chunk before the header");
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = last ? 1 : 0;
  try {
    return bytes(chacha20poly1305(key, nonce).decrypt(sealed));
  } catch {
    // A tag that does not fit has one meaning, and only the caller knows whether another nonce is left to try.
    return null;
  }
}

/** Plaintext of a whole age file. Throws NotForUs or SealBroken; a cut file is broken here. */
export async function openWhole(data: Uint8Array, identity: Identity | string): Promise<Bytes> {
  const opener = new Opener(identity);
  const chunks: Bytes[] = [];
  for await (const chunk of opener.push(data)) chunks.push(chunk);
  const { chunk, ending } = opener.end();
  if (ending === "cut") throw new SealBroken("the file was cut short");
  return concat(...chunks, chunk ?? EMPTY);
}
