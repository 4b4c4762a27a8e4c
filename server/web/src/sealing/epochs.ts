// Epoch keys: one age file a key, opened when the first frame under it is met.
//
// Source: docs/FORMAT.md, "Epoch".

import type { Identity } from "age-encryption";

import type { Bytes } from "../format/bytes.ts";
import { blob, count, object, parse } from "../format/json.ts";
import { NotForUs, SealBroken } from "./errors.ts";
import { type FrameKey, frameHeader, frameKey, openFrame } from "./sframe.ts";
import { openWhole } from "./stream.ts";

const epochKey = object({ epoch: count(1), key: blob(32) });

export class Epochs {
  readonly #identity: Identity | string;
  readonly #files = new Map<number, Bytes>();
  readonly #keys = new Map<number, Promise<FrameKey | null>>();

  constructor(identity: Identity | string, files: Iterable<readonly [number, Bytes]> = []) {
    this.#identity = identity;
    for (const [epoch, file] of files) this.add(epoch, file);
  }

  /** Learn an epoch file whose hash is in the ledger. */
  add(epoch: number, file: Bytes): void {
    this.#files.set(epoch, file);
    this.#keys.delete(epoch);
  }

  has(epoch: number): boolean {
    return this.#files.has(epoch);
  }

  /** The plaintext of a frame, or null if it is sealed under a key from before we joined. Throws SealBroken. */
  async open(frame: Bytes, metadata: Bytes): Promise<Bytes | null> {
    const key = await this.#key(Number(frameHeader(frame).kid));
    return key === null ? null : openFrame(key, frame, metadata);
  }

  #key(epoch: number): Promise<FrameKey | null> {
    const known = this.#keys.get(epoch);
    if (known !== undefined) return known;
    const file = this.#files.get(epoch);
    if (file === undefined) return Promise.resolve(null);
    const opening = this.#openFile(epoch, file);
    this.#keys.set(epoch, opening);
    return opening;
  }

  async #openFile(epoch: number, file: Bytes): Promise<FrameKey | null> {
    try {
      const claim = parse(await openWhole(file, this.#identity), epochKey, "epoch");
      if (claim.epoch !== epoch) throw new SealBroken(`the file of epoch ${epoch} holds the key of ${claim.epoch}`);
      return frameKey(BigInt(epoch), claim.key);
    } catch (error) {
      if (error instanceof NotForUs) return null;
      throw error;
    }
  }
}
