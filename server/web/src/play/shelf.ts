// A film on its way from its check to its player: a bounded part of it is kept, and the rest is fetched again when it is wanted.
//
// The check goes on to its end whatever the player does, so that nobody has to look to the end to know. What was checked leaves a
// hash behind, and what is fetched again is shown only if it is the same.

import { type Bytes, bytes, equal } from "../format/bytes.ts";
import { Keyframes } from "./keyframes.ts";

/** Eight megabytes: a minute or less of what a door records. */
const KEPT_CHUNKS = 128;
/** One megabyte at a time. */
const AGAIN_CHUNKS = 16;

/** Fetch chunks anew, from one to before another, and open them. */
export type Again = (first: number, past: number) => Promise<readonly Bytes[]>;

/** What was fetched again is not what was checked. */
export class Changed extends Error {
  override readonly name = "Changed";
}

export class Shelf {
  readonly keyframes = new Keyframes();
  readonly #again: Again;
  readonly #kept = new Map<number, Bytes>();
  readonly #hashes: Bytes[] = [];
  #isFull = false;
  #tell: () => void = () => undefined;

  constructor(again: Again) {
    this.#again = again;
  }

  /** Whether all of the film was checked that ever will be. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Take a film in to its end, or until `stopped` fires; returns what it says at its end. */
  async fill<Said>(chunks: AsyncGenerator<Bytes, Said>, stopped: AbortSignal): Promise<Said | null> {
    try {
      for (let next = await chunks.next(); !stopped.aborted; next = await chunks.next()) {
        if (next.done) return next.value;
        if (this.#kept.size < KEPT_CHUNKS) this.#kept.set(this.#hashes.length, next.value);
        this.#hashes.push(await hashOf(next.value));
        this.keyframes.push(next.value);
        this.#tell();
      }
      await chunks.return(null as Said);
      return null;
    } finally {
      this.#isFull = true;
      this.#tell();
    }
  }

  /** One chunk, once it was checked; null behind the last one. Throws Changed, and what fetching again throws. */
  async take(index: number): Promise<Bytes | null> {
    while (index >= this.#hashes.length) {
      if (this.#isFull) return null;
      await new Promise<void>((resolve) => (this.#tell = resolve));
    }
    if (!this.#kept.has(index)) await this.#fetchAgain(index);
    const chunk = this.#kept.get(index) ?? null;
    this.#kept.delete(index);
    return chunk;
  }

  /** Keep nothing: the player goes on at another place. */
  clear(): void {
    this.#kept.clear();
  }

  async #fetchAgain(first: number): Promise<void> {
    let past = first + 1;
    while (past < Math.min(first + AGAIN_CHUNKS, this.#hashes.length) && !this.#kept.has(past)) past += 1;
    const chunks = await this.#again(first, past);
    for (let index = first; index < past; index += 1) {
      const [chunk, hash] = [chunks[index - first], this.#hashes[index]];
      if (!chunk || !hash || !equal(await hashOf(chunk), hash))
        throw new Changed("what came again is not what was checked");
      this.#kept.set(index, chunk);
    }
  }
}

const hashOf = async (chunk: Bytes): Promise<Bytes> =>
  bytes(new Uint8Array(await crypto.subtle.digest("SHA-256", chunk)));
