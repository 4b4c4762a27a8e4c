// Epoch keys: one age file a key, opened when the first frame under it is met.
//
// Source: docs/FORMAT.md, "Epoch".

import type { Identity } from "age-encryption";

import { type Bytes, equal } from "../format/bytes.ts";
import { blob, count, object, parse } from "../format/json.ts";
import { NotForUs, SealBroken } from "./errors.ts";
import { type FrameKey, frameHeader, frameKey, openFrame } from "./sframe.ts";
import { openWhole } from "./stream.ts";

const epochKey = object({ epoch: count(1), key: blob(32) });

/** A key as it travels, and as it opens frames. */
export interface EpochKey {
  readonly base: Bytes;
  readonly frame: FrameKey;
}

export class Epochs {
  readonly #identity: Identity | string;
  readonly #files = new Map<number, Bytes>();
  readonly #keys = new Map<number, Promise<EpochKey | null>>();
  readonly #given = new Map<number, EpochKey[]>();

  constructor(identity: Identity | string, files: Iterable<readonly [number, Bytes]> = []) {
    this.#identity = identity;
    for (const [epoch, file] of files) this.add(epoch, file);
  }

  /** Learn an epoch file whose hash is in the ledger. */
  add(epoch: number, file: Bytes): void {
    this.#files.set(epoch, file);
    this.#keys.delete(epoch);
  }

  /** Learn a key that somebody gave: a claim, which counts where it opens something. */
  addGiven(epoch: number, key: Bytes): void {
    const known = this.#given.get(epoch) ?? [];
    if (!known.some(({ base }) => equal(base, key)))
      this.#given.set(epoch, [...known, { base: key, frame: frameKey(BigInt(epoch), key) }]);
  }

  /** Whether somebody gave a key of this epoch. */
  isGiven(epoch: number): boolean {
    return this.#given.has(epoch);
  }

  /** What others gave as the keys of an epoch: claims, for giving on as such. */
  givenOf(epoch: number): readonly Bytes[] {
    return (this.#given.get(epoch) ?? []).map(({ base }) => base);
  }

  has(epoch: number): boolean {
    return this.#files.has(epoch);
  }

  /** The plaintext of a frame, or null if it is sealed under a key that we were not given. Throws SealBroken. */
  async open(frame: Bytes, metadata: Bytes): Promise<Bytes | null> {
    const epoch = Number(frameHeader(frame).kid);
    const key = await this.key(epoch);
    if (key !== null) return openFrame(key.frame, frame, metadata);
    for (const given of this.#given.get(epoch) ?? [])
      try {
        return openFrame(given.frame, frame, metadata);
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error;
      }
    return null;
  }

  /** The key of an epoch that is sealed to us, or null. */
  key(epoch: number): Promise<EpochKey | null> {
    const known = this.#keys.get(epoch);
    if (known !== undefined) return known;
    const file = this.#files.get(epoch);
    if (file === undefined) return Promise.resolve(null);
    const opening = this.#openFile(epoch, file);
    this.#keys.set(epoch, opening);
    return opening;
  }

  async #openFile(epoch: number, file: Bytes): Promise<EpochKey | null> {
    try {
      const claim = parse(await openWhole(file, this.#identity), epochKey, "epoch");
      if (claim.epoch !== epoch) throw new SealBroken(`the file of epoch ${epoch} holds the key of ${claim.epoch}`);
      return { base: claim.key, frame: frameKey(BigInt(epoch), claim.key) };
    } catch (error) {
      if (error instanceof NotForUs) return null;
      throw error;
    }
  }
}
